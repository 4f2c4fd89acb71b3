/// Who acts in an episode.
public enum Actor: String, Sendable, CaseIterable, Codable {
  case human, policy

  /// Whom the word of an episode's `source` stands for; nil for a word that is not known.
  public init?(recorded word: String) {
    switch word.lowercased() {
    case "human", "demo", "demos", "demonstration", "demonstrations", "teleop", "teleoperation",
      "teleoperator", "operator", "expert":
      self = .human
    case "policy", "autonomous", "auto", "rollout", "rollouts", "model": self = .policy
    default: return nil
    }
  }
}

/// What a person says of a dataset's labels where its recorder says nothing, or something else.
///
/// Fixed values hold for every episode, whatever the files say; columns are looked at first.
public struct LabelOverrides: Sendable, Equatable {
  /// How every episode came about.
  public var type: EpisodeType?
  /// Whether every episode succeeded.
  public var success: Bool?
  /// Whether episodes succeeded of which nothing says whether they did.
  public var defaultSuccess: Bool?
  /// Who acts in every episode.
  public var source: Actor?
  /// The column of the task text; without it the dataset's tasks are used.
  public var text = "instruction"
  /// The column of rewards; without it `next.reward`, then the episode's success.
  public var reward = "reward"
  /// The column of done flags; without it `next.done`, then the last frame.
  public var done = "done"
  /// The column that is above 0.5 in some frame of a success; it must be there.
  public var successColumn: String?
  /// The column that is above 0.5 where a person acts; it must be there.
  public var interventionColumn: String?
  /// What `complementary_info.collector_policy_id` holds where a person acts.
  public var humanNames = ["human"]

  public init() {}
}
