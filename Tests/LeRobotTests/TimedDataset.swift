import Foundation
import LeRobot
import Testing

/// Datasets of one camera whose frame k is grey, the lighter the later, with times as they are asked for.
struct TimedDataset: Sendable {
  static let camera = "observation.images.cam"
  var version = DatasetVersion.v30
  /// The data's frames a second, as meta/info.json says.
  var fps = 10.0
  var lengths = [12, 12]
  /// When row i of an episode was recorded; i / fps where it is nil.
  var time: (@Sendable (_ episode: Int, _ row: Int) -> Double)?
  /// The videos' frames a second.
  var videoRate = 10.0
  /// Frames of each video: of an episode's in v2.1, of the only one in v3.0.
  var frames = 24
  /// Seconds into the video where each episode of v3.0 begins; one after the other where it is nil.
  var starts: [Double]?
  /// The display matrix of the videos (`setMatrix`).
  var matrix: [Int32]?

  func write(to folder: Folder) throws -> Dataset {
    let root = folder.path
    func file(_ path: String, _ text: String) throws {
      let url = folder.url(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    let isNew = version == .v30
    try file("meta/info.json", info)
    if isNew {
      // pandas takes the task as the index, as LeRobot writes it.
      try ParquetWriter.write(
        "\(root)/meta/tasks.parquet",
        columns: [("task_index", .int64([0])), ("task", .string(["push"]))],
        metadata: [("pandas", pandas)])
      try parquet("\(root)/meta/episodes/chunk-000/file-000.parquet", episodes)
      try parquet("\(root)/data/chunk-000/file-000.parquet", rows(lengths.indices))
      try video("\(root)/videos/\(Self.camera)/chunk-000/file-000.mp4")
    } else {
      try file("meta/tasks.jsonl", #"{"task_index": 0, "task": "push"}"# + "\n")
      try file(
        "meta/episodes.jsonl",
        lengths.enumerated().map {
          #"{"episode_index": \#($0), "tasks": ["push"], "length": \#($1)}"# + "\n"
        }.joined())
      for episode in lengths.indices {
        try parquet(
          "\(root)/data/chunk-000/episode_00000\(episode).parquet", rows(episode..<episode + 1))
        try video("\(root)/videos/chunk-000/\(Self.camera)/episode_00000\(episode).mp4")
      }
    }
    return try Dataset(folder: root)
  }

  private var pandas: String {
    func column(_ name: String, _ type: String, _ stored: String) -> String {
      #"{"name": "\#(name)", "field_name": "\#(name)", "pandas_type": "\#(type)", "numpy_type": "\#(stored)", "metadata": null}"#
    }
    let columns = [column("task_index", "int64", "int64"), column("task", "unicode", "object")]
    return
      #"{"index_columns": ["task"], "column_indexes": [], "columns": [\#(columns.joined(separator: ", "))], "pandas_version": "2.3.3"}"#
  }

  private var info: String {
    let isNew = version == .v30
    func feature(_ name: String, _ dtype: String, _ width: Int = 1) -> String {
      #""\#(name)": {"dtype": "\#(dtype)", "shape": [\#(width)], "names": null}"#
    }
    let whole = ["frame_index", "episode_index", "index", "task_index"].map { feature($0, "int64") }
    let features =
      [feature("action", "float32", 2), feature("timestamp", "float32")] + whole + [
        #""\#(Self.camera)": {"dtype": "video", "shape": [16, 32, 3], "names": ["height", "width", "channels"]}"#
      ]
    return """
      {"codebase_version": "\(version.rawValue)", "robot_type": "test", "fps": \(Int(fps)),
      "total_episodes": \(lengths.count), "total_frames": \(lengths.reduce(0, +)), "total_tasks": 1,
      \(isNew ? "" : "\"total_videos\": \(lengths.count), \"total_chunks\": 1,")
      "chunks_size": 1000, "splits": {"train": "0:\(lengths.count)"},
      "data_path": "\(version.dataPath)", "video_path": "\(version.videoPath)",
      "features": {\(features.joined(separator: ", "))}}
      """
  }

  private func rows(_ some: Range<Int>) -> ParquetWriter.Columns {
    let places = some.flatMap { episode in (0..<lengths[episode]).map { (episode, $0) } }
    let first = lengths[..<some.lowerBound].reduce(0, +)
    return [
      (
        "action",
        .list(
          .float32(places.flatMap { [Float($0.0), Float($0.1)] }), lengths: places.map { _ in 2 })
      ),
      ("timestamp", .float32(places.map { Float(time?($0.0, $0.1) ?? Double($0.1) / fps) })),
      ("frame_index", .int64(places.map(\.1))), ("episode_index", .int64(places.map(\.0))),
      ("index", .int64(places.indices.map { first + $0 })),
      ("task_index", .int64(places.map { _ in 0 })),
    ]
  }

  private var episodes: ParquetWriter.Columns {
    let firsts = lengths.indices.map { lengths[..<$0].reduce(0, +) }
    let starts = starts ?? firsts.map { Double($0) / fps }
    let zeros = ParquetColumn.int64(lengths.map { _ in 0 })
    return [
      ("episode_index", .int64(Array(lengths.indices))),
      ("tasks", .list(.string(lengths.map { _ in "push" }), lengths: lengths.map { _ in 1 })),
      ("length", .int64(lengths)), ("data/chunk_index", zeros), ("data/file_index", zeros),
      ("dataset_from_index", .int64(firsts)),
      ("dataset_to_index", .int64(zip(firsts, lengths).map { $0 + $1 })),
      ("videos/\(Self.camera)/chunk_index", zeros), ("videos/\(Self.camera)/file_index", zeros),
      ("videos/\(Self.camera)/from_timestamp", .float64(starts)),
      (
        "videos/\(Self.camera)/to_timestamp",
        .float64(zip(starts, lengths).map { $0 + Double($1) / fps })
      ),
      ("meta/episodes/chunk_index", zeros), ("meta/episodes/file_index", zeros),
    ]
  }

  private func parquet(_ path: String, _ columns: ParquetWriter.Columns) throws {
    let writer = ParquetWriter(path)
    try writer.write(columns)
    try writer.finish()
  }

  func video(_ path: String) throws {
    try FileManager.default.createDirectory(
      at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    let encoder = try VideoEncoder(
      path: path, width: 32, height: 16, fps: videoRate,
      encoding: VideoEncoding(codec: .h264, crf: 10, keyFrameInterval: 4, threads: 1))
    for frame in 0..<frames {
      try encoder.append(Array(repeating: UInt8(10 + 5 * frame), count: 32 * 16 * 3))
    }
    _ = try encoder.finish()
    if let matrix { try Self.setMatrix(path, matrix) }
  }

  /// Writes a display matrix, of whole numbers, into the track's header of an MP4 file.
  static func setMatrix(_ path: String, _ matrix: [Int32]) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let name = Array("tkhd".utf8)
    let start = try #require(
      bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == name })
    let fields = start + 4 + (bytes[start + 4] == 0 ? 24 : 36) + 16
    let words = [
      matrix[0] << 16, matrix[1] << 16, 0, matrix[2] << 16, matrix[3] << 16, 0, 0, 0, 1 << 30,
    ]
    for (i, word) in words.enumerated() {
      for byte in 0..<4 {
        bytes[fields + 4 * i + byte] = UInt8(truncatingIfNeeded: word >> (24 - 8 * byte))
      }
    }
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Which of the video's frames a picture is.
  static func frame(_ pixels: some Collection<UInt8>) -> Int {
    Int(((Double(pixels.reduce(0) { $0 + Int($1) }) / Double(pixels.count) - 10) / 5).rounded())
  }

  /// The frame of every row, read one by one.
  static func frames(_ dataset: Dataset) throws -> [Int] {
    try (0..<dataset.frameCount).map { frame(try dataset.image(at: $0, camera: camera).pixels) }
  }
}
