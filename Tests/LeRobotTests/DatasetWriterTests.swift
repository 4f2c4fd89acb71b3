import Foundation
import LeRobot
import Platform
import Testing

/// A folder of its own, removed afterwards; kept below WRITTEN_DATASETS when that is set, to try
/// what was written on LeRobot itself.
func withFolder<R>(_ name: String, _ body: (Folder) throws -> R) throws -> R {
  let kept = ProcessInfo.processInfo.environment["WRITTEN_DATASETS"]
  let root = kept.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
  let url = root.appending(path: kept == nil ? "\(name)-\(UUID().uuidString)" : name)
  try? FileManager.default.removeItem(at: url)
  defer { if kept == nil { try? FileManager.default.removeItem(at: url) } }
  return try body(Folder(url: url))
}

/// A recording of two cameras, vectors, an array, a flag, whole numbers and text whose values are
/// known from the episode and the frame.
struct Sketch {
  static let features: [RecordedFeature] = [
    .vector("observation.state", names: ["x", "y"]), .vector("action", count: 3),
    .number("next.reward"), .flag("next.done"), .number("counter", dtype: "int64"),
    .text("note"), RecordedFeature("grid", dtype: "float32", shape: [2, 3]),
    .video("observation.images.front", width: 32, height: 16),
    .image("observation.images.wrist", width: 8, height: 6),
  ]

  static func frame(_ episode: Int, _ i: Int, of length: Int) -> NameDictionary<FrameValue> {
    [
      "observation.state": .numbers([Double(episode), Double(i) / 4]),
      "action": .numbers([Double(i), -Double(i), 0.1]),
      "next.reward": .number(i == length - 1 ? 1 : 0), "next.done": .flag(i == length - 1),
      "counter": .number(Double(1000 * episode + i)), "note": .text("é \(i)"),
      "grid": .numbers((0..<6).map { Double(10 * i + $0) }),
      "observation.images.front": .pixels(front(episode, i)),
      "observation.images.wrist": .pixels(wrist(episode, i)),
    ]
  }

  /// Grey that grows with the frame, so that the codec loses little.
  static func front(_ episode: Int, _ i: Int) -> [UInt8] {
    Array(repeating: UInt8(40 + 50 * episode + 4 * i), count: 32 * 16 * 3)
  }

  static func wrist(_ episode: Int, _ i: Int) -> [UInt8] {
    (0..<8 * 6 * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + episode * 31 + i) }
  }

  static let lengths = [5, 7, 4]
  static let tasks = ["Push the block", "Pull the block", "Push the block"]

  static func record(_ writer: DatasetWriter, _ episodes: Range<Int>) throws {
    for episode in episodes {
      let length = lengths[episode]
      for i in 0..<length {
        try writer.add(frame(episode, i, of: length), task: i == 0 ? "Look" : nil)
      }
      try writer.endEpisode(
        task: tasks[episode], type: episode == 1 ? .correction : .demo,
        success: episode == 2 ? nil : episode == 0, extras: ["operator": "ann"])
    }
  }

  static func writer(_ folder: Folder, _ version: DatasetVersion) throws -> DatasetWriter {
    try DatasetWriter(
      folder: folder.path, version: version, fps: 10, robotType: "sketch", features: features,
      episodeKeys: ["operator"])
  }

  /// Compares a dataset with what was recorded.
  static func check(_ folder: Folder, episodes count: Int) throws {
    let dataset = try Dataset(folder: folder.path)
    #expect(dataset.episodes.count == count)
    #expect(dataset.frameCount == lengths[..<count].reduce(0, +))
    var index = 0
    for (position, episode) in dataset.episodes.enumerated() {
      #expect(episode.length == lengths[position])
      #expect(episode.tasks == (position == 1 ? ["Look", tasks[1]] : ["Look", tasks[0]]))
      #expect(episode.type == (position == 1 ? .correction : .demo))
      #expect(episode.success == (position == 2 ? nil : position == 0))
      for i in 0..<episode.length {
        let sample = try dataset.sample(at: index, cameras: [])
        #expect(sample["index"] == .integer(index))
        #expect(sample["frame_index"] == .integer(i))
        #expect(sample["episode_index"] == .integer(position))
        #expect(sample["timestamp"] == .number(Double("\(Float(i) / 10)")!))
        #expect(sample["task"] == .string(i == 0 ? "Look" : tasks[position]))
        #expect(
          sample["observation.state"]
            == .array([.integer(position), .number(Double(i) / 4)]))
        #expect(sample["action"] == .array([.integer(i), .integer(-i), .number(0.1)]))
        #expect(sample["next.done"] == .bool(i == episode.length - 1))
        #expect(sample["counter"] == .integer(1000 * position + i))
        #expect(sample["note"] == .string("é \(i)"))
        #expect(
          sample["grid"]
            == .array([
              .array((0..<3).map { .integer(10 * i + $0) }),
              .array((3..<6).map { .integer(10 * i + $0) }),
            ]))
        let seen = try dataset.image(at: index, camera: "observation.images.wrist")
        #expect(seen == Image(width: 8, height: 6, pixels: wrist(position, i)))
        let front = try dataset.image(at: index, camera: "observation.images.front")
        let wanted = Sketch.front(position, i)
        let worst = zip(front.pixels, wanted).map { abs(Int($0) - Int($1)) }.max()
        #expect(worst! <= 6, "frame \(i) of episode \(position)")
        index += 1
      }
    }
  }
}

@Suite struct DatasetWriterTests {
  @Test(arguments: DatasetVersion.allCases)
  func whatIsRecordedIsReadBack(version: DatasetVersion) throws {
    try withFolder("recorded-\(version)") { folder in
      let writer = try Sketch.writer(folder, version)
      try Sketch.record(writer, 0..<3)
      #expect(writer.episodeCount == 3 && writer.frameCount == 16)
      try writer.finish()
      try Sketch.check(folder, episodes: 3)
      #expect(writer.remarks.isEmpty)
      let files = FileManager.default.enumerator(atPath: folder.path)!.compactMap { $0 as? String }
        .filter { folder.isFile($0) }
      #expect(files.count == (version == .v21 ? 10 : 6), "\(files)")
      #expect(!files.contains { $0.hasSuffix(".partial") })
    }
  }

  /// What is on disk after every episode, and in the middle of one, is a dataset of the episodes
  /// that had ended.
  @Test(arguments: DatasetVersion.allCases)
  func everyFinishedEpisodeIsThereAtOnce(version: DatasetVersion) throws {
    try withFolder("unfinished-\(version)") { folder in
      let writer = try Sketch.writer(folder, version)
      for episode in 0..<3 {
        try Sketch.record(writer, episode..<episode + 1)
        try writer.add(Sketch.frame(0, 0, of: 5))
        try withCopy(of: folder.url) { try Sketch.check($0, episodes: episode + 1) }
        writer.discardEpisode()
      }
    }
  }

  @Test(arguments: DatasetVersion.allCases)
  func recordingGoesOnAfterACrash(version: DatasetVersion) throws {
    try withFolder("resumed-\(version)") { folder in
      do {
        let writer = try Sketch.writer(folder, version)
        try Sketch.record(writer, 0..<1)
        try writer.add(Sketch.frame(1, 0, of: 7))
      }  // dropped without finish
      do {
        let writer = try DatasetWriter(appendingTo: folder.path, episodeKeys: ["operator"])
        #expect(writer.episodeCount == 1 && writer.frameCount == 5)
        try Sketch.record(writer, 1..<2)
      }
      let writer = try DatasetWriter(appendingTo: folder.path, episodeKeys: ["operator"])
      try Sketch.record(writer, 2..<3)
      try writer.finish()
      try Sketch.check(folder, episodes: 3)
    }
  }

  /// Rows that were written when their recorder died before it could name them.
  @Test(arguments: DatasetVersion.allCases)
  func rowsWithoutMetadataAreNoEpisode(version: DatasetVersion) throws {
    try withFolder("orphan-\(version)") { folder in
      try Sketch.record(Sketch.writer(folder, version), 0..<1)
      let (rows, orphan) =
        version == .v21
        ? ("data/chunk-000/episode_000000.parquet", "data/chunk-000/episode_000001.parquet")
        : ("data/chunk-000/file-000.parquet", "data/chunk-000/file-001.parquet")
      try FileManager.default.copyItem(at: folder.url(rows), to: folder.url(orphan))
      try Sketch.check(folder, episodes: 1)
      let writer = try DatasetWriter(appendingTo: folder.path, episodeKeys: ["operator"])
      if version == .v21 { #expect(!folder.isFile(orphan)) }
      try Sketch.record(writer, 1..<2)
      try writer.finish()
      try Sketch.check(folder, episodes: 2)
    }
  }

  /// The first episode was named when its recorder died before it could count it.
  @Test(arguments: DatasetVersion.allCases)
  func anEpisodeThatIsNotCountedIsKept(version: DatasetVersion) throws {
    try withFolder("uncounted-\(version)") { folder in
      let writer = try Sketch.writer(folder, version)
      let before = try Data(contentsOf: folder.url("meta/info.json"))
      try Sketch.record(writer, 0..<1)
      try before.write(to: folder.url("meta/info.json"))
      let next = try DatasetWriter(appendingTo: folder.path, episodeKeys: ["operator"])
      #expect(next.episodeCount == 1)
      try Sketch.record(next, 1..<2)
      try Sketch.check(folder, episodes: 2)
    }
  }

  /// Datasets that LeRobot wrote get an episode more; those that were there stay as they are.
  @Test(arguments: ["pusht", "pusht_v30_images", "pusht_v30_av1"])
  func recordingGoesOnWithWhatLeRobotWrote(_ name: String) throws {
    let url = name == "pusht" ? pusht : fixtures.appending(path: name)
    try withFolder("appended-\(name)") { folder in
      try FileManager.default.copyItem(at: url, to: folder.url)
      let before = try Dataset(folder: folder.path)
      let last = try before.sample(at: 321, cameras: before.cameras)
      let writer = try DatasetWriter(appendingTo: folder.path)
      for i in 0..<3 {
        var frame: NameDictionary<FrameValue> = [:]
        for feature in writer.features {
          switch feature.dtype {
          case "image", "video":
            frame[feature.key] = .pixels(Array(repeating: UInt8(10 * i), count: feature.width))
          case "string": frame[feature.key] = .text("policy")
          default: frame[feature.key] = .numbers(Array(repeating: 1, count: feature.width))
          }
        }
        try writer.add(frame)
      }
      try writer.endEpisode(task: "Something new", type: .autonomous, success: true)
      try writer.finish()
      let after = try Dataset(folder: folder.path)
      #expect(after.episodes.count == 9 && after.frameCount == 325)
      #expect(after.episodes[..<8].map(\.tasks) == before.episodes[..<8].map(\.tasks))
      #expect(after.episodes[..<8].map(\.success) == before.episodes[..<8].map(\.success))
      #expect(try after.sample(at: 321, cameras: after.cameras) == last)
      let new = try after.sample(at: 324, cameras: [])
      #expect(new["task"] == .string("Something new") && new["index"] == .integer(324))
      #expect(new["action"] == .array([.integer(1), .integer(1)]))
      #expect(try after.image(at: 324, camera: "observation.image").pixels[0] <= 22)
      #expect(try after.statistics(for: "action").count == 325)
    }
  }

  @Test func statisticsOfV21() throws {
    try withFolder("statistics-v21") { folder in
      let writer = try Sketch.writer(folder, .v21)
      try Sketch.record(writer, 0..<1)
      let line = try JSON(path: folder.url("meta/episodes_stats.jsonl").path)
      let stats = line["stats"]!
      #expect(
        stats["action"]?["min"] == .array([.integer(0), .integer(-4), .number(Double(Float(0.1)))]))
      #expect(stats["action"]?["mean"]?.text().hasPrefix("[2.0, -2.0, ") == true)
      #expect(stats["action"]?["count"] == .array([.integer(5)]))
      #expect(stats["next.done"]?["min"] == .array([.bool(false)]))
      #expect(stats["next.done"]?["mean"] == .array([.number(0.2)]))
      #expect(stats["counter"]?["max"]?.text() == "[4]")
      #expect(stats["grid"]?["mean"]?.text() == "[[20.0, 21.0, 22.0], [23.0, 24.0, 25.0]]")
      #expect(stats["note"] == nil)
      // Frames of grey 40, 44, 48, 52 and 56.
      let front = stats["observation.images.front"]!
      #expect(
        front["mean"]?.text()
          == JSON.array(Array(repeating: .array([.array([.number(48.0 / 255)])]), count: 3)).text())
      #expect(front["q50"] == nil)
    }
  }

  @Test func framesThatAreWrongAreRefused() throws {
    try withFolder("wrong") { folder in
      let writer = try Sketch.writer(folder, .v30)
      var frame = Sketch.frame(0, 0, of: 5)
      frame["action"] = .numbers([1])
      frame["next.reward"] = .number(.nan)
      frame["counter"] = .number(0.5)
      frame["note"] = nil
      frame["new"] = .number(1)
      frame["observation.images.front"] = .pixels([1, 2, 3])
      #expect(
        message { try writer.add(frame) }
          == "\(folder.path): frame 0: 'action' has 1 numbers, 3 are wanted; 'next.reward' has nan, which float32 cannot hold; 'counter' has 0.5, which int64 cannot hold; 'note' is missing; 'observation.images.front' has 3 bytes, 1536 of 32×16 RGB are wanted; 'new' is not among the features"
      )
      #expect(writer.pendingFrameCount == 0)
      #expect(
        message { try writer.endEpisode() }
          == "\(folder.path): an episode without frames cannot be written")
    }
    #expect(
      message {
        _ = try DatasetWriter(
          folder: "/nowhere/x", fps: 0,
          features: [.number("a/b"), .number("index"), .flag("a"), .flag("a")])
      }
        == "/nowhere/x: 'a/b' is no name of a feature: '/' is not allowed in it; 'index' is written by itself and cannot be recorded; 'a' is there twice; fps is 0.0, a positive number is wanted"
    )
  }

  @Test func aFolderThatIsNotEmptyIsRefused() throws {
    try withCopy(of: pusht) { folder in
      #expect(
        message {
          _ = try DatasetWriter(folder: folder.path, fps: 10, features: [.number("a")])
        }.contains("is not empty"))
    }
  }
}
