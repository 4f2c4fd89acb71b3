import Foundation
import LeRobot
import Testing

/// Each fault gives one line that names the file, the key and what was wanted.
@Suite struct BadDatasetTests {
  /// The message of reading everything of a copy of Push-T that `damage` was done to.
  func problem(
    columns: ColumnSelection = ColumnSelection(), camera: String = "observation.image",
    _ damage: (Folder) throws -> Void
  ) throws -> String {
    try withCopy(of: pusht) { folder in
      try damage(folder)
      let text = message {
        let dataset = try Dataset(folder: folder.path)
        for episode in dataset.episodes.prefix(4) {
          _ = try dataset.read(episode, columns: columns)
        }
        let stream = FrameStream(
          dataset,
          sources: dataset.episodes.prefix(4).map { FrameSource(episode: $0, camera: camera) },
          threads: 2)
        while try stream.next() != nil {}
      }
      #expect(!text.contains("\n"))
      return text.replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  let rows = "data/chunk-000/episode_000002.parquet"
  let video = "videos/chunk-000/observation.image/episode_000002.mp4"

  @Test func missingFolderOrMetadata() throws {
    #expect(message { _ = try Dataset(folder: "/nowhere") } == "/nowhere: there is no such folder")
    #expect(
      message { _ = try Dataset(folder: fixtures.path) }
        == "\(fixtures.path): is not a LeRobot dataset: it has no meta/info.json")
    #expect(
      try problem { try $0.remove("meta/episodes.jsonl") }
        == "meta/episodes.jsonl: there is no such file")
  }

  @Test func missingRowsOrVideo() throws {
    #expect(
      try problem { try $0.remove(rows) }
        == "\(rows): there is no such file (the rows of episode 2)")
    #expect(
      try problem { try $0.remove(video) }
        == "\(video): there is no such file (camera 'observation.image' of episode 2)")
  }

  @Test(arguments: [0.0, 0.1, 0.5, 0.99])
  func truncatedRows(fraction: Double) throws {
    let text = try problem { try $0.truncate(rows, to: fraction) }
    #expect(text.hasPrefix("\(rows): is not a complete Parquet file: "))
  }

  @Test(arguments: [0.0, 0.1, 0.4, 0.7, 0.95])
  func truncatedVideo(fraction: Double) throws {
    let text = try problem { try $0.truncate(video, to: fraction) }
    #expect(text.hasPrefix("\(video): "))
  }

  @Test func rowsThatAreNotAsManyAsTheMetadataSays() throws {
    let text = try problem {
      try $0.edit("meta/episodes.jsonl") { $0.replacingOccurrences(of: "47", with: "48") }
    }
    #expect(
      text
        == "data/chunk-000/episode_000003.parquet: holds 47 rows, but meta/episodes.jsonl says length 48 for episode 3"
    )
  }

  @Test func framesThatAreFewerThanRows() throws {
    let name = "videos/chunk-000/observation.image/episode_000003.mp4"
    let text = try problem {
      try $0.remove(name)
      try $0.move(video, to: name)
      try FileManager.default.copyItem(at: $0.url(name), to: $0.url(video))
    }
    #expect(
      text == "\(name): camera 'observation.image' has 36 frames, but episode 3 has length 47")
  }

  @Test func wrongWidthAndMissingColumns() throws {
    #expect(
      try problem(columns: ColumnSelection(actionWidth: 7)) { _ in }
        == "data/chunk-000/episode_000000.parquet: column 'action' has 2 values a row, model.action_dim is 7"
    )
    #expect(
      try problem(columns: ColumnSelection(state: "observation.velocity")) { _ in }.hasPrefix(
        "data/chunk-000/episode_000000.parquet: has no column 'observation.velocity'; its columns are observation.state, action, next.reward"
      ))
  }

  @Test func cameraThatIsNotThere() throws {
    #expect(
      try problem(camera: "observation.images.main") { _ in }
        == "meta/info.json: has no camera 'observation.images.main'; its cameras are observation.image"
    )
  }

  @Test func metadataThatIsWrong() throws {
    func edited(_ file: String, _ old: String, _ new: String) throws -> String {
      try problem { try $0.edit(file) { $0.replacingOccurrences(of: old, with: new) } }
    }
    #expect(
      try edited("meta/info.json", "\"fps\": 10,", "\"fps\": \"ten\",")
        == "meta/info.json: key 'fps' is \"ten\", a positive number is wanted")
    for fps in ["1e-308", "1e300", "1000000"] {
      #expect(
        try edited("meta/info.json", "\"fps\": 10,", "\"fps\": \(fps),").hasSuffix(
          ", a number from 0.001 to below 1000000 is wanted"), "\(fps)")
    }
    for fps in ["0", "-1", "NaN", "null", "\"30\""] {
      #expect(
        try edited("meta/info.json", "\"fps\": 10,", "\"fps\": \(fps),").hasSuffix(
          ", a positive number is wanted"), "\(fps)")
    }
    for size in ["0", "-1", "9223372036854775807", "2147483648", "\"x\""] {
      #expect(
        try edited("meta/info.json", "\"chunks_size\": 1000", "\"chunks_size\": \(size)")
          == "meta/info.json: key 'chunks_size' is \(size), a positive whole number is wanted")
    }
    #expect(
      try edited(
        "meta/info.json", "\"fps\": 10,",
        "\"fps\": 10, \"video_files_size_in_mb\": 4611686018427387904,")
        == "meta/info.json: key 'video_files_size_in_mb' is 4611686018427387904, a positive whole number "
        + "is wanted")
    #expect(
      try edited("meta/info.json", "v2.1", "v4.0")
        == "meta/info.json: codebase_version is v4.0, v2.0, v2.1 or v3.0 is wanted"
    )
    #expect(
      try edited("meta/info.json", "\"features\"", "features").hasPrefix(
        "meta/info.json: is not valid JSON: a key wanted at byte "))
    #expect(
      try edited("meta/episodes.jsonl", "\"correction\"", "\"corection\"")
        == "meta/episodes.jsonl:6: key 'episode_type' is \"corection\", demo, correction or autonomous is wanted"
    )
    #expect(
      try edited("meta/episodes.jsonl", "\"episode_index\": 3", "\"episode_index\": 2")
        == "meta/episodes.jsonl:4: episode_index 2 was at meta/episodes.jsonl:3 already")
    #expect(
      try edited("meta/episodes.jsonl", "\"length\": 47", "\"length\": -1")
        == "meta/episodes.jsonl:4: key 'length' is -1, a positive whole number of frames is wanted")
    #expect(
      try edited("meta/tasks.jsonl", "\"task_index\": 1", "\"task_index\": \"1\"")
        == "meta/tasks.jsonl:2: keys 'task_index' (a whole number) and 'task' (a text) are wanted")
  }

  /// A billion frames that the metadata declares and no file has take no memory, where labels are.
  @Test func aBillionDeclaredFrames() throws {
    try withCopy(of: pusht) { folder in
      try ParquetWriter.write(
        folder.path + "/" + LabelSidecar.path,
        columns: [
          ("episode_index", .int64([3])), ("frame_index", .int64([0])), ("value", .float32([1])),
        ])
      #expect(try LabelSidecar.read(Dataset(folder: folder.path)) != nil)
      try folder.edit("meta/episodes.jsonl") {
        $0.replacingOccurrences(of: "\"length\": 36", with: "\"length\": 2000000000")
      }
      let dataset = try Dataset(folder: folder.path)
      #expect(dataset.frameCount > 10_000_000_000)
      let text = message { _ = try LabelSidecar.read(dataset) }
      #expect(
        text.hasSuffix(
          "holds 36 rows, but meta/episodes.jsonl says length 2000000000 for episode 0"), "\(text)")
    }
  }

  /// Shapes and counts in the metadata that are not those of the rows.
  @Test func statisticsOfAnotherShape() throws {
    let statistics = FeatureStatistics(rows: [1, 2, 3, 4], width: 2)
    for shape in [[3], [2, 2], [1_000_000_000], [0], [1 << 20, 1 << 20, 1 << 20, 1 << 20]] {
      #expect(
        statistics.json(shape: shape, dtype: "float32").members?["mean"]?.elements?
          .compactMap(\.asDouble) == [2, 3], "\(shape)")
    }
    #expect(
      statistics.json(shape: [2, 1], dtype: "float32").members?["mean"]?.elements?.first?.elements?
        .first?.asDouble == 2)
    // Counts that would overflow when they are added up are not believed.
    try withCopy(of: pusht) { folder in
      try folder.edit("meta/episodes_stats.jsonl") {
        $0.replacing(/"count": \[[0-9]+\]/, with: "\"count\": [9223372036854774784]")
      }
      let dataset = try Dataset(folder: folder.path)
      _ = try dataset.statistics(for: "action")
      #expect(throws: DatasetError.self) { try dataset.statistics(for: "observation.image") }
    }
  }
}
