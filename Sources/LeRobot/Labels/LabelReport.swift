import Platform

/// The labels of some episodes, counted, and which rules gave them.
public struct LabelReport: Sendable, Equatable {
  /// Episodes of one type.
  public struct Group: Sendable, Equatable {
    public fileprivate(set) var episodes = 0
    public fileprivate(set) var frames = 0
    public fileprivate(set) var successes = 0
    public fileprivate(set) var failures = 0
    /// Frames in which a person acted.
    public fileprivate(set) var interventions = 0

    /// Episodes of which nothing says whether they succeeded.
    public var unlabelled: Int { episodes - successes - failures }
  }

  /// By type; `nil` is of episodes whose type nothing gives.
  public private(set) var groups: [EpisodeType?: Group] = [:]
  /// By label ("success"), how many episodes each rule gave it.
  public private(set) var rules: [String: [String: Int]] = [:]

  /// The labels in the order in which they are reported.
  public static let labels = [
    "type", "success", "source", "intervention", "reward", "done", "text",
    "indicator",
  ]

  public init() {}

  /// Counts one episode.
  public mutating func add(_ labels: EpisodeLabels) {
    var group = groups[labels.type] ?? Group()
    group.episodes += 1
    group.frames += labels.frameCount
    if let success = labels.success {
      if success { group.successes += 1 } else { group.failures += 1 }
    }
    group.interventions += labels.interventions?.count { $0 } ?? 0
    groups[labels.type] = group
    let found = labels.rules
    for (label, rule) in [
      ("type", found.type), ("success", found.success), ("source", found.source),
      ("intervention", found.intervention), ("reward", found.reward), ("done", found.done),
      ("text", found.text), ("indicator", found.indicator),
    ] {
      rules[label, default: [:]][rule, default: 0] += 1
    }
  }

  /// The rules of one label in words, the most frequent first, with their episodes where there are
  /// several: "success in meta/episodes (6 episodes), else unlabelled (2)".
  public func text(of label: String) -> String {
    let counts = (rules[label] ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if counts.count < 2 { return counts.first?.key ?? LabelRules.unlabelled }
    return counts.enumerated().map { place, rule in
      let noun = place > 0 ? "" : rule.value == 1 ? " episode" : " episodes"
      return "\(rule.key) (\(rule.value)\(noun))"
    }.joined(separator: ", else ")
  }
}

extension Dataset {
  /// Reads the labels of every episode.
  ///
  /// - Parameter progress: called with the episodes read so far.
  public func labelReport(
    overrides: LabelOverrides = LabelOverrides(), progress: (Int) -> Void = { _ in }
  ) throws -> LabelReport {
    var report = LabelReport()
    for (position, episode) in episodes.enumerated() {
      try Interruption.check()
      report.add(try labels(of: episode, overrides: overrides))
      progress(position + 1)
    }
    return report
  }
}
