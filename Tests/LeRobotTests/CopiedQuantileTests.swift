import Foundation
import LeRobot
import Testing

/// meta/stats.json has the quantiles of all rows, whatever the episodes' own are.
@Suite struct CopiedQuantileTests {
  /// An episode of 101 frames for each first value: the whole numbers from it on, the second element
  /// their negatives; the grid's columns count on by 2.
  private func record(
    _ folder: Folder, _ version: DatasetVersion = .v30, from starts: [Double], finish: Bool = true
  ) throws -> Dataset {
    let isNew = !FileManager.default.fileExists(atPath: folder.path)
    let features: [RecordedFeature] = [
      .vector("action", count: 2), RecordedFeature("grid", dtype: "float64", shape: [2, 1]),
      .image("observation.images.top", width: 4, height: 2),
    ]
    let writer =
      isNew
      ? try DatasetWriter(folder: folder.path, version: version, fps: 10, features: features)
      : try DatasetWriter(appendingTo: folder.path)
    for start in starts {
      for i in 0...100 {
        let value = start + Double(i)
        try writer.add([
          "action": .numbers([value, -value]), "grid": .numbers([2 * value, 2 * value + 1]),
          "observation.images.top": .pixels(
            Array(repeating: start > 0 ? 200 : 100, count: 24)),
        ])
      }
      try writer.endEpisode(task: "count")
    }
    if finish { try writer.finish() }
    return try Dataset(folder: folder.path)
  }

  private func stored(_ folder: Folder, _ key: String, _ name: String) throws -> JSON? {
    try JSON(path: folder.url("meta/stats.json").path)[key]?[name]
  }

  private func numbers(_ json: JSON?) -> [Double] {
    json?.elements?.flatMap { $0.elements == nil ? [$0.asDouble!] : numbers($0) } ?? []
  }

  /// Of 0…100 and 1000…1100, 202 rows: position 2.01 is 2.01, 20.1 is 20.1, 100.5 lies between 100
  /// and 1000, 180.9 is 1079.9, 198.99 is 1097.99.
  private func expectQuantiles(_ folder: Folder) throws {
    let wanted = [("q01", 2.01), ("q10", 20.1), ("q50", 550), ("q90", 1079.9), ("q99", 1097.99)]
    for ((name, value), (_, mirrored)) in zip(wanted, wanted.reversed()) {
      let found = try #require(try stored(folder, "action", name)?.elements)
      #expect(abs(found[0].asDouble! - value) < 1e-9, "\(name)")
      #expect(abs(found[1].asDouble! + mirrored) < 1e-9, "\(name)")
    }
    // 0…201 and 2000…2201, one column as LeRobot takes it in v3.0: position 4.03 of 404. In v2.1 two,
    // whose position 2.01 is 4.02 and 5.02.
    let grid = try numbers(stored(folder, "grid", "q01"))
    let wantedGrid = grid.count == 1 ? [4.03] : [4.02, 5.02]
    #expect(zip(grid, wantedGrid).allSatisfy { abs($0 - $1) < 1e-9 } && grid.count > 0)
    let greatest = try numbers(stored(folder, "grid", "max"))
    #expect(greatest == (grid.count == 1 ? [2201] : [2200, 2201]))
    #expect(try stored(folder, "index", "q50")?.elements?[0].asDouble == 100.5)
    #expect(try stored(folder, "action", "count") == .array([.integer(202)]))
    #expect(try stored(folder, "action", "min") == .array([.integer(0), .integer(-1100)]))
  }

  @Test(arguments: DatasetVersion.allCases)
  func merged(_ version: DatasetVersion) throws {
    try withFolder("low") { low in
      try withFolder("high") { high in
        try withFolder("both") { both in
          let a = try record(low, version, from: [0]), b = try record(high, from: [1000])
          try DatasetCopy(a.copies + b.copies).write(to: both.path, version: .v30)
          try expectQuantiles(both)
          // Of pictures they are the episodes' means.
          let red = try stored(both, "observation.images.top", "q50")
          #expect(
            version == .v21
              || abs(red!.elements![0].elements![0].elements![0].asDouble! - 150.0 / 255) < 1e-9)
        }
      }
    }
  }

  @Test(arguments: DatasetVersion.allCases)
  func converted(_ version: DatasetVersion) throws {
    try withFolder("one") { one in
      try withFolder("new") { new in
        let dataset = try record(one, version, from: [0, 1000])
        try DatasetCopy(dataset.copies).write(to: new.path, version: .v30)
        try expectQuantiles(new)
      }
    }
  }

  /// As another program left them: a whole copy corrects the quantiles and keeps the rest.
  @Test func estimatesAreReplaced() throws {
    try withFolder("estimates") { one in
      try withFolder("exact") { new in
        _ = try record(one, from: [0, 1000])
        try one.edit("meta/stats.json") { $0.replacingOccurrences(of: "2.01", with: "500.0") }
        let dataset = try Dataset(folder: one.path)
        try DatasetCopy(dataset.copies).write(to: new.path, version: .v30)
        try expectQuantiles(new)
      }
    }
  }

  @Test func someOfThem() throws {
    try withFolder("three") { three in
      try withFolder("two") { two in
        let dataset = try record(three, from: [0, 500, 1000])
        try DatasetCopy([dataset.copies[2], dataset.copies[0]]).write(to: two.path, version: .v30)
        try expectQuantiles(two)
        // Read from the metadata's episodes, without a copy.
        let some = [dataset.episodes[0], dataset.episodes[2]]
        let found = try dataset.statistics(for: "action", episodes: some, quantiles: true)
        #expect(abs(found.quantiles[1]![0] - 2.01) < 1e-9 && found.quantiles[50]![0] == 550)
      }
    }
  }

  /// At no moment are there other quantiles than those of all rows; `finish` writes them.
  @Test func recorded() throws {
    try withFolder("recorded") { folder in
      let unfinished = try record(folder, from: [0, 1000], finish: false)
      #expect(try stored(folder, "action", "q01") == nil)
      #expect(try stored(folder, "action", "max") == .array([.integer(1100), .integer(0)]))
      let found = try unfinished.statistics(for: "action", quantiles: true)
      #expect(abs(found.quantiles[1]![0] - 2.01) < 1e-9)
      _ = try record(folder, from: [])
      try expectQuantiles(folder)
    }
    try withFolder("resumed") { folder in
      _ = try record(folder, from: [0])
      #expect(try stored(folder, "action", "q50") == .array([.integer(50), .integer(-50)]))
      _ = try record(folder, from: [1000])
      try expectQuantiles(folder)
    }
  }
}
