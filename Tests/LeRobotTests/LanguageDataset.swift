import Foundation
import LeRobot

/// Datasets of v3.0 with any messages, in any row groups. State and action are an episode and a frame.
struct LanguageDataset {
  struct Message {
    var role = "user"
    var style: String?
    var content: String?
    var timestamp: Float?
  }

  var lengths = [5, 4, 6]
  /// What info.json says; the rows' times are those of 10 a second.
  var fps = 10.0
  /// Rows of each group of the one data file; all in one where it is nil.
  var groups: [Int]?
  /// Messages of a frame; nil for no such column.
  var persistent: ((_ episode: Int, _ frame: Int) -> [Message])?
  var events: ((_ episode: Int, _ frame: Int) -> [Message])?
  /// Whether the column of events holds texts, which LeRobot does not read.
  var eventsAreTexts = false

  func write(to folder: Folder) throws -> Dataset {
    let writer = try DatasetWriter(
      folder: folder.path, version: .v30, fps: 10,
      features: ["observation.state", "action"].map { .vector($0, names: ["x", "y"]) })
    for (episode, length) in lengths.enumerated() {
      for frame in 0..<length {
        let values = FrameValue.floats([Float(episode), Float(frame)])
        try writer.add(["observation.state": values, "action": values])
      }
      try writer.endEpisode(task: "wipe")
    }
    try writer.finish()
    let file = "data/chunk-000/file-000.parquet"
    try folder.remove(file)
    let data = ParquetWriter(folder.url(file).path)
    let frames = lengths.enumerated().flatMap { episode, length in
      (0..<length).map { (episode, $0) }
    }
    var next = 0
    for count in groups ?? [frames.count] {
      try data.write(columns(Array(frames[next..<next + count]), from: next), inNewGroup: true)
      next += count
    }
    try data.finish()
    try folder.edit("meta/info.json") { text in
      var info = try! JSON(Array(text.utf8), file: "info").object!
      var features = info["features"]!.object!
      for (column, isThere) in [
        ("language_persistent", persistent != nil),
        ("language_events", events != nil || eventsAreTexts),
      ] where isThere {
        features[column] = .object([
          "dtype": .string("language"), "shape": .array([.integer(1)]), "names": .null,
        ])
      }
      info["features"] = .object(features)
      info["fps"] = .number(fps)
      return JSON.object(info).text()
    }
    return try Dataset(folder: folder.path)
  }

  private func columns(_ frames: [(Int, Int)], from first: Int) -> ParquetWriter.Columns {
    let values = ParquetColumn.fixedList(
      .float32(frames.flatMap { [Float($0), Float($1)] }), length: 2)
    var columns: ParquetWriter.Columns = [
      ("observation.state", values), ("action", values),
      ("timestamp", .float32(frames.map { Float(Double($1) / 10) })),
      ("frame_index", .int64(frames.map(\.1))), ("episode_index", .int64(frames.map(\.0))),
      ("index", .int64(frames.indices.map { first + $0 })),
      ("task_index", .int64(frames.map { _ in 0 })),
    ]
    if let persistent {
      columns.append(
        ("language_persistent", messages(frames.map { persistent($0, $1) }, hasTimes: true)))
    }
    if let events {
      columns.append(("language_events", messages(frames.map { events($0, $1) }, hasTimes: false)))
    }
    if eventsAreTexts { columns.append(("language_events", .string(frames.map { _ in "[]" }))) }
    return columns
  }

  private func messages(_ lists: [[Message]], hasTimes: Bool) -> ParquetColumn {
    let all = lists.flatMap { $0 }
    func texts(_ text: (Message) -> String?) -> ParquetColumn {
      .optional(.string(all.map { text($0) ?? "" }), valid: all.map { text($0) != nil })
    }
    let times = ParquetColumn.optional(
      .float32(all.map { $0.timestamp ?? 0 }), valid: all.map { $0.timestamp != nil })
    let members: ParquetWriter.Columns =
      [("role", texts(\.role)), ("content", texts(\.content)), ("style", texts(\.style))]
      + (hasTimes ? [("timestamp", times)] : []) + [("camera", texts { _ in nil })]
      + [
        (
          "tool_calls",
          .optional(.list(.string([]), lengths: all.map { _ in 0 }), valid: all.map { _ in false })
        )
      ]
    return .list(.structure(members), lengths: lists.map(\.count))
  }
}
