public import LeRobot
public import PolicyInterface

/// What was seen and done in an episode.
public struct SimulatedEpisode: Sendable, Equatable {
  /// A control step: what was there before the action, and the action as it was carried out.
  public struct Step: Sendable, Equatable {
    public var state: [Float]
    /// As it was carried out: what was asked for, within what the robot can do.
    public var action: [Float]
    /// Whether the corrector acted.
    public var isIntervention: Bool
    /// By camera key; empty where none were drawn.
    public var images: [String: PolicyInterface.Image]
  }

  /// How it ended.
  public enum Ending: Sendable, Equatable {
    case success
    case failure
    /// Neither of the two before the task's time limit: a failure.
    case timeLimit
    /// Nothing can be learned from it: why, on one line.
    case broken(String)

    /// One word: "success", "failure", "time_limit", "broken".
    public var name: String {
      switch self {
      case .success: "success"
      case .failure: "failure"
      case .timeLimit: "time_limit"
      case .broken: "broken"
      }
    }
  }

  /// Its place among the seeds of the rollout.
  public var index: Int
  public var seed: UInt64
  /// In words.
  public var instruction: String
  /// The demonstrator or policy that began it.
  public var actor: String
  /// What the actor is; demonstrators stand in for people.
  public var source: LeRobot.Actor
  /// A demonstration, autonomous, or autonomous with corrections.
  public var type: EpisodeType
  public var steps: [Step]
  public var ending: Ending

  public var isSuccess: Bool { ending == .success }
}
