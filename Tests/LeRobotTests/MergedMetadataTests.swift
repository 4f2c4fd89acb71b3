import Foundation
import LeRobot
import Testing

/// What lies in meta beside LeRobot's own files, in copies of one dataset and of several.
@Suite struct MergedMetadataTests {
  /// One episode a list of subtasks' indices.
  private func record(
    _ folder: Folder, _ subtasks: [String], _ episodes: [[Int]], asLines: Bool = false
  ) throws -> Dataset {
    let writer = try DatasetWriter(
      folder: folder.path, fps: 10,
      features: [.number("action"), .number("subtask_index", dtype: "int64")])
    for indices in episodes {
      for index in indices {
        try writer.add(["action": .number(1), "subtask_index": .number(Double(index))])
      }
      try writer.endEpisode(task: "tidy")
    }
    try writer.finish()
    if asLines {
      let lines = subtasks.enumerated().map {
        "{\"subtask_index\": \($0), \"subtask\": \"\($1)\"}\n"
      }
      try write(folder, "meta/subtasks.jsonl", lines.joined())
    } else if !subtasks.isEmpty {
      try ParquetWriter.write(
        folder.url("meta/subtasks.parquet").path,
        columns: [
          ("subtask_index", .int64(Array(subtasks.indices))), ("subtask", .string(subtasks)),
        ])
    }
    return try Dataset(folder: folder.path)
  }

  private func write(_ folder: Folder, _ file: String, _ text: String) throws {
    try text.write(to: folder.url(file), atomically: true, encoding: .utf8)
  }

  private func text(_ folder: Folder, _ file: String) throws -> String {
    try String(contentsOf: folder.url(file), encoding: .utf8)
  }

  private func indices(_ folder: Folder) throws -> [Int] {
    let dataset = try Dataset(folder: folder.path)
    return try (0..<dataset.frameCount).map {
      let sample = try dataset.sample(at: $0, cameras: [])
      return Int(try #require(sample["subtask_index"]?.asDouble))
    }
  }

  private func subtasks(_ folder: Folder) throws -> [String] {
    try ParquetFile(folder.url("meta/subtasks.parquet").path).strings("subtask").map { $0 ?? "" }
  }

  private func withThree(_ body: (Folder, Folder, Folder) throws -> Void) throws {
    try withFolder("a") { a in
      try withFolder("b") { b in try withFolder("copy") { try body(a, b, $0) } }
    }
  }

  @Test(arguments: DatasetVersion.allCases)
  func tablesAreJoined(_ version: DatasetVersion) throws {
    try withThree { one, two, copy in
      let a = try record(one, ["reach", "grasp"], [[0, 0, 1]])
      let b = try record(two, ["lift", "reach"], [[1, 0, -1], [0]])
      let remarks = try DatasetCopy(a.copies + b.copies).write(to: copy.path, version: version)
      #expect(try subtasks(copy) == ["reach", "grasp", "lift"])
      #expect(try indices(copy) == [0, 0, 1, 0, 2, -1, 2])
      let merged = try Dataset(folder: copy.path)
      let column = try merged.statistics(for: "subtask_index")
      #expect(column.min == [-1] && column.max == [2] && column.count == 7)
      #expect(!remarks.contains { $0.contains("subtask") }, "\(remarks)")
      #expect(DatasetCheck(folder: copy.path).problems.isEmpty)
      let table = try ParquetFile(copy.url("meta/subtasks.parquet").path)
      #expect(try table.numbers("subtask_index", as: Int.self).values == [0, 1, 2])
    }
  }

  @Test func tablesOfLinesAreJoined() throws {
    try withThree { one, two, copy in
      let a = try record(one, ["reach"], [[0]], asLines: true)
      let b = try record(two, ["lift", "reach"], [[0, 1]])
      try DatasetCopy(a.copies + b.copies).write(to: copy.path, version: .v30)
      #expect(
        try text(copy, "meta/subtasks.jsonl")
          == "{\"subtask_index\": 0, \"subtask\": \"reach\"}\n{\"subtask_index\": 1, \"subtask\": \"lift\"}\n"
      )
      #expect(!copy.isFile("meta/subtasks.parquet"))
      #expect(try indices(copy) == [0, 1, 0])
    }
  }

  @Test func whatHasNoTextIsRefused() throws {
    try withThree { one, two, copy in
      let a = try record(one, ["reach"], [[0]]), b = try record(two, ["lift"], [[0, 3]])
      let text = message {
        try DatasetCopy(a.copies + b.copies).write(to: copy.path, version: .v30)
      }
      #expect(text.contains("column 'subtask_index' is 3 in row 1"), "\(text)")
      #expect(!FileManager.default.fileExists(atPath: copy.path))
    }
    try withThree { one, two, copy in
      let a = try record(one, ["reach"], [[0]]), b = try record(two, [], [[5]])
      let remarks = try DatasetCopy(a.copies + b.copies).write(to: copy.path, version: .v30)
      #expect(try subtasks(copy) == ["reach"] && indices(copy) == [0, 5])
      #expect(remarks.contains { $0.hasPrefix("\(two.path): 'subtask_index' is kept as it is") })
    }
  }

  /// Of one dataset the table stays, byte for byte, and so do the indices.
  @Test(arguments: [true, false]) func oneDatasetKeepsItsTable(_ asLines: Bool) throws {
    try withThree { one, _, copy in
      let a = try record(one, ["reach", "grasp"], [[0], [1, 0], [1]], asLines: asLines)
      let some = [a.copies[2], a.copies[1]]
      let remarks = try DatasetCopy(some).write(to: copy.path, version: .v30)
      let file = "meta/subtasks.\(asLines ? "jsonl" : "parquet")"
      #expect(try Data(contentsOf: copy.url(file)) == Data(contentsOf: one.url(file)))
      #expect(try indices(copy) == [1, 1, 0])
      #expect(remarks.isEmpty, "\(remarks)")
    }
  }

  @Test func everyFileIsKeptRenamedOrNamed() throws {
    try withThree { one, two, copy in
      let a = try record(one, ["reach"], [[0]]), b = try record(two, ["reach"], [[0]])
      for folder in [one, two] {
        try write(folder, "meta/same.json", "[1]")
        try write(folder, "meta/camera.v1.json", folder.path)
        try write(folder, "meta/by.json", "{\"episode_index\": 0}")
        try write(folder, "LICENSE", folder.path)
      }
      try write(two, "meta/camera.v1-2.json", "taken")
      try write(two, "meta/only.csv", "1,2")
      let remarks = try DatasetCopy(a.copies + b.copies).write(to: copy.path, version: .v30)
      #expect(try text(copy, "meta/same.json") == "[1]" && !copy.isFile("meta/same-2.json"))
      #expect(try text(copy, "meta/camera.v1.json") == one.path)
      #expect(try text(copy, "meta/camera.v1-2.json") == "taken")
      #expect(try text(copy, "meta/camera.v1-3.json") == two.path)
      #expect(try text(copy, "meta/only.csv") == "1,2")
      #expect(try text(copy, "LICENSE") == one.path && text(copy, "LICENSE-2") == two.path)
      #expect(!copy.isFile("meta/by.json"))
      for wanted in [
        "\(two.path)/meta/camera.v1.json is meta/camera.v1-3.json here: another dataset's file has its name",
        "\(two.path)/LICENSE is LICENSE-2 here: another dataset's file has its name",
        "meta/by.json of \(one.path) is left out: the episodes have other numbers here",
        "meta/by.json of \(two.path) is left out: the episodes have other numbers here",
        "meta/only.csv is kept as it is: the episodes that it may speak of have other numbers here",
      ] {
        #expect(remarks.contains(wanted), "\(remarks)")
      }
    }
  }

  /// The messages that LeRobot 0.6 keeps with frames go along in v3.0, which alone has them.
  @Test func languageStays() throws {
    try withThree { one, _, copy in
      _ = try record(one, [], [[0], [0, 0]])
      try one.edit("meta/info.json") {
        $0.replacingOccurrences(
          of: "\"features\": {",
          with:
            "\"features\": {\"language_persistent\": {\"dtype\": \"language\", \"shape\": [1], \"names\": null},"
        )
      }
      let texts = ["go", "on", "stop"]
      let messages = ParquetColumn.list(
        .structure([
          ("role", .string(["user", "user", "user"])), ("content", .string(texts)),
        ]), lengths: [1, 1, 1])
      try ParquetWriter.write(
        one.url("data/chunk-000/file-000.parquet").path,
        columns: [
          ("action", .float32([1, 1, 1])), ("subtask_index", .int64([0, 0, 0])),
          ("language_persistent", messages), ("timestamp", .float32([0, 0, 0.1])),
          ("frame_index", .int64([0, 0, 1])), ("episode_index", .int64([0, 1, 1])),
          ("index", .int64([0, 1, 2])), ("task_index", .int64([0, 0, 0])),
        ])
      let dataset = try Dataset(folder: one.path)
      try withFolder("language") { folder in
        try DatasetCopy(dataset.copies).write(to: folder.path, version: .v30)
        let converted = try Dataset(folder: folder.path)
        try? FileManager.default.removeItem(at: copy.url)
        try DatasetCopy(dataset.copies + converted.copies).write(
          to: copy.path, version: .v30)
        let merged = try Dataset(folder: copy.path)
        #expect(merged.info.features["language_persistent"]?.dtype == "language")
        for (index, text) in (texts + texts).enumerated() {
          let sample = try merged.sample(at: index, cameras: [])
          #expect(
            sample["language_persistent"]
              == .array([.object(["role": .string("user"), "content": .string(text)])]))
        }
      }
    }
  }
}
