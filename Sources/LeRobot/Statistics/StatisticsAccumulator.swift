/// Mean, variance, least and greatest values of rows that come in parts, in constant memory.
///
/// A part's sums are taken around its own mean and joined as in Chan, Golub and LeVeque, "Updating
/// formulae and a pairwise algorithm for computing sample variances" (1979), so that a small
/// deviation around a large mean survives millions of rows.
package struct StatisticsAccumulator: Sendable {
  package let width: Int
  package private(set) var count = 0
  private var mean: [Double]
  /// Sums of squared deviations from the mean.
  private var squares: [Double]
  private var least: [Double]
  private var greatest: [Double]

  package init(width: Int) {
    self.width = width
    mean = Array(repeating: 0, count: width)
    squares = mean
    least = Array(repeating: .infinity, count: width)
    greatest = Array(repeating: -.infinity, count: width)
  }

  /// Adds rows laid flat: [rows, width].
  package mutating func add(_ rows: [Float]) { rows.withUnsafeBufferPointer { add($0) } }

  /// Adds rows laid flat: [rows, width].
  package mutating func add(_ rows: [Double]) { rows.withUnsafeBufferPointer { add($0) } }

  mutating func add<T: BinaryFloatingPoint>(_ rows: UnsafeBufferPointer<T>) {
    guard width > 0 else { return }
    guard rows.count % width == 0 else {
      fatalError("\(rows.count) values are not rows of \(width)")
    }
    let added = rows.count / width
    guard added > 0 else { return }
    let share = Double(added) / Double(count + added)
    for i in 0..<width {
      var sum = 0.0
      var low = least[i]
      var high = greatest[i]
      for position in stride(from: i, to: rows.count, by: width) {
        let x = Double(rows[position])
        sum += x
        low = x < low ? x : low
        high = x > high ? x : high
      }
      let partMean = sum / Double(added)
      var partSquares = 0.0
      for position in stride(from: i, to: rows.count, by: width) {
        let deviation = Double(rows[position]) - partMean
        partSquares += deviation * deviation
      }
      let shift = partMean - mean[i]
      mean[i] += shift * share
      squares[i] += partSquares + shift * shift * Double(count) * share
      least[i] = low
      greatest[i] = high
    }
    count += added
  }

  /// Those of the rows so far; without rows the least value is +∞ and the greatest −∞.
  package var statistics: FeatureStatistics {
    FeatureStatistics(
      mean: mean, std: squares.map { ($0 / Double(Swift.max(count, 1))).squareRoot() }, min: least,
      max: greatest, count: count)
  }
}
