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

/// One episode, as meta/episodes.jsonl or meta/episodes describes it.
public struct Episode: Sendable, Equatable {
  public let index: Int
  /// Frames.
  public let length: Int
  /// The tasks that occur in it.
  public let tasks: [String]
  /// How it came about; nil when the dataset does not say.
  public let type: EpisodeType?
  /// Whether it was recorded as a success; nil when the metadata does not say.
  public let success: Bool?
  /// Who acted, "human" or the name of a policy; nil when the metadata does not say.
  public let source: String?
  /// Labels of which the metadata say that there is none, by the word "unlabelled", whatever the columns say.
  package let unlabelled: Set<EpisodeLabel>

  package init(
    index: Int, length: Int, tasks: [String] = [], type: EpisodeType? = nil, success: Bool? = nil,
    source: String? = nil, unlabelled: Set<EpisodeLabel> = []
  ) {
    self.index = index
    self.length = length
    self.tasks = tasks
    self.type = type
    self.success = success
    self.source = source
    self.unlabelled = unlabelled
  }
}

/// A label of a whole episode, by its key in meta/episodes.
package enum EpisodeLabel: String, Sendable, CaseIterable {
  case type = "episode_type"
  case success = "episode_success"
  case source

  /// What stands in the place of a label that was taken away, where columns would give one.
  static let none = "unlabelled"
}

extension Episode {
  /// From a line of meta/episodes.jsonl.
  init(_ json: JSON, tasks: [String], path: String, line: Int) throws {
    func wrong(_ key: String, _ wanted: String) -> DatasetError {
      Episode.wrong(json, key, wanted, path, line)
    }
    guard let index = json["episode_index"]?.int, (0..<largestCount).contains(index) else {
      throw wrong("episode_index", "a whole number from 0")
    }
    guard let length = json["length"]?.int, (1..<largestCount).contains(length) else {
      throw wrong("length", "a positive whole number of frames")
    }
    let unlabelled = EpisodeLabel.allCases.filter { json[$0.rawValue]?.string == EpisodeLabel.none }
    let place = { "\(path):\(line)" }
    if let word = json["episode_type"], !word.isNull, word.string == nil {
      throw wrong("episode_type", "demo, correction or autonomous")
    }
    let type = try Episode.type(json["episode_type"]?.string, place: place())
    let success =
      try Episode.success(json["episode_success"], place: place(), "episode_success")
      ?? Episode.success(json["success"], place: place(), "success")
    self.init(
      index: index, length: length, tasks: tasks, type: type, success: success,
      source: json["source"]?.string, unlabelled: Set(unlabelled))
  }

  /// The tasks of a line of meta/episodes.jsonl.
  static func tasks(_ json: JSON, path: String, line: Int) throws -> [String] {
    switch json["tasks"] ?? json["task"] ?? .null {
    case .string(let task): return [task]
    case .array(let all): return all.compactMap(\.string)
    case .null: return []
    default: throw wrong(json, "tasks", "a list of texts", path, line)
    }
  }

  private static func wrong(
    _ json: JSON, _ key: String, _ wanted: String, _ path: String, _ line: Int
  ) -> DatasetError {
    DatasetError(
      "\(path):\(line)",
      "key '\(key)' is \(json[key]?.kind ?? "missing"), \(wanted) is wanted")
  }

  /// The type that a recorder's word stands for.
  static func type(_ word: String?, place: @autoclosure () -> String) throws -> EpisodeType? {
    guard let word, !word.isEmpty, word != EpisodeLabel.none else { return nil }
    guard let type = EpisodeType(recorded: word) else {
      throw DatasetError(
        place(), "key 'episode_type' is \"\(word)\", demo, correction or autonomous is wanted")
    }
    return type
  }

  /// The success that a recorder's word stands for.
  static func success(_ word: String, place: @autoclosure () -> String, _ key: String) throws
    -> Bool?
  {
    switch word.lowercased() {
    case "success", "succeeded", "successful", "true", "1": return true
    case "failure", "fail", "failed", "false", "0": return false
    case "", "unknown", "none", EpisodeLabel.none: return nil
    default:
      throw DatasetError(
        place(), "key '\(key)' is \"\(word)\", \"success\", \"failure\", true or false is wanted")
    }
  }

  private static func success(_ json: JSON?, place: @autoclosure () -> String, _ key: String) throws
    -> Bool?
  {
    switch json {
    case nil, .null: return nil
    case .bool(let value): return value
    case .integer(1), .number(1): return true
    case .integer(0), .number(0): return false
    case .string(let word): return try success(word, place: place(), key)
    case .some(let other):
      throw DatasetError(
        place(), "key '\(key)' is \(other.kind), \"success\", \"failure\", true or false is wanted")
    }
  }
}

/// No episode has as many frames, and no dataset as many episodes: sums of what files say stay far
/// from overflowing.
let largestCount = 1 << 31
