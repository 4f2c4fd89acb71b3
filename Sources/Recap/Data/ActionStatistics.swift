package import LeRobot

/// The statistics of every action dimension, and how actions are normalised with them:
/// `dataset.normalize_actions`.
package struct ActionStatistics: Equatable, Sendable {
  let mode: Configuration.ActionNormalization
  let statistics: FeatureStatistics
  private let normalization: Normalization

  /// Nil for the mode `none`, and where the statistics have not what the mode needs.
  package init?(_ mode: Configuration.ActionNormalization, _ statistics: FeatureStatistics) {
    guard let lerobot = mode.lerobot, let normalization = Normalization(lerobot, statistics) else {
      return nil
    }
    self.mode = mode
    self.statistics = statistics
    self.normalization = normalization
  }

  /// How many numbers an action has.
  var width: Int { statistics.mean.count }

  /// Normalised rows of actions.
  package func normalized(_ actions: [Float]) -> [Float] { normalization.normalized(actions) }

  /// The inverse.
  package func denormalized(_ actions: [Float]) -> [Float] { normalization.denormalized(actions) }
}

extension Configuration.ActionNormalization {
  /// LeRobot's mode of this name; nil for `none`.
  var lerobot: NormalizationMode? {
    switch self {
    case .none: nil
    case .meanStd: .meanStd
    case .minMax: .minMax
    case .quantiles: .quantiles
    case .quantile10: .quantile10
    }
  }
}
