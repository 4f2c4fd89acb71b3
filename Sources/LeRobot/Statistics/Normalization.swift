/// How numbers are brought to a common scale, under LeRobot's names.
public enum NormalizationMode: String, Sendable, CaseIterable, Codable {
  /// Left as they are.
  case identity = "IDENTITY"
  /// Mean 0, standard deviation 1.
  case meanStd = "MEAN_STD"
  /// The least value to −1, the greatest to 1.
  case minMax = "MIN_MAX"
  /// The 1 % quantile to −1, the 99 % quantile to 1.
  case quantiles = "QUANTILES"
  /// The 10 % quantile to −1, the 90 % quantile to 1.
  case quantile10 = "QUANTILE10"

  /// The quantiles it needs, in per cent.
  public var percents: (low: Int, high: Int)? {
    switch self {
    case .quantiles: (1, 99)
    case .quantile10: (10, 90)
    default: nil
    }
  }
}

/// The normalisation of one feature, and its inverse.
///
/// Computed in `Float`, operation for operation as LeRobot 0.6.1 computes it (`NormalizerProcessorStep`,
/// `UnnormalizerProcessorStep`), so that results are bit for bit those of a policy trained there. With
/// ε = 1e-8:
///
/// | mode | forward | inverse |
/// |---|---|---|
/// | IDENTITY | x | x |
/// | MEAN_STD | (x − mean) / (std + ε) | x · std + mean |
/// | others | 2 (x − low) / (high − low) − 1 | (x + 1) / 2 · (high − low) + low |
///
/// Where high equals low, ε stands for their difference. Nothing is clipped.
public struct Normalization: Sendable, Equatable {
  public let mode: NormalizationMode
  /// Mean or low value of each element; empty for IDENTITY.
  let offset: [Float]
  /// Standard deviation, or high − low, of each element.
  let scale: [Float]

  /// Leaves values as they are.
  public static let identity = Normalization(mode: .identity, offset: [], scale: [])

  private init(mode: NormalizationMode, offset: [Float], scale: [Float]) {
    (self.mode, self.offset, self.scale) = (mode, offset, scale)
  }

  /// The normalisation that `statistics` give; nil when they have not the quantiles that it needs
  /// (`Dataset.statistics(for:episodes:quantiles:)` computes them).
  public init?(_ mode: NormalizationMode, _ statistics: FeatureStatistics) {
    func floats(_ values: [Double]) -> [Float] { values.map { Float($0) } }
    switch mode {
    case .identity:
      self = .identity
    case .meanStd:
      self.init(mode: mode, offset: floats(statistics.mean), scale: floats(statistics.std))
    case .minMax:
      self.init(mode: mode, low: floats(statistics.min), high: floats(statistics.max))
    case .quantiles, .quantile10:
      let percents = mode.percents!
      guard let low = statistics.quantiles[percents.low],
        let high = statistics.quantiles[percents.high]
      else { return nil }
      self.init(mode: mode, low: floats(low), high: floats(high))
    }
  }

  private init(mode: NormalizationMode, low: [Float], high: [Float]) {
    let scale = zip(low, high).map { $1 - $0 == 0 ? Normalization.epsilon : $1 - $0 }
    self.init(mode: mode, offset: low, scale: scale)
  }

  private static let epsilon: Float = 1e-8

  /// Normalises rows laid flat, [rows, width] where the width is that of the statistics or, as in
  /// PyTorch's broadcasting, a multiple of it.
  public func normalized(_ rows: [Float]) -> [Float] {
    switch mode {
    case .identity: rows
    case .meanStd: map(rows) { ($0 - $1) / ($2 + Normalization.epsilon) }
    default: map(rows) { 2 * ($0 - $1) / $2 - 1 }
    }
  }

  /// The inverse of `normalized`.
  public func denormalized(_ rows: [Float]) -> [Float] {
    switch mode {
    case .identity: rows
    case .meanStd: map(rows) { $0 * $2 + $1 }
    case .minMax: map(rows) { ($0 + 1) / 2 * $2 + $1 }
    default: map(rows) { ($0 + 1) * $2 / 2 + $1 }
    }
  }

  private func map(_ rows: [Float], _ body: (Float, Float, Float) -> Float) -> [Float] {
    let width = offset.count
    guard width > 0, rows.count % width == 0 else {
      fatalError("\(rows.count) values are not rows of \(width)")
    }
    return [Float](unsafeUninitializedCapacity: rows.count) { buffer, count in
      for row in stride(from: 0, to: rows.count, by: width) {
        for i in 0..<width { buffer[row + i] = body(rows[row + i], offset[i], scale[i]) }
      }
      count = rows.count
    }
  }
}
