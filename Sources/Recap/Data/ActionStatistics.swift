internal import LeRobot

/// Mean and standard deviation of every action dimension, for `dataset.normalize_actions: mean_std`.
package struct ActionStatistics: Equatable, Sendable {
  package let mean: [Float]
  package let standardDeviation: [Float]

  package init(mean: [Float], standardDeviation: [Float]) {
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// Those of rows of actions; the deviation is that of the population, as LeRobot's.
  init(_ statistics: FeatureStatistics) {
    self.init(
      mean: statistics.mean.map { Float($0) }, standardDeviation: statistics.std.map { Float($0) })
  }

  /// (x − mean) / (std + 1e-8) of rows of actions, as LeRobot's MEAN_STD.
  package func normalized(_ actions: [Float]) -> [Float] {
    actions.enumerated().map { index, value in
      (value - mean[index % mean.count]) / (standardDeviation[index % mean.count] + 1e-8)
    }
  }

  /// The inverse, x · std + mean.
  package func denormalized(_ actions: [Float]) -> [Float] {
    actions.enumerated().map { index, value in
      value * standardDeviation[index % mean.count] + mean[index % mean.count]
    }
  }
}
