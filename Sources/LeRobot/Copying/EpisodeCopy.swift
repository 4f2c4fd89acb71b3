/// What becomes of a label in a copy.
public enum Change<Value: Sendable & Equatable>: Sendable, Equatable {
  case keep
  /// As if it had never been recorded.
  case remove
  case set(Value)
}

extension Change {
  /// What a label becomes.
  func applied(to value: Value?) -> Value? {
    switch self {
    case .keep: value
    case .remove: nil
    case .set(let value): value
    }
  }
}

/// An episode to be copied, and what changes about it.
public struct EpisodeCopy: Sendable {
  public let dataset: Dataset
  public let episode: Episode
  /// How it came about: `episode_type`.
  public var type = Change<EpisodeType>.keep
  /// Whether it succeeded: `episode_success`.
  public var success = Change<Bool>.keep
  /// Who acted: `source`.
  public var source = Change<String>.keep
  /// The task of all its frames; nil to leave them as they are.
  public var task: String?

  public init(_ dataset: Dataset, _ episode: Episode) {
    self.dataset = dataset
    self.episode = episode
  }
}

extension Dataset {
  /// Copies of all episodes, nothing changed.
  public var copies: [EpisodeCopy] { episodes.map { EpisodeCopy(self, $0) } }
}

extension EpisodeRecord {
  /// Applies the changes of labels; a key that other recorders use for the same is set as well.
  mutating func apply(_ copy: EpisodeCopy) {
    switch copy.type {
    case .keep: break
    case .remove: extras["episode_type"] = nil
    case .set(let type): extras["episode_type"] = .string(type.rawValue)
    }
    switch copy.success {
    case .keep: break
    case .remove:
      extras["episode_success"] = nil
      extras["success"] = nil
    case .set(let success):
      extras["episode_success"] = .string(success ? "success" : "failure")
      if extras["success"] != nil { extras["success"] = .bool(success) }
    }
    switch copy.source {
    case .keep: break
    case .remove: extras["source"] = nil
    case .set(let source): extras["source"] = .string(source)
    }
  }

  /// Says "unlabelled" of labels that are taken away and that columns of the rows would give all the same.
  mutating func withhold(_ copy: EpisodeCopy) throws {
    let removed: [EpisodeLabel] =
      (copy.type == .remove ? [.type] : []) + (copy.success == .remove ? [.success] : [])
      + (copy.source == .remove ? [.source] : [])
    if removed.isEmpty { return }
    let episode = copy.episode
    let labels = try copy.dataset.labels(
      of: Episode(
        index: episode.index, length: episode.length, tasks: episode.tasks,
        type: copy.type.applied(to: episode.type),
        success: copy.success.applied(to: episode.success),
        source: copy.source.applied(to: episode.source)))
    for label in removed {
      let isGiven =
        switch label {
        case .type: labels.type != nil
        case .success: labels.success != nil
        case .source: labels.source != nil
        }
      if isGiven { extras[label.rawValue] = .string(EpisodeLabel.none) }
    }
  }
}
