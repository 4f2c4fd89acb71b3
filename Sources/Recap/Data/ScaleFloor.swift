internal import Foundation
internal import LeRobot

// LeRobot divides by a standard deviation, or by a range, plus 1e-8. Where a dimension hardly varies, what
// differs from it by a little becomes a number of a hundred million.

extension FeatureStatistics {
  /// These statistics with scales that can be divided by, and what was widened, in words.
  ///
  /// What a mode divides by is widened where it is less than a thousandth of the dimensions' typical one (the
  /// median of those that vary), to that typical one; and where quantiles span less than a fiftieth of the
  /// whole range, to a tenth of it, so that a gripper that seldom moves has values of 10, not of 10⁸. Both
  /// ends move alike. Whoever reads the statistics needs no other arithmetic than LeRobot's.
  ///
  /// - Parameter names: of the dimensions; empty where they have none.
  func withScaleFloor(
    _ mode: NormalizationMode, names: [String]
  ) -> (statistics: FeatureStatistics, widened: [String]) {
    guard let low = ends(mode)?.low, let high = ends(mode)?.high else { return (self, []) }
    let ranges = zip(min, max).map { $1 - $0 }
    // Below what Float keeps of a number of that size, a difference is none.
    let steps = zip(min, max).map { 1e-6 * Swift.max(abs($0), abs($1)) }
    let scales = mode == .meanStd ? std : zip(low, high).map { $1 - $0 }
    let varying = zip(scales, steps).filter { $0 > $1 }.map(\.0).sorted()
    let typical = varying.isEmpty ? 1 : varying[(varying.count - 1) / 2]
    var result = self
    var widened: [String] = []
    for i in scales.indices {
      var scale = scales[i]
      if mode != .meanStd, scale < ranges[i] / 50 { scale = ranges[i] / 10 }
      if scale <= steps[i] || scale < typical / 1000 { scale = typical }
      if scale == scales[i] { continue }
      result.setScale(mode, i, scale)
      let name = i < names.count ? "'\(names[i])'" : "\(i)"
      let range =
        ranges[i] <= steps[i]
        ? "is \(shown(min[i])) throughout"
        : "is \(shown(min[i])) to \(shown(max[i]))"
          + (mode == .minMax || mode == .meanStd
            ? "" : ", for the most part \(shown(low[i])) to \(shown(high[i]))")
      widened.append(
        "\(name) \(range): scaled by \(shown(scale)), not \(shown(scales[i]))")
    }
    return (result, widened)
  }

  /// What a mode brings to −1 and 1; of mean_std the mean and a deviation above it.
  private func ends(_ mode: NormalizationMode) -> (low: [Double], high: [Double])? {
    switch mode {
    case .identity: return nil
    case .meanStd: return (mean, zip(mean, std).map { $0 + $1 })
    case .minMax: return (min, max)
    case .quantiles, .quantile10:
      guard let percents = mode.percents, let low = quantiles[percents.low],
        let high = quantiles[percents.high]
      else { return nil }
      return (low, high)
    }
  }

  private mutating func setScale(_ mode: NormalizationMode, _ i: Int, _ scale: Double) {
    func apart(_ low: inout Double, _ high: inout Double) {
      let middle = low / 2 + high / 2
      (low, high) = (middle - scale / 2, middle + scale / 2)
    }
    switch mode {
    case .identity: break
    case .meanStd: std[i] = scale
    case .minMax: apart(&min[i], &max[i])
    case .quantiles, .quantile10:
      let percents = mode.percents!
      var ends = (low: quantiles[percents.low]![i], high: quantiles[percents.high]![i])
      apart(&ends.low, &ends.high)
      quantiles[percents.low]![i] = ends.low
      quantiles[percents.high]![i] = ends.high
    }
  }

  /// The dimensions in which rows lie outside of the range that these statistics are of, by more than a fifth
  /// of it or of what they are scaled by; in words.
  ///
  /// - Parameter rows: laid flat, [rows, width].
  func departures(of rows: [Float], _ mode: NormalizationMode, names: [String]) -> [String] {
    guard let ends = ends(mode), !rows.isEmpty else { return [] }
    let now = FeatureStatistics(rows: rows, width: mean.count)
    return mean.indices.compactMap { i in
      let margin = 0.2 * Swift.max(max[i] - min[i], ends.high[i] - ends.low[i])
      guard now.min[i] < min[i] - margin || now.max[i] > max[i] + margin else { return nil }
      let name = i < names.count ? "'\(names[i])'" : "\(i)"
      return
        "\(name) \(shown(now.min[i])) to \(shown(now.max[i])), there \(shown(min[i])) to \(shown(max[i]))"
    }
  }
}

/// A number as a person wants it: four digits.
private func shown(_ number: Double) -> String {
  var text = String(format: "%.4g", number)
  if text == "-0" { text = "0" }
  return text
}

extension ActionStatistics {
  /// The statistics of a feature's values, as the configuration wants them normalised.
  ///
  /// - Parameters:
  ///   - rows: laid flat, [rows, width].
  ///   - key: the feature's, which is named where a scale is widened.
  init?(
    _ mode: Configuration.ActionNormalization, of rows: [Float], width: Int, _ key: String,
    _ dataset: LeRobot.Dataset, floor: Bool, report: (TrainingEvent) -> Void
  ) {
    guard let lerobot = mode.lerobot else { return nil }
    var statistics = FeatureStatistics(withQuantilesOf: rows.map(Double.init), width: width)
    if floor {
      let found = statistics.withScaleFloor(
        lerobot, names: dataset.info.features[key]?.names ?? [])
      statistics = found.statistics
      if !found.widened.isEmpty {
        report(
          .message(
            "\(key) hardly varies in \(found.widened.count) of \(width) dimensions: "
              + first(found.widened) + " (dataset.scale_floor)"))
      }
    }
    self.init(mode, statistics)
  }

  /// Says where values leave what a checkpoint's statistics are of.
  func reportDepartures(
    of rows: [Float], _ key: String, _ dataset: LeRobot.Dataset, report: (TrainingEvent) -> Void
  ) {
    guard let lerobot = mode.lerobot else { return }
    let found = statistics.departures(
      of: rows, lerobot, names: dataset.info.features[key]?.names ?? [])
    if found.isEmpty { return }
    report(
      .message(
        "\(key) leaves the range of the data whose statistics the checkpoint normalises by: "
          + first(found) + "; a run from no checkpoint takes those of all data"))
  }
}

/// A few of many, in one line.
private func first(_ texts: [String]) -> String {
  texts.prefix(8).joined(separator: "; ") + (texts.count > 8 ? "; …" : "")
}
