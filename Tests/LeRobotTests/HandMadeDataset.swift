import Foundation
import LeRobot

/// Datasets of rows alone, sound but for what a test changes: two episodes of 4 and 3 rows at 10 a second.
///
/// `action` is [e + t / 10, -t] in row t of episode e.
struct HandMadeDataset {
  var version = DatasetVersion.v30
  let lengths = [4, 3]
  /// What meta/info.json declares beside the format's own and `action`, as JSON.
  var features: [String] = []
  /// Columns beside those, of as many rows as are asked for.
  var columns: [(name: String, values: (Int) -> ParquetColumn)] = []
  /// The members of meta/stats.json; no file where it is nil.
  var statistics: String?
  /// meta/episodes_stats.jsonl of v2.1; no file where it is nil.
  var episodeStatistics: String?
  /// Columns of meta/episodes of v3.0 beside the format's own.
  var episodeColumns: ParquetWriter.Columns = []
  /// The index of each task, and whether pandas takes the text as its index.
  var taskIndices = [0, 1]
  var isTextAnIndex = true
  var firstFrames = [0, 4]

  /// The statistics of `action` in all rows, to be spoilt.
  static let action =
    #""action": {"min": [0, -3], "max": [1.2, 0], "mean": [0.5571428571428572, -1.2857142857142858], "std": [0.48064582, 1.0301575], "count": [7], "q50": [0.4, -1]}"#

  static func feature(_ name: String, _ dtype: String, _ shape: String = "[1]") -> String {
    #""\#(name)": {"dtype": "\#(dtype)", "shape": \#(shape), "names": null}"#
  }

  /// Writes it, and returns its folder.
  func write(to folder: Folder) throws -> String {
    let root = folder.path
    func file(_ path: String, _ text: String) throws {
      let url = folder.url(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    func parquet(
      _ path: String, _ columns: ParquetWriter.Columns, _ metadata: [(String, String)] = []
    ) throws {
      let url = folder.url(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try ParquetWriter.write(url.path, columns: columns, metadata: metadata)
    }
    try file("meta/info.json", info)
    if let statistics { try file("meta/stats.json", "{\(statistics)}") }
    if version == .v30 {
      try parquet(
        "meta/tasks.parquet",
        [("task_index", .int64(taskIndices)), ("task", .string(["push", "pull"]))],
        isTextAnIndex ? [("pandas", #"{"index_columns": ["task"]}"#)] : [])
      try parquet("meta/episodes/chunk-000/file-000.parquet", episodes)
      try parquet("data/chunk-000/file-000.parquet", rows(0..<2))
    } else {
      try file(
        "meta/tasks.jsonl",
        zip(taskIndices, ["push", "pull"]).map {
          #"{"task_index": \#($0), "task": "\#($1)"}"# + "\n"
        }.joined())
      try file(
        "meta/episodes.jsonl",
        lengths.enumerated().map {
          #"{"episode_index": \#($0), "tasks": ["push"], "length": \#($1)}"# + "\n"
        }.joined())
      if let episodeStatistics { try file("meta/episodes_stats.jsonl", episodeStatistics) }
      for episode in 0..<2 {
        try parquet("data/chunk-000/episode_00000\(episode).parquet", rows(episode..<episode + 1))
      }
    }
    return root
  }

  private var info: String {
    let whole = ["frame_index", "episode_index", "index", "task_index"].map {
      Self.feature($0, "int64")
    }
    let all =
      [Self.feature("action", "float32", "[2]"), Self.feature("timestamp", "float32")] + whole
      + features
    return """
      {"codebase_version": "\(version.rawValue)", "robot_type": "test", "fps": 10,
      "total_episodes": 2, "total_frames": 7, "total_tasks": 2, "chunks_size": 1000,
      "splits": {"train": "0:2"}, "data_path": "\(version.dataPath)", "video_path": null,
      "features": {\(all.joined(separator: ", "))}}
      """
  }

  private func rows(_ some: Range<Int>) -> ParquetWriter.Columns {
    let places = some.flatMap { episode in (0..<lengths[episode]).map { (episode, $0) } }
    let first = some.lowerBound == 0 ? 0 : lengths[0]
    let own: ParquetWriter.Columns = [
      (
        "action",
        .list(
          .float32(places.flatMap { [Float(Double($0.0) + Double($0.1) / 10), -Float($0.1)] }),
          lengths: places.map { _ in 2 })
      ),
      ("timestamp", .float32(places.map { Float(Double($0.1) / 10) })),
      ("frame_index", .int64(places.map(\.1))), ("episode_index", .int64(places.map(\.0))),
      ("index", .int64(places.indices.map { first + $0 })),
      ("task_index", .int64(places.map { _ in 0 })),
    ]
    return own + columns.map { ($0.name, $0.values(places.count)) }
  }

  private var episodes: ParquetWriter.Columns {
    let zeros = ParquetColumn.int64([0, 0])
    return [
      ("episode_index", .int64([0, 1])),
      ("tasks", .list(.string(["push", "push"]), lengths: [1, 1])), ("length", .int64(lengths)),
      ("data/chunk_index", zeros), ("data/file_index", zeros),
      ("dataset_from_index", .int64(firstFrames)), ("dataset_to_index", .int64([4, 7])),
      ("meta/episodes/chunk_index", zeros), ("meta/episodes/file_index", zeros),
    ] + episodeColumns
  }
}
