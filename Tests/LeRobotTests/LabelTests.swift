import Foundation
import LeRobot
import Testing

/// Episodes of three frames, as a recorder's columns and its lines of meta/episodes.jsonl (without
/// `episode_index` and `length`).
struct Recording {
  typealias Columns = [(name: String, values: ParquetColumn)]
  var episodes: [(line: String, columns: Columns)] = []

  mutating func add(_ columns: Columns) { add("", columns) }
  mutating func add(_ line: String, _ columns: Columns) { episodes.append((line, columns)) }

  /// Writes it as v2.1 in a folder of its own, removed afterwards.
  func with<R>(_ body: (Dataset) throws -> R) throws -> R {
    let url = FileManager.default.temporaryDirectory.appending(path: "labels-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try FileManager.default.createDirectory(
      at: url.appending(path: "meta"), withIntermediateDirectories: true)
    let info = """
      {"codebase_version": "v2.1", "fps": 10,
       "features": {"action": {"dtype": "float32", "shape": [1], "names": null}}}
      """
    try info.write(to: url.appending(path: "meta/info.json"), atomically: true, encoding: .utf8)
    var lines = ""
    for (index, episode) in episodes.enumerated() {
      let more = episode.line.isEmpty ? "" : ", \(episode.line)"
      lines += "{\"episode_index\": \(index), \"length\": 3, \"tasks\": [\"lift\"]\(more)}\n"
      let number = String(format: "%06d", index)
      try ParquetWriter.write(
        url.appending(path: "data/chunk-000/episode_\(number).parquet").path,
        columns: [("action", .float32([0, 0, 0]))] + episode.columns)
    }
    try lines.write(
      to: url.appending(path: "meta/episodes.jsonl"), atomically: true, encoding: .utf8)
    return try body(Dataset(folder: url.path))
  }

  func labels(_ overrides: LabelOverrides = LabelOverrides()) throws -> [EpisodeLabels] {
    try with { dataset in
      try dataset.episodes.map { try dataset.labels(of: $0, overrides: overrides) }
    }
  }
}

/// Every recorder's convention of which the table in the format notes knows.
@Suite struct LabelTests {
  @Test func evoRL() throws {
    var recording = Recording()
    func columns(_ interventions: [Float], _ collectors: [String]) -> Recording.Columns {
      [
        ("complementary_info.is_intervention", .float32(interventions)),
        ("complementary_info.state", .float32(interventions)),
        ("complementary_info.collector_policy_id", .string(collectors)),
      ]
    }
    recording.add(
      #""episode_success": "success""#, columns([0, 0, 0], ["human", "human", "human"]))
    recording.add(#""episode_success": "failure""#, columns([0, 1, 0], ["pi", "human", "pi"]))
    recording.add("", columns([0, 0, 0], ["pi", "pi", "pi"]))
    let found = try recording.labels()
    #expect(found.map(\.type) == [.demo, .correction, .autonomous])
    #expect(found.map(\.success) == [true, false, nil])
    #expect(found.map(\.source) == [.human, .policy, .policy])
    #expect(found[1].interventions == [false, true, false])
    #expect(found[0].rewards == [0, 0, 1] && found[1].rewards == [0, 0, 0])
    #expect(found[0].rules.success == "success in meta/episodes")
    #expect(
      found[0].rules.type == "human (column complementary_info.collector_policy_id)")
    #expect(
      found[1].rules.type == "interventions (column complementary_info.is_intervention)")
    #expect(found[2].rules.success == "unlabelled")
  }

  /// Without the flag, the state or the collector's name say where a person acted.
  @Test func interventionsByStateAndCollector() throws {
    var recording = Recording()
    recording.add([("complementary_info.state", .float32([0, 1, 2]))])
    recording.add([("complementary_info.collector_policy_id", .string(["p7", "Anna", "p7"]))])
    var overrides = LabelOverrides()
    overrides.humanNames = ["anna", "ben"]
    let found = try recording.labels(overrides)
    #expect(found.map(\.interventions) == [[false, true, false], [false, true, false]])
    #expect(found.map(\.type) == [.correction, .correction])
    #expect(found.map(\.source) == [nil, .policy])
    // "Anna" is a policy's name where nobody says otherwise.
    #expect(try recording.labels()[1].type == .autonomous)
  }

  @Test func rlinf() throws {
    var recording = Recording()
    recording.add([
      ("intervene_flag", .bool([false, true, true])), ("is_success", .bool([true, true, true])),
      ("done", .bool([false, false, true])), ("reward", .float32([-1, -1, 0])),
    ])
    recording.add([
      ("intervene_flag", .bool([false, false, false])), ("is_success", .bool([true, true, false])),
      ("done", .bool([false, true, false])), ("reward", .float32([-1, -1, -300])),
    ])
    let found = try recording.labels()
    #expect(found.map(\.success) == [true, false])
    #expect(found[0].rules.success == "column is_success, last frame")
    #expect(found.map(\.type) == [.correction, nil])
    #expect(found[1].rewards == [-1, -1, -300] && found[1].dones == [false, true, false])
    var overrides = LabelOverrides()
    overrides.source = .human
    #expect(try recording.labels(overrides).map(\.type) == [.correction, .demo])
    overrides.source = .policy
    #expect(try recording.labels(overrides).map(\.type) == [.correction, .autonomous])
  }

  @Test func lerobot() throws {
    var recording = Recording()
    // lerobot-rollout with DAgger.
    recording.add([("intervention", .bool([true, true, true]))])
    // HIL-SERL: the reward tells of success.
    recording.add([
      ("next.reward", .float32([0, 0, 1])), ("next.done", .bool([false, false, true])),
      ("complementary_info.discrete_penalty", .float32([0, -0.1, 0])),
    ])
    recording.add([("next.reward", .float32([0, 0, 0]))])
    // next.success stamped on the last frame, or met before it; it goes before the reward.
    recording.add([
      ("next.success", .bool([false, false, true])), ("next.reward", .float32([0, 0, 0])),
    ])
    recording.add([("next.success", .bool([false, true, false]))])
    // lerobot-record.
    recording.add([])
    let found = try recording.labels()
    #expect(found.map(\.type) == [.correction, nil, nil, nil, nil, nil])
    // A last reward of 0 is no failure: nothing else says how that episode ended.
    #expect(found.map(\.success) == [nil, true, nil, true, true, nil])
    #expect(found[2].rules.success == LabelRules.rewardAlone)
    #expect(found[1].rules.success == "last reward of column next.reward above 0")
    #expect(found[5].dones == [false, false, true] && found[5].texts == ["lift", "lift", "lift"])
  }

  @Test func others() throws {
    var recording = Recording()
    recording.add([
      ("is_golden", .float32([1, 1, 1])), ("is_intervention", .float32([0, 0, 0])),
      ("reward", .float64([0, 0, 2])), ("done", .int64([0, 0, 1])),
    ])
    recording.add([
      ("is_human_intervention", .bool([false, false, true])), ("success", .float32([0, 0, 1])),
    ])
    // meta/episodes: unlabelled is not failed.
    recording.add(#""success": true"#, [("mistake", .bool([false, true, true]))])
    recording.add(#""success": null"#, [("mistake", .bool([false, false, false]))])
    recording.add(#""source": "rollout""#, [("is_episode_successful", .bool([true, true, true]))])
    recording.add(#""source": "a camera""#, [("success", .string(["", "failure", "failure"]))])
    let found = try recording.labels()
    #expect(found.map(\.type) == [.demo, .correction, nil, nil, .autonomous, nil])
    #expect(found.map(\.success) == [true, true, true, nil, true, false])
    #expect(found[0].dones == [false, false, true])
    #expect(found[2].interventions == nil)
    var overrides = LabelOverrides()
    overrides.reward = "unused"
    overrides.interventionColumn = "mistake"
    #expect(
      message { _ = try recording.labels(overrides) }.hasSuffix(
        "has no column 'mistake'; its columns are action, is_golden, is_intervention, reward, done")
    )
    recording.episodes = Array(recording.episodes[2...3])
    #expect(try recording.labels(overrides).map(\.type) == [.correction, nil])
  }

  /// Columns that are null throughout say nothing; where they are null in part, no.
  @Test func nulls() throws {
    var recording = Recording()
    let none = [false, false, false]
    recording.add([
      ("next.success", .optional(.bool([true, true, true]), valid: none)),
      ("is_success", .optional(.bool([true, true, true]), valid: [true, true, false])),
      ("intervention", .optional(.bool([true, true, true]), valid: none)),
      (
        "complementary_info.is_intervention",
        .optional(.float32([1, 1, 1]), valid: [true, false, false])
      ),
    ])
    let found = try recording.labels()[0]
    #expect(found.success == false && found.rules.success == "column is_success, last frame")
    #expect(found.interventions == [true, false, false])
  }

  /// Two arms: a person at either.
  @Test func severalFlagsARow() throws {
    var recording = Recording()
    recording.add([
      ("intervention", .array(.bool([false, false, false, true, false, false]), shape: [2]))
    ])
    #expect(try recording.labels()[0].interventions == [false, true, false])
  }

  @Test func fixedValuesComeFirst() throws {
    var recording = Recording()
    recording.add(
      #""episode_type": "demo", "episode_success": "failure", "source": "human""#,
      [("intervention", .bool([false, true, false])), ("grasped", .bool([false, true, false]))])
    recording.add([])
    #expect(try recording.labels().map(\.type) == [.demo, nil])
    var overrides = LabelOverrides()
    overrides.defaultSuccess = true
    #expect(try recording.labels(overrides).map(\.success) == [false, true])
    #expect(try recording.labels(overrides)[1].rules.success == "dataset.default_success")
    overrides.success = true
    overrides.type = .autonomous
    overrides.source = .policy
    let found = try recording.labels(overrides)
    #expect(
      found.map(\.success) == [true, true] && found.map(\.type) == [.autonomous, .autonomous])
    #expect(found.map(\.source) == [.policy, .policy])
    #expect(found[0].rules.type == "dataset.episode_type")
    overrides = LabelOverrides()
    overrides.successColumn = "grasped"
    recording.episodes.removeLast()
    #expect(try recording.labels(overrides)[0].success == true)
  }

  @Test func reportCountsRules() throws {
    var recording = Recording()
    recording.add(#""episode_type": "demo", "success": true"#, [])
    recording.add(#""episode_type": "demo", "success": false"#, [])
    recording.add(#""source": "policy""#, [("next.success", .bool([false, false, true]))])
    recording.add([("intervention", .bool([false, true, true]))])
    try recording.with { dataset in
      var read: [Int] = []
      let report = try dataset.labelReport { read.append($0) }
      #expect(read == [1, 2, 3, 4])
      #expect(Set(report.groups.keys) == [.demo, .autonomous, .correction])
      let demos = try #require(report.groups[.demo])
      #expect(demos.episodes == 2 && demos.frames == 6 && demos.successes == 1)
      #expect(demos.failures == 1 && demos.unlabelled == 0)
      let corrections = try #require(report.groups[.correction])
      #expect(corrections.unlabelled == 1 && corrections.interventions == 2)
      #expect(
        report.text(of: "success")
          == "success in meta/episodes (2 episodes), else column next.success, any frame (1), else unlabelled (1)"
      )
      #expect(report.text(of: "text") == "the episode's first task")
      #expect(LabelReport().text(of: "type") == "unlabelled")
    }
  }

  /// The recorded types of the example are what its labels would give but for the script's name.
  @Test func exampleWithoutItsTypes() throws {
    try withCopy(of: pusht) { folder in
      try folder.edit("meta/episodes.jsonl") {
        $0.replacingOccurrences(of: "episode_type", with: "other")
      }
      let dataset = try Dataset(folder: folder.path)
      let types = try dataset.episodes.map { try dataset.labels(of: $0).type }
      for (episode, (found, recorded)) in zip(
        types, try Dataset(folder: pusht.path).episodes.map(\.type)
      ).enumerated()
      where found != nil {
        #expect(found == recorded, "episode \(episode)")
      }
      #expect(types[5] == .correction && types[6] == .correction)
    }
  }
}
