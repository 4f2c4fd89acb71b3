import Foundation

/// One direction of a chart: what it reaches from and to, and round ticks.
struct ChartAxis {
  /// How the numbers of an axis read.
  enum Format {
    case number
    /// A share: 0.5 is 50%.
    case percent
  }

  private(set) var low: Double
  private(set) var high: Double
  /// Multiples of 1, 2 or 5 times a power of ten.
  private(set) var ticks: [Double]
  private let step: Double
  private let format: Format

  /// - Parameters:
  ///   - values: what is to be shown; what is not finite does not count.
  ///   - isRounded: whether the axis goes on to the next tick at both ends.
  ///   - isWhole: whether there is no tick between 1 and 2 where all values are whole.
  ///   - count: about so many steps from tick to tick.
  init(
    _ values: [Double], isRounded: Bool, isWhole: Bool = false, count: Int = 4,
    format: Format = .number
  ) {
    let finite = values.filter { $0.isFinite && abs($0) < 1e300 }
    var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    if low == high || high - low < 1e-12 * max(abs(low), abs(high)) {
      let room = low == 0 ? 1 : abs(low) / 2
      (low, high) = (low - room, high + room)
    }
    var step = ChartAxis.step(for: (high - low) / Double(count))
    if isWhole, finite.allSatisfy({ $0 == $0.rounded() }) { step = max(step, 1) }
    if isRounded {
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    }
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    ticks = (0...max(0, Int(last - first))).map { (first + Double($0)) * step }
    (self.low, self.high, self.step, self.format) = (low, high, step, format)
  }

  /// The power of ten times 1, 2 or 5 that is nearest.
  static func step(for width: Double) -> Double {
    let power = pow(10, log10(width).rounded(.down))
    switch width / power {
    case ..<1.5: return power
    case ..<3.5: return 2 * power
    case ..<7.5: return 5 * power
    default: return 10 * power
    }
  }

  /// Where a value lies between the places of `low` and `high`.
  func position(_ value: Double, from start: Double, to end: Double) -> Double {
    start + (value - low) / (high - low) * (end - start)
  }

  /// A tick's number, with the digits that its neighbours need.
  func text(_ tick: Double) -> String {
    let (value, step) = format == .percent ? (100 * tick, 100 * self.step) : (tick, self.step)
    let unit = format == .percent ? "%" : ""
    guard step >= 1e-5, abs(value) < 1e9 else { return String(format: "%.3g", value) + unit }
    let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    return Markup.number(value, decimals: decimals) + unit
  }

  /// A value's number, to about three digits.
  static func text(_ value: Double, _ format: Format) -> String {
    guard value.isFinite else { return "–" }
    guard format == .number else { return Markup.number(100 * value, decimals: 0) + "%" }
    let size = abs(value)
    if size >= 1e9 || (size > 0 && size < 1e-3) { return String(format: "%.2e", value) }
    let decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
    return Markup.number(value, decimals: decimals)
  }
}
