internal import LeRobot

/// What labels a frame positive: the advantage, as RECAP does, or a rival's rule in the same network.
public enum IndicatorRule: String, Sendable, CaseIterable, Encodable {
  /// A > ε (arXiv 2511.14759 §IV-B).
  case advantage
  /// Every frame of the best share of each task's episodes by return.
  case `return`
  /// Every frame of a success.
  case success
}

/// How labels are shuffled within each task: controls that show what they are worth.
public enum IndicatorShuffle: String, Sendable, CaseIterable, Encodable {
  case none
  /// Frame by frame.
  case frames
  /// Stretch by stretch: runs of equal labels within an episode keep their lengths, so that labels change
  /// about as seldom as they did.
  case stretches

  /// Shuffles the labels of one task's episodes.
  func shuffled(_ labels: [[Bool?]], using generator: inout SplitMix64) -> [[Bool?]] {
    var all: [Bool?]
    switch self {
    case .none: return labels
    case .frames: all = labels.flatMap { $0 }.shuffled(using: &generator)
    case .stretches:
      let stretches = labels.flatMap { labels in
        labels.indices.filter { $0 == 0 || labels[$0] != labels[$0 - 1] }
          .map { start in labels[start...].prefix { $0 == labels[start] } }
      }
      all = stretches.shuffled(using: &generator).flatMap { $0 }
    }
    var rest = all[...]
    return labels.map { labels in
      defer { rest = rest.dropFirst(labels.count) }
      return Array(rest.prefix(labels.count))
    }
  }
}
