/// What is known of how an episode went, from whichever of the recorders' conventions its dataset
/// follows. T frames.
public struct EpisodeLabels: Sendable, Equatable {
  /// [T]
  public let rewards: [Float]
  /// [T]
  public let dones: [Bool]
  /// [T], the task in words.
  public let texts: [String]
  /// [T], where a person acted; nil when nothing says.
  public let interventions: [Bool]?
  /// Whether the episode succeeded; nil when nothing says, which is not a failure.
  public let success: Bool?
  /// Who acted but for interventions; nil when nothing says.
  public let source: Actor?
  /// How the episode came about; nil when nothing says.
  public let type: EpisodeType?
  /// [T], the improvement indicators that messages of style "advantage" give, nil in frames that none
  /// covers; nil when there are no such messages.
  public let indicators: [Bool?]?
  /// Where each came from.
  public let rules: LabelRules

  /// T.
  public var frameCount: Int { rewards.count }
}

/// Which rule gave each label, in words: "column next.reward".
public struct LabelRules: Sendable, Equatable {
  public let text, reward, done, success, intervention, source, type, indicator: String

  /// A label that nothing gave.
  public static let unlabelled = "unlabelled"

  /// A label that was taken away, whatever columns say.
  public static let takenAway = "unlabelled in meta/episodes"

  /// An outcome of which a reward alone could tell, and does not: a success may be worth 0 in the end.
  public static let rewardAlone = "unlabelled, as a last reward of 0 or below makes no failure"

  package init(
    text: String, reward: String, done: String, success: String, intervention: String,
    source: String, type: String, indicator: String = unlabelled
  ) {
    self.text = text
    self.reward = reward
    self.done = done
    self.success = success
    self.intervention = intervention
    self.source = source
    self.type = type
    self.indicator = indicator
  }
}

extension Dataset {
  /// Reads the labels of an episode's frames.
  ///
  /// Each is the first that is found, or that `overrides` fix:
  /// - success: `episode_success` or `success` of meta/episodes; a column `next.success` or
  ///   `success` that is true in any frame, `is_success` or `is_episode_successful` in the last; the
  ///   last reward above 0, while one of 0 or below says nothing;
  /// - interventions: a column `intervention`, `complementary_info.is_intervention`,
  ///   `is_intervention`, `intervene_flag` or `is_human_intervention` above 0.5;
  ///   `complementary_info.state` of 1; frames of `complementary_info.collector_policy_id` by a
  ///   person in an episode that is not all by one;
  /// - source: `source` of meta/episodes; `complementary_info.collector_policy_id`; `is_golden` in
  ///   all frames;
  /// - type: `episode_type` of meta/episodes; a correction where there is any intervention; a
  ///   demonstration of a person, or autonomous of a policy;
  /// - indicators: the messages of style "advantage" in `language_persistent`.
  ///
  /// A word "unlabelled" in meta/episodes leaves success, source or type without a label, whatever the
  /// columns say.
  ///
  /// - Throws: `DatasetError` that names the file, the column and what was wanted.
  public func labels(
    of episode: Episode, overrides: LabelOverrides = LabelOverrides()
  ) throws -> EpisodeLabels {
    try withColumns(of: episode) {
      try Labels(dataset: self, file: $0, episode: episode, overrides: overrides).all()
    }
  }
}
