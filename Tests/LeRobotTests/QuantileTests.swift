import Foundation
import LeRobot
import Testing

@Suite struct QuantileTests {
  /// Parts of rows: 3 columns, read again for each pass.
  private func parts(_ count: Int, _ row: (Int) -> [Double]) -> [[Double]] {
    stride(from: 0, to: count, by: 1000).map { start in
      (start..<min(start + 1000, count)).flatMap(row)
    }
  }

  @Test func selectionEqualsSorting() throws {
    var generator = SplitMix64(seed: 7)
    var draws: [[Double]] = []
    for i in 0..<20_001 {
      let share = Double(generator.next() >> 11) * 0x1p-53
      draws.append([
        share * 2 - 1,  // even around 0
        i % 3 == 0 ? -0.0 : exp(share * 200 - 100) * (i % 2 == 0 ? 1 : -1),  // 87 decades
        Double(i % 2),  // two values
        42,  // one value
        1000 + (share * 1000).rounded() * 0x1p-40,  // ties, close together
      ])
    }
    let parts = parts(draws.count) { draws[$0] }
    var passes = 0
    let wanted = FeatureStatistics(withQuantilesOf: parts.flatMap { $0 }, width: 5)
    let found = try QuantileSelection.quantiles(wanted) { body in
      passes += 1
      for part in parts { try part.withUnsafeBufferPointer { try body($0) } }
    }
    #expect(found == wanted.quantiles)
    #expect(passes <= 6)
    #expect(wanted.quantiles[50]![2] == 0 && wanted.quantiles[99]![3] == 42)
  }

  @Test func manyColumnsAreTakenInGroups() throws {
    let width = 70
    let rows = (0..<11).flatMap { row in (0..<width).map { Double(row * ($0 + 1)) } }
    let wanted = FeatureStatistics(withQuantilesOf: rows, width: width)
    // 11 rows: 0, s, 2s … 10s, so that the 10 % quantile is s and the 99 % quantile 9.9 s.
    #expect(wanted.quantiles[10]!.last == 70 && abs(wanted.quantiles[99]!.last! - 693) < 1e-9)
    let found = try QuantileSelection.quantiles(wanted) { body in
      try rows.withUnsafeBufferPointer { try body($0) }
    }
    #expect(found == wanted.quantiles)
  }

  /// Either zero may be the least or the greatest of a column that has both.
  @Test func zerosOfBothSigns() throws {
    let rows = [0.0, -0.0, 0.0, -0.0]
    let found = try QuantileSelection.quantiles(
      FeatureStatistics(withQuantilesOf: rows, width: 1)
    ) { body in
      try rows.withUnsafeBufferPointer { try body($0) }
    }
    #expect(found == [1: [0], 10: [0], 50: [0], 90: [0], 99: [0]])
  }

  @Test func oneRow() throws {
    let found = FeatureStatistics(withQuantilesOf: [3.0, -1.0], width: 2)
    #expect(found.quantiles[1] == [3, -1] && found.quantiles[99] == [3, -1])
    #expect(found.std == [0, 0] && found.count == 1)
  }

  @Test func accumulationInPartsIsStable() {
    var whole = StatisticsAccumulator(width: 1)
    var inParts = whole
    let rows = (0..<10_000).map { 1e8 + Double($0 % 5) }
    whole.add(rows)
    for start in stride(from: 0, to: rows.count, by: 7) {
      inParts.add(Array(rows[start..<min(start + 7, rows.count)]))
    }
    // 0, 1, 2, 3, 4 have the variance 2.
    #expect(abs(whole.statistics.std[0] - 2.0.squareRoot()) < 1e-12)
    #expect(abs(inParts.statistics.std[0] - 2.0.squareRoot()) < 1e-7)
    #expect(abs(inParts.statistics.mean[0] - 100_000_002) < 1e-6)
    #expect(inParts.statistics.min == [1e8] && inParts.statistics.max == [1e8 + 4])
  }

  @Test func computedForADataset() throws {
    let dataset = try Dataset(folder: pusht.path)
    #expect(try dataset.statistics(for: "action").quantiles.isEmpty)
    let found = try dataset.statistics(for: "action", quantiles: true)
    #expect(found.source == "computed" && found.count == 322)
    let q01 = try #require(found.quantiles[1]), q99 = try #require(found.quantiles[99])
    for i in 0..<2 {
      #expect(found.min[i] <= q01[i] && q01[i] < found.mean[i])
      #expect(found.mean[i] < q99[i] && q99[i] <= found.max[i])
    }
    #expect(Normalization(.quantiles, found) != nil)
  }

  /// Nested lists, booleans and quantiles, as recorders write them.
  @Test func metadataInEveryShape() throws {
    try withCopy(of: fixtures.appending(path: "ioai_h264")) { folder in
      try folder.remove("meta/episodes_stats.jsonl")
      let one = #""mean": [0.5], "std": [0.1], "min": [false], "max": [true], "count": [6]"#
      try """
      {"flag": {\(one), "q01": [0.25], "q99": [0.75], "q50": [NaN]},
       "observation.images.cam": {"mean": [[[0.1]], [[0.2]], [[0.3]]], "std": [[[1]], [[1]], [[1]]],
         "min": [[[0]], [[0]], [[0]]], "max": [[[1]], [[1]], [[1]]], "count": [2]},
       "text": {"mean": ["a"], "std": [1], "min": [0], "max": [1]}}
      """.write(to: folder.url("meta/stats.json"), atomically: true, encoding: .utf8)
      let dataset = try Dataset(folder: folder.path)
      let flag = try dataset.statistics(for: "flag", quantiles: true)
      #expect(flag.min == [0] && flag.max == [1] && flag.source == "meta/stats.json")
      #expect(flag.quantiles == [1: [0.25], 99: [0.75]])
      #expect(try dataset.statistics(for: "observation.images.cam").mean == [0.1, 0.2, 0.3])
      #expect(message { _ = try dataset.statistics(for: "text") }.contains("no column 'text'"))
    }
  }

  /// v3.0: of all episodes from meta/stats.json, of some from the columns of meta/episodes.
  @Test func metadataOfSharedFiles() throws {
    let dataset = try Dataset(folder: fixtures.appending(path: "pusht_v30_av1").path)
    let all = try dataset.statistics(for: "action", quantiles: true)
    #expect(all.source == "meta/stats.json" && all.count == 322)
    let some = [dataset.episodes[1], dataset.episodes[4]]
    let stored = try dataset.statistics(for: "action", episodes: some)
    #expect(stored.source == "meta/episodes" && stored.count == 36 + 59)
    let computed = try dataset.computedStatistics(for: "action", episodes: some)
    for (a, b) in zip(
      stored.mean + stored.std + stored.min, computed.mean + computed.std + computed.min)
    {
      #expect(abs(a - b) <= 1e-3 * abs(b))
    }
    // The quantiles of both do not follow from those of each.
    #expect(stored.quantiles.isEmpty)
    #expect(try dataset.statistics(for: "action", episodes: some, quantiles: true) == computed)
    let camera = try dataset.statistics(for: "observation.image", episodes: some)
    #expect(camera.mean.count == 3 && camera.mean.allSatisfy { $0 > 0 && $0 < 1 })
  }

  /// Statistics of other rows, left behind by a tool that took episodes away, are not used.
  @Test func staleMetadataIsNotUsed() throws {
    try withCopy(of: fixtures.appending(path: "pusht_v30_av1")) { folder in
      try folder.edit("meta/stats.json") { $0.replacingOccurrences(of: "322", with: "321") }
      let dataset = try Dataset(folder: folder.path)
      #expect(try dataset.statistics(for: "action").source == "meta/episodes")
    }
  }
}
