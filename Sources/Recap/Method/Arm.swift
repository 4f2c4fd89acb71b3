internal import Foundation
internal import LeRobot

/// RECAP, and what it is to be compared with on the same data.
public enum Arm: String, Sendable, CaseIterable, Encodable {
  /// All frames, conditioned on the improvement indicator.
  case recap
  /// Behaviour cloning of the demonstrations.
  case bcDemonstrations = "bc_demonstrations"
  /// Behaviour cloning of everything.
  case bcAll = "bc_all"
  /// Behaviour cloning of the successes.
  case filteredBC = "filtered_bc"
  /// Behaviour cloning of the best 40 % of each task's episodes by return.
  case bestBC = "best_bc"
  /// Behaviour cloning of the frames that are labelled positive.
  case positiveBC = "positive_bc"
  /// Advantage-weighted regression: behaviour cloning of everything, weighted by exp(A / τ).
  case awr

  /// Whether it goes by improvement indicators or advantages.
  var needsLabels: Bool { [.recap, .positiveBC, .awr].contains(self) }
}

/// An experience has nothing that an arm could be fitted to.
package struct ExperienceError: Error, CustomStringConvertible {
  package let description: String
}

extension Arm {
  /// The frames it is fitted to, with their labels and weights.
  ///
  /// - Parameters:
  ///   - returns: where an arm goes by outcomes; episodes without one are left out of all but BC on
  ///     everything.
  ///   - labels: of the arms that need values; nil forces all labels positive (SFT).
  /// - Throws: `ExperienceError` where no frame is left.
  package func frames(
    of experience: Experience, _ returns: EpisodeReturns, _ labels: ImprovementLabels?
  ) throws -> [TrainingFrame] {
    let episodes = experience.episodes
    func all(_ positions: [Int]) -> [TrainingFrame] {
      positions.flatMap { i in
        (0..<episodes[i].frameCount).map { TrainingFrame(episode: i, frame: $0) }
      }
    }
    let frames: [TrainingFrame]
    switch self {
    case .recap:
      frames = all(Array(episodes.indices)).compactMap { frame in
        var frame = frame
        if let labels {
          // What has no outcome has no label: the unconditional branch learns it all the same.
          let own = labels.indicators[frame.episode]
          frame.indicator = own.isEmpty ? nil : own[frame.frame]
        } else {
          frame.indicator = true
        }
        return frame
      }
    case .bcDemonstrations:
      let demonstrations = episodes.indices.filter { episodes[$0].type == .demo }
      frames = all(demonstrations.isEmpty ? Array(episodes.indices) : demonstrations)
    case .bcAll: frames = all(Array(episodes.indices))
    case .filteredBC:
      frames = all(
        episodes.indices.filter { i in
          episodes[i].success ?? (episodes[i].type != .autonomous)
        })
    case .bestBC: frames = all(returns.best(0.4, of: experience))
    case .positiveBC:
      frames = all(Array(episodes.indices)).filter { frame in
        guard let labels else { return true }
        let own = labels.indicators[frame.episode]
        return !own.isEmpty && own[frame.frame] == true
      }
    case .awr:
      frames =
        labels.map { weighted(all(Array(episodes.indices)), $0) }
        ?? all(Array(episodes.indices))
    }
    if frames.isEmpty {
      throw ExperienceError(
        description:
          "recap.method \(rawValue) has no frame to fit among \(episodes.count) episodes, "
          + "of which \(episodes.count { $0.success == true }) succeeded and "
          + "\(episodes.count { $0.success == false }) failed: wanted \(wanted)")
    }
    return frames
  }

  /// What a person should know of the episodes that it is fitted to.
  func remarks(_ experience: Experience) -> [String] {
    guard self == .bcDemonstrations, !experience.episodes.contains(where: { $0.type == .demo })
    else { return [] }
    return [
      "recap.method \(rawValue): no episode is known as a demonstration, so all "
        + "\(experience.episodes.count) are cloned (dataset.episode_type says what they are)"
    ]
  }

  private var wanted: String {
    switch self {
    case .filteredBC: "at least one success"
    case .bestBC: "at least one episode with an outcome"
    case .positiveBC, .awr: "at least one frame with a positive advantage"
    default: "at least one episode"
    }
  }

  /// Weights exp(A / τ) with τ the standard deviation of the advantages, A at most three of them
  /// above its mean, and scaled to the mean 1 (Peng et al., arXiv 1910.00177, whose fixed τ and clip suit other scales).
  private func weighted(_ frames: [TrainingFrame], _ labels: ImprovementLabels) -> [TrainingFrame] {
    let known = frames.filter { !labels.advantages[$0.episode].isEmpty }
    let advantages = known.map { Double(labels.advantages[$0.episode][$0.frame]) }
    let count = Double(max(advantages.count, 1))
    let mean = advantages.reduce(0, +) / count
    let variance = advantages.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let temperature = max(variance.squareRoot(), 1e-6)
    let weights = advantages.map { exp(min(($0 - mean) / temperature, 3)) }
    let scale = weights.reduce(0, +) / count
    return zip(known, weights).map { frame, weight in
      TrainingFrame(
        episode: frame.episode, frame: frame.frame, indicator: nil, weight: Float(weight / scale))
    }
  }
}
