/// Where a quantile lies among sorted values: `lower` and the next, weighted by `fraction`.
///
/// numpy.quantile's default method, "linear": position (n − 1) · percent / 100.
struct QuantilePosition {
  let lower: Int
  let upper: Int
  private let fraction: Double

  /// - Parameter count: how many values there are, at least 1.
  init(percent: Int, count: Int) {
    let position = Double(count - 1) * (Double(percent) / 100)
    lower = Int(position)
    upper = min(lower + 1, count - 1)
    fraction = position - Double(lower)
  }

  func value(_ a: Double, _ b: Double) -> Double {
    fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction)
  }
}

/// The quantiles of each element of rows in memory, by sorting.
///
/// - Parameter rows: [rows, width], at least one row, no NaN.
func quantiles<T: BinaryFloatingPoint>(
  ofRows rows: UnsafeBufferPointer<T>, width: Int, percents: [Int] = FeatureStatistics.percents
) -> [Int: [Double]] {
  var result = Dictionary(uniqueKeysWithValues: percents.map { ($0, [Double]()) })
  for i in 0..<width {
    let sorted = stride(from: i, to: rows.count, by: width).map { rows[$0] }.sorted()
    for percent in percents {
      let position = QuantilePosition(percent: percent, count: sorted.count)
      result[percent]!.append(
        position.value(Double(sorted[position.lower]), Double(sorted[position.upper])))
    }
  }
  return result
}

extension FeatureStatistics {
  /// The statistics of rows laid flat, [rows, width], with their exact quantiles.
  ///
  /// LeRobot's own quantiles are estimated from a histogram of 5000 bins; these differ from them by
  /// at most a bin.
  package init(withQuantilesOf rows: [Float], width: Int) {
    self.init(rows: rows, width: width)
    guard count > 0 else { return }
    quantiles = rows.withUnsafeBufferPointer { LeRobot.quantiles(ofRows: $0, width: width) }
  }

  /// As ``init(withQuantilesOf:width:)`` of `Float`.
  package init(withQuantilesOf rows: [Double], width: Int) {
    var sums = StatisticsAccumulator(width: width)
    sums.add(rows)
    self = sums.statistics
    guard count > 0 else { return }
    quantiles = rows.withUnsafeBufferPointer { LeRobot.quantiles(ofRows: $0, width: width) }
  }
}
