import Foundation
import LeRobot
import Testing

/// Columns, statistics and tables against what the metadata say of them; whether LeRobot 0.6.1 loads each case was
/// tried with it (`datasets` 5.2).
@Suite struct DeclaredColumnTests {
  /// An episode of three rows with a column `x`, declared as a dtype and shape; nil for a column that
  /// is not declared.
  private func dataset(
    _ folder: Folder, _ x: ParquetColumn, _ declared: (dtype: String, shape: [Int])?,
    _ version: DatasetVersion = .v30
  ) throws {
    try recorded(folder, version)
    if let declared { try declare("x", declared.dtype, declared.shape, folder) }
    try ParquetWriter.write(
      data(folder, version),
      columns: [
        ("action", .float32([0, 1, 2])),
        ("timestamp", .float32([0, 0.1, 0.2])), ("frame_index", .int64([0, 1, 2])),
        ("episode_index", .int64([0, 0, 0])), ("index", .int64([0, 1, 2])),
        ("task_index", .int64([0, 0, 0])), ("x", x),
      ], metadata: [])
  }

  private func recorded(_ folder: Folder, _ version: DatasetVersion = .v30) throws {
    let writer = try DatasetWriter(
      folder: folder.path, version: version, fps: 10, robotType: "test",
      features: [.vector("action", count: 1)])
    for frame in 0..<3 { try writer.add(["action": .numbers([Double(frame)])]) }
    try writer.endEpisode(task: "push", type: nil, success: nil)
    try writer.finish()
  }

  private func data(_ folder: Folder, _ version: DatasetVersion) -> String {
    let name = version == .v30 ? "file-000" : "episode_000000"
    return folder.url("data/chunk-000/\(name).parquet").path
  }

  private func declare(_ key: String, _ dtype: String, _ shape: [Int], _ folder: Folder) throws {
    try folder.edit("meta/info.json") {
      $0.replacing(
        "\"features\": {",
        with:
          "\"features\": {\"\(key)\": {\"dtype\": \"\(dtype)\", \"shape\": \(shape), \"names\": null},"
      )
    }
  }

  private func problems(_ folder: Folder) -> [String] {
    DatasetCheck(folder: folder.path).problems.map { "\($0)" }
  }

  static let refused: [(column: ParquetColumn, dtype: String, shape: [Int], text: String)] = [
    (
      .float32([1.5, 1, 1]), "int64", [1],
      "column 'x' is 1.5 in row 0, meta/info.json declares int64"
    ),
    (
      .string(["a", "b", "c"]), "float32", [1],
      "column 'x' is string, meta/info.json declares float32 [1]"
    ),
    (
      .string(["a", "b", "c"]), "float32", [2],
      "column 'x' is string, meta/info.json declares float32 [2]"
    ),
    (
      .list(.float32([1, 2, 3]), lengths: [1, 1, 1]), "float32", [1],
      "column 'x' is list<float32>, meta/info.json declares float32 [1]: LeRobot refuses it"
    ),
    (
      .list(.string(["a", "b", "c"]), lengths: [1, 1, 1]), "string", [1],
      "column 'x' is list<string>, meta/info.json declares string [1]"
    ),
    (
      .float32([1, 2, 3]), "float32", [],
      "feature 'x' has shape [], [1] is wanted: LeRobot refuses it"
    ),
    (
      .list(.float32([1, 2, 3, 4, 5, 6]), lengths: [2, 2, 2]), "float32", [2, 1],
      "column 'x' is list<float32>, meta/info.json declares float32 [2, 1]: LeRobot refuses it"
    ),
    (
      .int64([300, 1, 2]), "uint8", [1], "column 'x' is 300 in row 0, meta/info.json declares uint8"
    ),
    (
      .uint64([1 << 63, 1, 2]), "uint64", [1],
      "column 'x' is 9223372036854775808 in row 0, meta/info.json declares uint64"
    ),
  ]

  @Test(arguments: refused.indices) func otherTypes(_ number: Int) throws {
    let (column, dtype, shape, text) = Self.refused[number]
    try withFolder("declared") { folder in
      try dataset(folder, column, (dtype, shape))
      let found = problems(folder)
      #expect(found.count == 1 && found[0].contains(text), "\(found)")
    }
  }

  /// What LeRobot casts is a note.
  @Test func whatIsCast() throws {
    let cast: [(ParquetColumn, String)] = [
      (.int64([0, 1, 1]), "bool"), (.float64([0.1, 1, 2]), "float32"),
      (.int64([1, 2, 3]), "string"),
    ]
    for (column, dtype) in cast {
      try withFolder("declared") { folder in
        try dataset(folder, column, (dtype, [1]))
        let check = DatasetCheck(folder: folder.path)
        #expect(check.problems.isEmpty, "\(check.problems)")
        #expect(check.notes.contains { $0.contains("declares \(dtype) [1]: LeRobot") })
      }
    }
  }

  @Test func undeclaredColumns() throws {
    try withFolder("declared") { folder in
      try dataset(folder, .float32([1, 2, 3]), nil)
      let found = problems(folder)
      #expect(
        found.count == 1
          && found[0].contains(
            "column 'x' is not declared in meta/info.json: LeRobot refuses the file")
      )
      try withFolder("copy") { copy in
        try DatasetCopy(Dataset(folder: folder.path).copies).write(to: copy.path, version: .v30)
        #expect(problems(copy).isEmpty)
      }
    }
    try withFolder("declared") { folder in
      try dataset(folder, .float32([1, 2, 3]), nil, .v21)
      let check = DatasetCheck(folder: folder.path)
      #expect(check.problems.isEmpty)
      #expect(check.notes.contains { $0.contains("column 'x' is not declared in meta/info.json") })
    }
  }

  /// Dates and decimals by name, whole numbers from 2^63 on as they are.
  @Test func otherValues() throws {
    try withFolder("types") { folder in
      try recorded(folder)
      for key in ["date", "when", "price"] { try declare(key, "float32", [1], folder) }
      try declare("big", "int64", [1], folder)
      let path = data(folder, .v30)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(
        at: fixtures.appending(path: "types.parquet"), to: URL(filePath: path))
      let check = DatasetCheck(folder: folder.path)
      let said = check.problems.map { "\($0)" } + check.notes
      for name in [
        "'date' is date32,", "'when' is timestamp[ns],", "'price' is decimal128(10, 2),",
      ] {
        #expect(said.contains { $0.contains("column \(name)") }, "\(name)")
      }
      #expect(said.contains { $0.contains("column 'big' is 9223372036854775808 in row 0") })
      let dataset = try Dataset(folder: folder.path)
      let sample = try dataset.sample(at: 1, cameras: [])
      #expect(sample["big"]?.text() == "9223372036854775809")
      #expect(
        message { _ = try dataset.statistics(for: "date") }.contains(
          "column 'date' holds date32, numbers are wanted"))
      #expect(
        try JSON(Array("18446744073709551615".utf8), file: "a").text() == "18446744073709551615")
    }
  }

  // MARK: Statistics

  @Test(arguments: DatasetVersion.allCases) func statisticsOfOtherRows(version: DatasetVersion)
    throws
  {
    try withFolder("stale") { folder in
      try recorded(folder, version)
      let name = version == .v30 ? "meta/stats.json" : "meta/episodes_stats.jsonl"
      #expect(problems(folder).isEmpty)
      let text = try String(contentsOf: folder.url(name), encoding: .utf8)
      // The action's mean, 1, is 7.
      let start = try #require(text.range(of: "\"action\""))
      let mean = try #require(
        text[start.upperBound...].firstMatch(of: /"mean": \[\s*1(\.0)?\s*\]/))
      let stale = text.replacingCharacters(in: mean.range, with: "\"mean\": [7.0]")
      try stale.write(to: folder.url(name), atomically: true, encoding: .utf8)
      let found = problems(folder)
      #expect(
        found.count == 1
          && found[0].contains("has the mean 7 of element 0, 1 is that of the rows"), "\(found)")
      try withFolder("copy") { copy in
        try DatasetCopy(Dataset(folder: folder.path).copies).write(to: copy.path, version: .v30)
        #expect(problems(copy).isEmpty)
        #expect(try Dataset(folder: copy.path).statistics(for: "action").mean == [1])
      }
    }
  }

  @Test func statisticsOfAnotherForm() throws {
    for (broken, wanted) in [
      (
        "{\"mean\": [1, 1, 1], \"std\": [1, 1, 1], \"min\": [0, 0, 0], \"max\": [2, 2, 2], \"count\": [3]}",
        "'action' is of 3 values a row, meta/info.json says [1]"
      ),
      (
        "{\"mean\": [1], \"std\": [null], \"min\": [0], \"max\": [2], \"count\": [3]}",
        "'action' lacks mean, std, min or max"
      ),
      (
        "{\"mean\": [1], \"std\": [-1], \"min\": [0], \"max\": [2], \"count\": [3]}",
        "has the standard deviation -1 of element 0"
      ),
    ] {
      try withFolder("stale") { folder in
        try recorded(folder)
        try "{\"action\": \(broken)}".write(
          to: folder.url("meta/stats.json"), atomically: true, encoding: .utf8)
        let found = problems(folder)
        #expect(found.count == 1 && found[0].contains(wanted), "\(found)")
      }
    }
  }

  // MARK: Tables

  @Test func tasksOutOfOrder() throws {
    try withFolder("tasks") { folder in
      try recorded(folder)
      try ParquetWriter.write(
        folder.url("meta/tasks.parquet").path,
        columns: [("task_index", .int64([1, 0])), ("task", .string(["pull", "push"]))], metadata: []
      )
      #expect(
        problems(folder).contains {
          $0.contains("column 'task_index' is 1 in row 0: LeRobot takes a task by its row")
        })
    }
  }

  @Test func aTornSidecar() throws {
    try withFolder("sidecar") { folder in
      try recorded(folder)
      let dataset = try Dataset(folder: folder.path)
      var sidecar = LabelSidecar(dataset)
      sidecar[dataset.episodes[0]] = FrameLabels(values: [0, 1, 2])
      _ = try sidecar.write()
      #expect(problems(folder).isEmpty)
      try folder.truncate("meta/recap_labels.parquet", to: 0.5)
      let found = problems(folder)
      #expect(found.count == 1 && found[0].contains("meta/recap_labels.parquet"), "\(found)")
    }
  }
}
