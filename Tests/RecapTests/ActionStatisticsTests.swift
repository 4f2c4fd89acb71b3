import LeRobot
import Recap
import Testing

@Suite struct ActionStatisticsTests {
  /// Two dimensions: 0, 1, … 100 and its tenfold.
  private let rows = (0...100).flatMap { [Float($0), Float(10 * $0)] }

  /// The least and greatest row, normalised by hand; deviations are √850.
  private static let expected: [(Configuration.ActionNormalization, Float, Float)] = [
    (.minMax, -1, 1), (.meanStd, -50 / 29.154759, 50 / 29.154759),
    (.quantiles, -1.020408, 1.020408), (.quantile10, -1.25, 1.25),
  ]

  @Test(arguments: expected)
  func everyModeThroughACheckpoint(
    _ mode: Configuration.ActionNormalization, _ least: Float, _ greatest: Float
  ) throws {
    let statistics = try #require(
      ActionStatistics(mode, FeatureStatistics(withQuantilesOf: rows, width: 2)))
    let restored = try #require(ActionStatistics(statistics.pickled))
    for one in [statistics, restored] {
      let normalized = one.normalized(rows)
      for i in 0..<2 {
        #expect(abs(normalized[i] - least) < 1e-5)
        #expect(abs(normalized[200 + i] - greatest) < 1e-5)
      }
      #expect(zip(one.denormalized(normalized), rows).allSatisfy { abs($0 - $1) < 1e-3 })
    }
    #expect(restored.normalized(rows) == statistics.normalized(rows))
  }

  @Test func noneNormalizesNothing() {
    #expect(
      ActionStatistics(
        Configuration.ActionNormalization.none, FeatureStatistics(rows: rows, width: 2))
        == nil)
  }
}
