internal import LeRobot
package import Torch

/// The form in checkpoints: the mode, and each vector under LeRobot's name of it.
extension ActionStatistics {
  /// "mean", "std", "min", "max", "q01" and so on, of every dimension.
  var vectors: [(name: String, values: [Double])] {
    [
      ("mean", statistics.mean), ("std", statistics.std), ("min", statistics.min),
      ("max", statistics.max),
    ]
      + FeatureStatistics.percents.compactMap { percent in
        statistics.quantiles[percent].map { (FeatureStatistics.name(percent: percent), $0) }
      }
  }

  package var pickled: PickleValue {
    .dictionary(
      [("mode", .string(mode.rawValue)), ("count", .int(statistics.count))]
        + vectors.map { (.string($0.name), .list($0.values.map(PickleValue.double))) })
  }

  package init?(_ pickled: PickleValue) {
    func vector(_ name: String) -> [Double]? { pickled[name]?.array?.compactMap(\.double) }
    guard let mean = vector("mean"), let std = vector("std") else { return nil }
    let quantiles = FeatureStatistics.percents.compactMap { percent in
      vector(FeatureStatistics.name(percent: percent)).map { (percent, $0) }
    }
    let statistics = FeatureStatistics(
      mean: mean, std: std, min: vector("min") ?? mean, max: vector("max") ?? mean,
      quantiles: Dictionary(uniqueKeysWithValues: quantiles),
      count: pickled["count"]?.int ?? 0, source: "checkpoint")
    let all = [std, statistics.min, statistics.max] + quantiles.map(\.1)
    guard !mean.isEmpty, all.allSatisfy({ $0.count == mean.count }) else { return nil }
    self.init(
      pickled["mode"]?.string.flatMap(Configuration.ActionNormalization.init) ?? .meanStd,
      statistics)
  }
}
