import Foundation
import LeRobot
import Testing

/// What Fixtures/normalization/make_fixtures.py wrote.
private struct NormalizationGolden: Decodable {
  struct Mode: Decodable {
    var normalized: [Float]
    var denormalized: [Float]
  }
  var width: Int
  var rows: [Float]
  var exact: [String: [Double]]
  var lerobot: [String: [Double]]
  var parts: [[String: [Double]]]
  var aggregated: [String: [Double]]
  var inputs: [Float]
  var modes: [String: Mode]
  var frames: [String: [String: [Double]]]
  var sampled: [String: [Int]]

  static let all = try! JSONDecoder().decode(
    NormalizationGolden.self,
    from: Data(contentsOf: fixtures.appending(path: "normalization/normalization.json")))
}

private func statistics(_ vectors: [String: [Double]]) -> FeatureStatistics {
  FeatureStatistics(
    mean: vectors["mean"]!, std: vectors["std"]!, min: vectors["min"]!, max: vectors["max"]!,
    quantiles: Dictionary(
      uniqueKeysWithValues: FeatureStatistics.percents.map {
        ($0, vectors[FeatureStatistics.name(percent: $0)]!)
      }),
    count: Int(vectors["count"]![0]))
}

private func vector(_ statistics: FeatureStatistics, _ name: String) -> [Double] {
  switch name {
  case "mean": statistics.mean
  case "std": statistics.std
  case "min": statistics.min
  case "max": statistics.max
  case "count": [Double(statistics.count)]
  default: statistics.quantiles[Int(name.dropFirst())!]!
  }
}

/// |a − b| ≤ atol + rtol · |b|, element by element.
private func areClose(_ a: [Double], _ b: [Double], atol: Double, rtol: Double = 0) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= atol + rtol * abs($1) }
}

@Suite struct NormalizationTests {
  private let golden = NormalizationGolden.all

  @Test(arguments: NormalizationMode.allCases)
  func equalsLeRobotBitForBit(mode: NormalizationMode) throws {
    let normalization = try #require(Normalization(mode, statistics(golden.exact)))
    let wanted = try #require(golden.modes[mode.rawValue])
    #expect(normalization.normalized(golden.inputs) == wanted.normalized)
    #expect(normalization.denormalized(golden.inputs) == wanted.denormalized)
  }

  @Test func byHand() throws {
    var some = FeatureStatistics(rows: [0, 5, 4, 5], width: 2)
    #expect(some.mean == [2, 5] && some.std == [2, 0])
    let meanStd = try #require(Normalization(.meanStd, some))
    #expect(meanStd.normalized([4, 5]) == [1, 0])
    #expect(meanStd.denormalized([1, 0]) == [4, 5])
    let minMax = try #require(Normalization(.minMax, some))
    #expect(minMax.normalized([3, 5]) == [0.5, -1])
    #expect(minMax.denormalized([0.5, -1]) == [3, 5])
    #expect(Normalization(.quantiles, some) == nil)
    some.quantiles = [1: [1, 0], 99: [3, 10]]
    let quantiles = try #require(Normalization(.quantiles, some))
    #expect(quantiles.normalized([4, 0]) == [2, -1])
    #expect(Normalization(.quantile10, some) == nil)
    #expect(Normalization.identity.normalized([7]) == [7])
  }

  @Test func exactQuantilesEqualNumpys() {
    let found = FeatureStatistics(withQuantilesOf: golden.rows, width: golden.width)
    for name in ["min", "max"] { #expect(vector(found, name) == golden.exact[name]) }
    for percent in FeatureStatistics.percents {
      let name = FeatureStatistics.name(percent: percent)
      #expect(areClose(vector(found, name), golden.exact[name]!, atol: 0, rtol: 1e-15))
    }
    #expect(areClose(found.mean, golden.exact["mean"]!, atol: 1e-8, rtol: 1e-6))
    // LeRobot's deviation is the root of a difference of float32 squares.
    #expect(areClose(found.std, golden.exact["std"]!, atol: 0.2, rtol: 1e-5))
  }

  /// LeRobot's estimate lies between the values on either side of the rank, widened by a bin.
  @Test func lerobotsQuantilesAreNearTheExact() {
    let (rows, width) = (golden.rows, golden.width)
    for i in 0..<width {
      let sorted = stride(from: i, to: rows.count, by: width).map { Double(rows[$0]) }.sorted()
      let bin = (sorted.last! - sorted[0]) / 5000 + 1e-9
      for percent in FeatureStatistics.percents {
        let estimate = golden.lerobot[FeatureStatistics.name(percent: percent)]![i]
        let rank = Int(Double(sorted.count) * Double(percent) / 100)
        let low = sorted[max(rank - 1, 0)], high = sorted[min(rank + 1, sorted.count - 1)]
        #expect(estimate >= low - bin && estimate <= high + bin)
      }
    }
  }

  @Test func aggregateEqualsLeRobots() throws {
    let parts = golden.parts.map(statistics)
    let all = try #require(FeatureStatistics(aggregating: parts, estimatingQuantiles: true))
    for (name, wanted) in golden.aggregated {
      #expect(areClose(vector(all, name), wanted, atol: 1e-12, rtol: 1e-6), "\(name)")
    }
    var without = parts
    without[1].quantiles = [:]
    #expect(
      FeatureStatistics(aggregating: without, estimatingQuantiles: true)?.quantiles == [:])
    #expect(FeatureStatistics(aggregating: parts)?.quantiles == [:])
    #expect(FeatureStatistics(aggregating: [parts[0]])?.quantiles == parts[0].quantiles)
  }

  @Test func camerasEqualLeRobots() throws {
    for (size, wanted) in golden.frames {
      let sides = size.split(separator: "x").map { Int($0)! }
      let (width, height) = (sides[0], sides[1])
      var images = ImageStatistics()
      for n in 0..<3 {
        var pixels: [UInt8] = []
        for y in 0..<height {
          for x in 0..<width {
            for c in 0..<3 {
              pixels.append(UInt8((x * 7 + y * 13 + n * 31 + x * y / 8) / (c + 1) % 251))
            }
          }
        }
        images.add(pixels, width: width, height: height)
      }
      let found = try #require(images.statistics)
      #expect(found.count == 3)
      for name in ["mean", "std"] {
        #expect(areClose(vector(found, name), wanted[name]!, atol: 1e-12), "\(size) \(name)")
      }
      for name in ["min", "max"] {
        #expect(areClose(vector(found, name), wanted[name]!, atol: 1e-12), "\(size) \(name)")
      }
      // Histograms of 5000 bins over 251 whole values give them to within one.
      for name in ["q01", "q10", "q50", "q90", "q99"] {
        #expect(areClose(vector(found, name), wanted[name]!, atol: 1.0 / 255), "\(size) \(name)")
      }
    }
    #expect(ImageStatistics().statistics == nil)
  }

  @Test func sampledFramesEqualLeRobots() {
    for (length, wanted) in golden.sampled {
      #expect(ImageStatistics.frames(of: Int(length)!) == wanted)
    }
    #expect(ImageStatistics.frames(of: 0) == [])
  }
}
