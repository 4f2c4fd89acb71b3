import Foundation
import LeRobot
import Platform
import Testing

/// Tasks and columns whose names look alike and differ in their bytes, as in Python.
@Suite struct ByteNameTests {
  static let composed = "ouvre la bo\u{EE}te"
  static let decomposed = "ouvre la boi\u{302}te"
  static let columns = ["obs\u{E9}", "obse\u{301}"]

  /// Two episodes of two frames, a task each; the columns hold 1 and 2.
  func record(
    _ folder: Folder, _ version: DatasetVersion = .v30, tasks: [String] = [composed, decomposed]
  ) throws -> Dataset {
    let writer = try DatasetWriter(
      folder: folder.path, version: version, fps: 10, robotType: "test",
      features: [.vector("action", count: 1)] + Self.columns.map { .number($0) })
    for task in tasks {
      for _ in 0..<2 {
        try writer.add([
          "action": .numbers([0]), Self.columns[0]: .number(1), Self.columns[1]: .number(2),
        ])
      }
      try writer.endEpisode(task: task, type: nil, success: nil)
    }
    try writer.finish()
    return try Dataset(folder: folder.path)
  }

  func names(_ texts: [String]) -> [ByteName] { texts.map { ByteName($0) } }

  func expect(_ dataset: Dataset, tasks: [String]) throws {
    #expect(names(dataset.tasks.sorted { $0.key < $1.key }.map(\.value)) == names(tasks))
    #expect(names(dataset.episodes.flatMap(\.tasks)) == names(tasks))
    for (i, task) in tasks.enumerated() {
      let sample = try dataset.sample(at: 2 * i, cameras: [])
      #expect(sample["task"].map { $0 == .string(task) } == true)
      #expect(sample[Self.columns[0]] == .number(1))
      #expect(sample[Self.columns[1]] == .number(2))
    }
    #expect(DatasetCheck(folder: dataset.folder).problems.isEmpty)
  }

  @Test(arguments: DatasetVersion.allCases) func areKeptApart(version: DatasetVersion) throws {
    try withFolder("names") { folder in
      let dataset = try record(folder, version)
      try expect(dataset, tasks: [Self.composed, Self.decomposed])
      #expect(try Self.columns.map { try dataset.statistics(for: $0).mean } == [[1], [2]])
      for to in DatasetVersion.allCases {
        try withFolder("copy") { copy in
          try DatasetCopy(dataset.copies).write(to: copy.path, version: to)
          try expect(Dataset(folder: copy.path), tasks: [Self.composed, Self.decomposed])
        }
      }
    }
  }

  @Test func mergedAndChosen() throws {
    try withFolder("a") { a in
      try withFolder("b") { b in
        let first = try record(a, tasks: [Self.composed])
        let second = try record(b, tasks: [Self.decomposed])
        try withFolder("both") { both in
          try DatasetCopy(first.copies + second.copies).write(to: both.path, version: .v30)
          let merged = try Dataset(folder: both.path)
          try expect(merged, tasks: [Self.composed, Self.decomposed])
          var selection = EpisodeSelection()
          selection.tasks = [ByteName(Self.decomposed)]
          #expect(try merged.copies(selection).map(\.episode.index) == [1])
        }
      }
    }
  }

  /// A column of another spelling is none of the dataset's.
  @Test func anotherSpellingIsAnotherColumn() throws {
    try withFolder("names") { folder in
      let writer = try DatasetWriter(
        folder: folder.path, version: .v21, fps: 10, robotType: "test",
        features: [.vector("action", count: 1), .number(Self.columns[0])])
      #expect(
        message {
          try writer.add(["action": .numbers([0]), Self.columns[1]: .number(1)])
        }.contains("is not among the features"))
      try writer.add(["action": .numbers([0]), Self.columns[0]: .number(1)])
      try writer.endEpisode(task: "push", type: nil, success: nil)
      try writer.finish()
      let dataset = try Dataset(folder: folder.path)
      #expect(dataset.info.features[Self.columns[0]] != nil)
      #expect(dataset.info.features[Self.columns[1]] == nil)
      #expect(!message { _ = try dataset.statistics(for: Self.columns[1]) }.isEmpty)
    }
  }
}
