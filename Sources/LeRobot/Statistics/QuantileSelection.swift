/// Exact quantiles of columns that do not fit in memory, by reading them a few times.
///
/// Each pass counts the values around every wanted rank in 4096 bins, and the bin that holds the
/// rank is what the next pass divides, until all its values are equal. Bins are of equal width in
/// the order of floating-point numbers' bits, so that six passes always do; three are usual. A
/// pass needs 96 kB a rank and column.
package struct QuantileSelection {
  /// Values of one column between two bounds, among which some ranks lie.
  private struct Bracket {
    let low: UInt64
    let high: UInt64
    /// How many of the column's values are less than `low`.
    let below: Int
    let ranks: [Int]
    let shift: Int
    var counts = [Int](repeating: 0, count: 4096)
    var least = [UInt64](repeating: .max, count: 4096)
    var greatest = [UInt64](repeating: 0, count: 4096)

    init(low: UInt64, high: UInt64, below: Int, ranks: [Int]) {
      (self.low, self.high, self.below, self.ranks) = (low, high, below, ranks)
      shift = max(0, 64 - (high - low).leadingZeroBitCount - 12)
    }

    /// Counts the values of one column of rows.
    mutating func add(_ rows: UnsafeBufferPointer<Double>, column: Int, width: Int) {
      for position in stride(from: column, to: rows.count, by: width) {
        let key = key(rows[position])
        guard key >= low, key <= high else { continue }
        let bin = Int((key - low) >> UInt64(shift))
        counts[bin] += 1
        if key < least[bin] { least[bin] = key }
        if key > greatest[bin] { greatest[bin] = key }
      }
    }
  }

  private let percents: [Int]
  private let count: Int
  private let width: Int
  /// By column.
  private var brackets: [[Bracket]]
  private var found: [[Int: Double]]

  /// The quantiles of each element of rows.
  ///
  /// - Parameters:
  ///   - statistics: those of the same rows, at least one.
  ///   - forEachPart: calls its argument with parts of the rows, [n, width], all of them each time;
  ///     the values are finite.
  package static func quantiles(
    _ statistics: FeatureStatistics, percents: [Int] = FeatureStatistics.percents,
    forEachPart: ((UnsafeBufferPointer<Double>) throws -> Void) throws -> Void
  ) throws -> [Int: [Double]] {
    let width = statistics.mean.count
    var result = Dictionary(uniqueKeysWithValues: percents.map { ($0, [Double]()) })
    for first in stride(from: 0, to: width, by: 32) {
      let columns = first..<min(first + 32, width)
      var selection = QuantileSelection(statistics, percents: percents, columns: columns)
      while !selection.isDone {
        try forEachPart { selection.add($0, columns) }
        selection.narrow()
      }
      for percent in percents { result[percent]! += selection.values(percent) }
    }
    return result
  }

  private init(_ statistics: FeatureStatistics, percents: [Int], columns: Range<Int>) {
    self.percents = percents
    count = statistics.count
    width = statistics.mean.count
    let positions = percents.map { [count] in QuantilePosition(percent: $0, count: count) }
    let ranks = Set(positions.flatMap { [$0.lower, $0.upper] }).sorted()
    brackets = columns.map {
      [
        Bracket(
          low: key(statistics.min[$0]), high: key(statistics.max[$0]), below: 0, ranks: ranks)
      ]
    }
    found = columns.map { _ in [:] }
  }

  private var isDone: Bool { brackets.allSatisfy(\.isEmpty) }

  private mutating func add(_ rows: UnsafeBufferPointer<Double>, _ columns: Range<Int>) {
    for (column, element) in columns.enumerated() {
      for bracket in brackets[column].indices {
        brackets[column][bracket].add(rows, column: element, width: width)
      }
    }
  }

  /// Replaces every bracket by those of its bins that hold a rank.
  private mutating func narrow() {
    for column in brackets.indices {
      var next: [Bracket] = []
      for bracket in brackets[column] {
        var below = bracket.below
        var ranks = bracket.ranks[...]
        for bin in bracket.counts.indices where !ranks.isEmpty {
          let inside = ranks.prefix { $0 < below + bracket.counts[bin] }
          ranks = ranks.dropFirst(inside.count)
          let (low, high) = (bracket.least[bin], bracket.greatest[bin])
          if !inside.isEmpty, low == high {
            for rank in inside { found[column][rank] = value(low) }
          } else if !inside.isEmpty {
            next.append(Bracket(low: low, high: high, below: below, ranks: Array(inside)))
          }
          below += bracket.counts[bin]
        }
        if !ranks.isEmpty { fatalError("parts of \(below) rows where there were \(count)") }
      }
      brackets[column] = next
    }
  }

  private func values(_ percent: Int) -> [Double] {
    let position = QuantilePosition(percent: percent, count: count)
    return found.map { position.value($0[position.lower]!, $0[position.upper]!) }
  }
}

/// A number whose order among unsigned integers is that of the floating-point numbers.
private func key(_ value: Double) -> UInt64 {
  // −0 is 0, as the least of both may be either.
  let bits = (value + 0).bitPattern
  return bits >> 63 == 1 ? ~bits : bits | 1 << 63
}

/// The inverse of `key`.
private func value(_ key: UInt64) -> Double {
  Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
}
