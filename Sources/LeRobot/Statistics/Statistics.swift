/// Mean, standard deviation (of the population), least and greatest value and, where known,
/// quantiles of each element of a feature.
public struct FeatureStatistics: Sendable, Equatable, Codable {
  public var mean: [Double]
  public var std: [Double]
  public var min: [Double]
  public var max: [Double]
  /// By per cent, as LeRobot's q01, q10, q50, q90 and q99: `quantiles[1]` is q01 of each element.
  /// Empty when not known.
  public var quantiles: [Int: [Double]]
  /// Rows; of a camera, the frames that were sampled.
  public var count: Int
  /// Where they come from: a file of the dataset, or "computed".
  public var source: String

  /// The quantiles that LeRobot 0.4 and later write, in per cent.
  public static let percents = [1, 10, 50, 90, 99]

  package init(
    mean: [Double], std: [Double], min: [Double], max: [Double], quantiles: [Int: [Double]] = [:],
    count: Int, source: String = "computed"
  ) {
    self.mean = mean
    self.std = std
    self.min = min
    self.max = max
    self.quantiles = quantiles
    self.count = count
    self.source = source
  }

  /// The statistics of rows laid flat, [rows, width], without quantiles.
  public init(rows: [Float], width: Int) {
    var sums = StatisticsAccumulator(width: width)
    rows.withUnsafeBufferPointer { sums.add($0) }
    self = sums.statistics
  }

  /// The statistics of all rows of several parts: least of the least, greatest of the greatest,
  /// means weighted by count, variances by count around the common mean.
  ///
  /// The quantiles of several parts do not follow from the parts', and are left out.
  ///
  /// - Parameter estimatingQuantiles: give the parts' means weighted by count for quantiles, as
  ///   LeRobot 0.6.1 does, where every part has them. It may do for pictures, whose pixels would
  ///   have to be decoded again; of numbers it is wrong by as much as the parts differ.
  public init?(aggregating parts: [FeatureStatistics], estimatingQuantiles: Bool = false) {
    guard let first = parts.first else { return nil }
    if parts.count == 1, first.count > 0 {
      self = first
      return
    }
    let width = first.mean.count
    let total = parts.reduce(0) { $0 + $1.count }
    guard total > 0, parts.allSatisfy({ $0.mean.count == width }) else { return nil }
    var result = first
    result.count = total
    for i in 0..<width {
      let mean = parts.reduce(0.0) { $0 + $1.mean[i] * Double($1.count) } / Double(total)
      let variance = parts.reduce(0.0) {
        let shift = $1.mean[i] - mean
        return $0 + ($1.std[i] * $1.std[i] + shift * shift) * Double($1.count)
      }
      result.mean[i] = mean
      result.std[i] = (variance / Double(total)).squareRoot()
      result.min[i] = parts.reduce(.infinity) { Swift.min($0, $1.min[i]) }
      result.max[i] = parts.reduce(-.infinity) { Swift.max($0, $1.max[i]) }
    }
    result.quantiles = [:]
    for percent in first.quantiles.keys
    where estimatingQuantiles && parts.allSatisfy({ $0.quantiles[percent]?.count == width }) {
      result.quantiles[percent] = (0..<width).map { i in
        parts.reduce(0.0) { $0 + $1.quantiles[percent]![i] * Double($1.count) } / Double(total)
      }
    }
    self = result
  }

  /// From a member of meta/stats.json or meta/episodes_stats.jsonl, nested lists (an image's
  /// [[[r]], [[g]], [[b]]]) laid flat; nil when it is not one of finite numbers.
  init?(_ json: JSON, source: String) {
    self.init(count: json["count"]?.flatNumbers?.first, source: source) {
      json[$0]?.flatNumbers
    }
  }

  /// From named vectors ("mean", "q01"); nil unless mean, std, min and max are there, finite and of
  /// one length.
  init?(count: Double?, source: String, vector: (String) throws -> [Double]?) rethrows {
    func finite(_ key: String) throws -> [Double]? {
      try vector(key).flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
    }
    guard let mean = try finite("mean"), let std = try finite("std"), let min = try finite("min"),
      let max = try finite("max"), !mean.isEmpty,
      [std, min, max].allSatisfy({ $0.count == mean.count })
    else { return nil }
    // Of no more rows than there can be: counts are added up.
    let count = count.flatMap(Int.init(exactly:)) ?? 0
    guard (0...1 << 40).contains(count) else { return nil }
    var quantiles: [Int: [Double]] = [:]
    for percent in FeatureStatistics.percents {
      let name = FeatureStatistics.name(percent: percent)
      if let values = try finite(name), values.count == mean.count { quantiles[percent] = values }
    }
    self.init(
      mean: mean, std: std, min: min, max: max, quantiles: quantiles,
      count: count, source: source)
  }

  /// LeRobot's name of a quantile: "q01" for 1.
  package static func name(percent: Int) -> String { percent < 10 ? "q0\(percent)" : "q\(percent)" }
}

extension JSON {
  /// Numbers and booleans of nested lists, in order; nil where there is anything else.
  var flatNumbers: [Double]? {
    switch self {
    case .integer(let value): return [Double(value)]
    case .unsigned(let value): return [Double(value)]
    case .number(let value): return [value]
    case .bool(let value): return [value ? 1 : 0]
    case .array(let elements):
      var all: [Double] = []
      for element in elements {
        guard let numbers = element.flatNumbers else { return nil }
        all += numbers
      }
      return all
    default: return nil
    }
  }
}
