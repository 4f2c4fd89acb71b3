import Foundation
import LeRobot
import Testing

/// Tables in meta that LeRobot looks things up in by row, what it has no column for, and files beside the format's own.
@Suite struct MetadataTableCheckTests {
  private func check(
    _ change: (inout HandMadeDataset) -> Void, then damage: (Folder) throws -> Void = { _ in }
  ) throws -> (problems: [String], notes: [String]) {
    try withFolder("tables") { folder in
      var made = HandMadeDataset()
      change(&made)
      let root = try made.write(to: folder)
      try damage(folder)
      let check = DatasetCheck(folder: root)
      let strip = { (text: String) in text.replacingOccurrences(of: root + "/meta/", with: "") }
      return (check.problems.map { strip($0.description) }, check.notes.map(strip))
    }
  }

  @Test(arguments: DatasetVersion.allCases) func soundOne(_ version: DatasetVersion) throws {
    let found = try check { $0.version = version }
    #expect(found.problems == [] && found.notes == [])
  }

  @Test func tasksOfV30() throws {
    #expect(
      try check { $0.taskIndices = [1, 0] }.problems == [
        "tasks.parquet: column 'task_index' is 1 in row 0: LeRobot takes a task by its row, and Recap as LeRobot; sort the table by task_index"
      ])
    // LeRobot 0.6.1 gives 0 for "push".
    #expect(
      try check { $0.isTextAnIndex = false }.problems == [
        "tasks.parquet: column 'task' is no index of pandas: LeRobot reads a row's number for its text; recap dataset convert writes it as one"
      ])
  }

  @Test func tasksOfV21() throws {
    func of(_ indices: [Int]) throws -> (problems: [String], notes: [String]) {
      try check {
        $0.version = .v21
        $0.taskIndices = indices
      }
    }
    let swapped = try of([1, 0])  // the index counts, not the line
    #expect(swapped.problems == [] && swapped.notes == [])
    let gap = try of([0, 5])
    #expect(
      gap.problems == []
        && gap.notes.contains { $0.hasPrefix("tasks.jsonl: task_index does not count from 0") })
    #expect(
      try of([0, 0]).problems.contains(
        "tasks.jsonl:2: task_index 0 was another task at line 1 already; each index is wanted once")
    )
  }

  @Test func framesFromElsewhere() throws {
    #expect(
      try check { $0.firstFrames = [0, 5] }.problems.contains(
        "episodes/chunk-000/file-000.parquet: column 'dataset_from_index' is 5 in row 1, 4 is wanted by the episodes' lengths: LeRobot takes windows of frames by it"
      ))
  }

  @Test(arguments: [
    ("int", "[1]", "has dtype 'int', which datasets does not know"),
    ("float32", "1", "has shape 1, a list such as [1] is wanted"),
    ("float32", "[1, 1, 1, 1, 1, 1]", "has 6 dimensions, at most 5 are wanted"),
  ])
  func featuresWithoutAColumn(_ dtype: String, _ shape: String, _ wanted: String) throws {
    let found = try check {
      $0.features = [HandMadeDataset.feature("x", dtype, shape)]
      $0.columns = [("x", { .int64(Array(repeating: 1, count: $0)) })]
    }
    #expect(
      found.problems.contains { $0.hasPrefix("info.json: feature 'x' \(wanted)") },
      "\(found.problems)")
  }

  @Test func sidecars() throws {
    func labels(_ frames: Int) -> (Folder) throws -> Void {
      { folder in
        try ParquetWriter.write(
          folder.url(LabelSidecar.path).path,
          columns: [
            ("episode_index", .int64(Array(repeating: 0, count: frames))),
            ("frame_index", .int64(Array(0..<frames))),
            ("value", .float32(Array(repeating: 1, count: frames))),
          ])
      }
    }
    let whole = try check({ _ in }, then: labels(4))
    #expect(
      whole.problems == []
        && whole.notes == ["recap_labels.parquet: has no labels of 1 of the 2 episodes"])
    #expect(
      try check({ _ in }, then: labels(3)).problems == [
        "recap_labels.parquet: has no 'value' for 1 of the 4 frames of episode 0: a value is wanted of every frame; recap label --checkpoint writes them anew"
      ])
    for fraction in [0.0, 0.5, 0.95] {
      let problems = try check({ _ in }) {
        try labels(4)($0)
        try $0.move(LabelSidecar.path, to: "meta/sarm_progress.parquet")
        try $0.truncate("meta/sarm_progress.parquet", to: fraction)
      }.problems
      #expect(
        problems.count == 1
          && problems[0].hasPrefix("sarm_progress.parquet: is not a complete Parquet file"))
    }
  }
}
