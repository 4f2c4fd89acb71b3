/// How an episode came about.
public enum EpisodeType: String, Sendable, CaseIterable, Codable {
  /// A person (or a script) showed the task.
  case demo
  /// A person took over from the policy.
  case correction
  /// The policy acted alone.
  case autonomous

  /// The type that a recorder's word stands for; nil for a word that is not known.
  public init?(recorded word: String) {
    switch word.lowercased() {
    case "demo", "demos", "demonstration", "demonstrations", "expert", "human": self = .demo
    case "autonomous", "auto", "rollout", "rollouts", "policy": self = .autonomous
    case "correction", "corrections", "corrected", "intervention", "interventions":
      self = .correction
    default: return nil
    }
  }
}

/// One episode, as meta/episodes.jsonl describes it.
public struct Episode: Sendable, Equatable {
  public let index: Int
  /// Frames.
  public let length: Int
  /// The tasks that occur in it.
  public let tasks: [String]
  /// How it came about; nil when the dataset does not say.
  public let type: EpisodeType?
  /// Whether it was recorded as a success; nil when meta/episodes.jsonl does not say.
  public let success: Bool?

  package init(
    index: Int, length: Int, tasks: [String] = [], type: EpisodeType? = nil, success: Bool? = nil
  ) {
    self.index = index
    self.length = length
    self.tasks = tasks
    self.type = type
    self.success = success
  }
}

extension Episode {
  /// From a line of meta/episodes.jsonl; `place` is "file:line".
  init(_ json: JSON, place: String) throws {
    func wrong(_ key: String, _ wanted: String) -> DatasetError {
      DatasetError(place, "key '\(key)' is \(json[key]?.kind ?? "missing"), \(wanted) is wanted")
    }
    guard let index = json["episode_index"]?.int, index >= 0 else {
      throw wrong("episode_index", "a whole number from 0")
    }
    guard let length = json["length"]?.int, length > 0 else {
      throw wrong("length", "a positive whole number of frames")
    }
    let tasks: [String]
    switch json["tasks"] ?? json["task"] ?? .null {
    case .string(let task): tasks = [task]
    case .array(let all): tasks = all.compactMap(\.string)
    case .null: tasks = []
    default: throw wrong("tasks", "a list of texts")
    }
    var type: EpisodeType?
    switch json["episode_type"] ?? .null {
    case .null: break
    case .string(let word):
      type = EpisodeType(recorded: word)
      if type == nil { throw wrong("episode_type", "demo, correction or autonomous") }
    default: throw wrong("episode_type", "demo, correction or autonomous")
    }
    let success =
      try Episode.success(json["episode_success"], { wrong("episode_success", $0) })
      ?? Episode.success(json["success"], { wrong("success", $0) })
    self.init(index: index, length: length, tasks: tasks, type: type, success: success)
  }

  private static func success(
    _ json: JSON?, _ wrong: (String) -> DatasetError
  ) throws -> Bool? {
    switch json {
    case nil, .null: return nil
    case .bool(let value): return value
    case .number(1): return true
    case .number(0): return false
    case .string(let word):
      switch word.lowercased() {
      case "success", "succeeded", "true": return true
      case "failure", "fail", "failed", "false": return false
      case "": return nil
      default: break
      }
    default: break
    }
    throw wrong("\"success\", \"failure\", true or false")
  }
}
