import Foundation
import LeRobot
import Testing

/// Language columns of datasets that LeRobot 0.6.1 made (Fixtures/make_language.py): shown, checked, copied.
@Suite struct LanguageTests {
  static let columns = ["language_persistent", "language_events"]

  static func dataset(_ name: String) throws -> Dataset {
    try Dataset(folder: fixtures.appending(path: "language/\(name)").path)
  }

  /// The language of every frame.
  static func messages(_ dataset: Dataset) throws -> [[JSON]] {
    try (0..<dataset.frameCount).map { index in
      let sample = try dataset.sample(at: index, cameras: [])
      return columns.map { sample[$0] ?? .null }
    }
  }

  private func json(_ text: String) throws -> JSON { try JSON(Array(text.utf8), file: "test") }

  // MARK: Shown

  /// A column of nothing but nulls, structs in lists, and calls of tools as structs or as JSON in texts.
  @Test(arguments: ["annotated", "json_calls"]) func aFrameHasItsMessages(_ name: String) throws {
    let dataset = try Self.dataset(name)
    let sample = try dataset.sample(at: 1, cameras: [])
    #expect(
      try sample["language_events"]
        == json(
          """
          [{"role": "assistant", "content": null, "style": null, "camera": null, "tool_calls": [
             {"function": {"arguments": {"text": "Slowly, 0."}, "name": "say"},
              "type": "function"}]},
           {"role": "user", "content": "Slower!", "style": "interjection", "camera": null, "tool_calls": null}]
          """))
    let persistent = try #require(sample["language_persistent"]?.elements)
    #expect(
      try persistent[0]
        == json(
          """
          {"role": "assistant", "content": "", "style": "memory", "timestamp": 0, "camera": null,
           "tool_calls": null}
          """))
    #expect(
      persistent.map { $0["style"]?.string } == [
        "memory", "plan", "subtask", "task_aug", "subtask",
      ]
    )
    #expect(persistent[4]["content"] == .string("lower — täglich"))
    #expect(persistent[4]["timestamp"]?.asDouble.map { Float($0) } == 0.2)
  }

  @Test func stylesAreCounted() throws {
    func texts(_ name: String) throws -> [String] {
      try Self.dataset(name).languageSummaries().map { "\($0.column.rawValue): \($0.text)" }
    }
    #expect(
      try texts("annotated") == [
        "language_persistent: subtask 4, memory 2, plan 2, task_aug 2 in 2 of 3 episodes",
        "language_events: vqa 4, calls of say 2, interjection 2 in 2 of 3 episodes",
      ])
    #expect(
      try texts("advantage") == [
        "language_persistent: advantage 11 in 2 of 3 episodes", "language_events: no messages",
      ])
    #expect(try texts("rollout").isEmpty)
    #expect(try Self.dataset("other_types").info.toolNames == ["grip", "say"])
    #expect(try Self.dataset("rollout").info.toolNames.isEmpty)
  }

  @Test(arguments: ["annotated", "other_types", "advantage", "json_calls", "rollout"])
  func whatLeRobotMadeIsSound(_ name: String) throws {
    let check = DatasetCheck(folder: fixtures.appending(path: "language/\(name)").path)
    #expect(check.problems.isEmpty, "\(check.problems)")
  }

  // MARK: Copied

  @Test(arguments: ["annotated", "other_types", "advantage", "json_calls"])
  func copiesHaveEveryMessage(_ name: String) throws {
    let dataset = try Self.dataset(name)
    let all = try Self.messages(dataset)
    #expect(all.count == dataset.frameCount)
    try withFolder("language-\(name)") { folder in
      for (part, copies) in [
        ("all", dataset.copies), ("turned", dataset.copies.reversed()),
        ("last", [dataset.copies.last!]),
      ] {
        let path = "\(folder.path)/\(part)"
        #expect(try DatasetCopy(copies).write(to: path, version: .v30) == [])
        let wanted = copies.flatMap { copy in
          let first = dataset.firstFrame(
            ofEpisodeAt: dataset.position(ofEpisode: copy.episode.index)!)
          return all[first..<first + copy.episode.length]
        }
        let copy = try Dataset(folder: path)
        #expect(try Self.messages(copy) == wanted)
        #expect(copy.info.toolNames == dataset.info.toolNames)
        #expect(DatasetCheck(folder: path).problems.isEmpty)
      }
    }
  }

  /// Columns of other types, and tools that one of them has.
  @Test func mergedDatasetsHaveTheLanguageOfBoth() throws {
    try withFolder("merged") { folder in
      let parts = try ["annotated", "other_types", "json_calls"].map(Self.dataset)
      let remarks = try DatasetCopy(parts.flatMap(\.copies)).write(
        to: folder.path, version: .v30)
      #expect(remarks == [])
      let merged = try Dataset(folder: folder.path)
      #expect(try Self.messages(merged) == parts.flatMap(Self.messages))
      #expect(merged.info.toolNames == ["say", "grip"])
      #expect(
        try merged.languageSummaries().map(\.text) == [
          "subtask 10, memory 4, plan 4, task_aug 4 in 6 of 7 episodes",
          "vqa 8, interjection 6, calls of say 4 in 6 of 7 episodes",
        ])
    }
  }

  @Test func aToolOfAnotherFormIsSaid() throws {
    try withCopy(of: fixtures.appending(path: "language/other_types")) { other in
      try other.edit("meta/info.json") {
        $0.replacingOccurrences(of: "short utt", with: "loud utt")
      }
      try withFolder("tools") { folder in
        let remarks = try DatasetCopy(
          Self.dataset("annotated").copies + Dataset(folder: other.path).copies
        ).write(to: folder.path, version: .v30)
        #expect(
          remarks == [
            "\(other.path) declares the tool 'say' otherwise than a dataset before it, whose declaration is kept"
          ])
        #expect(try Dataset(folder: folder.path).info.toolNames == ["say", "grip"])
      }
    }
  }

  /// Rows of a dataset without language have no messages, wherever it stands.
  @Test(arguments: [false, true]) func rowsWithoutLanguageAreMerged(_ comesFirst: Bool) throws {
    try withFolder("without") { folder in
      let plain = try LanguageDataset().write(to: Folder(url: folder.url("plain")))
      let annotated = try Self.dataset("annotated")
      let parts = comesFirst ? [plain, annotated] : [annotated, plain]
      let remarks = try DatasetCopy(parts.flatMap(\.copies)).write(
        to: folder.path + "/merged", version: .v30)
      #expect(
        remarks
          == Self.columns.map {
            "\(plain.folder) has no column '\($0)': its rows get no messages"
          })
      let none: [[JSON]] = Array(repeating: [.array([]), .array([])], count: plain.frameCount)
      let found = try Self.messages(Dataset(folder: folder.path + "/merged"))
      let wanted = try Self.messages(annotated)
      #expect(found == (comesFirst ? none + wanted : wanted + none))
    }
  }

  /// LeRobot 0.3.3 stops at a column of structs.
  @Test func languageIsLeftOutOfV21() throws {
    try withFolder("v21") { folder in
      let remarks = try DatasetCopy(Self.dataset("annotated").copies).write(
        to: folder.path, version: .v21)
      #expect(
        remarks
          == Self.columns.map { "column '\($0)' is left out: LeRobot loads no language in v2.1" })
      let old = try Dataset(folder: folder.path)
      #expect(try old.sample(at: 1, cameras: [])["language_events"] == nil)
      #expect(old.info.features.keys.filter { $0.hasPrefix("language") }.isEmpty)
      #expect(old.info.toolNames == ["say"])
    }
  }

  /// Columns that the annotation wrote and info.json does not name.
  @Test func undeclaredLanguageIsDeclared() throws {
    try withCopy(of: fixtures.appending(path: "language/annotated")) { source in
      try source.edit("meta/info.json") { text in
        var info = try! JSON(Array(text.utf8), file: "info").object!
        var features = info["features"]!.object!
        for column in Self.columns { features[column] = nil }
        info["features"] = .object(features)
        return JSON.object(info).text()
      }
      try withFolder("declared") { folder in
        let dataset = try Dataset(folder: source.path)
        let remarks = try DatasetCopy(dataset.copies).write(to: folder.path, version: .v30)
        #expect(
          remarks == Self.columns.map { "column '\($0)' is declared as a feature, language" })
        let copy = try Dataset(folder: folder.path)
        #expect(try Self.messages(copy) == Self.messages(dataset))
        #expect(copy.info.features["language_events"]?.dtype == "language")
      }
    }
  }

  /// Where rows get other times, persistent messages are active in the frames that they were active in.
  @Test(arguments: ["annotated", "json_calls"]) func messagesFollowRewrittenTimes(
    _ name: String
  ) throws {
    try withCopy(of: fixtures.appending(path: "language/\(name)")) { source in
      try source.edit("meta/info.json") {
        $0.replacingOccurrences(of: "\"fps\": 10", with: "\"fps\": 20")
      }
      try withFolder("times") { folder in
        let dataset = try Dataset(folder: source.path)
        let remarks = try DatasetCopy(dataset.copies, rewritesTimes: true).write(
          to: folder.path, version: .v30)
        #expect(remarks == [])
        let copy = try Dataset(folder: folder.path)
        for (index, messages) in try Self.messages(copy).enumerated() {
          let old = try dataset.sample(at: index, cameras: [])
          let new = try copy.sample(at: index, cameras: [])
          #expect(new["timestamp"]?.asDouble == old["timestamp"]!.asDouble! / 2)
          let persistent = try #require(messages[0].elements)
          let before = try #require(old["language_persistent"]?.elements)
          #expect(persistent.count == before.count)
          for (message, other) in zip(persistent, before) {
            #expect(
              message["timestamp"]!.asDouble.map { Float($0) }
                == Float(other["timestamp"]!.asDouble!) / 2)
            var unchanged = message.object!
            unchanged["timestamp"] = other["timestamp"]
            #expect(JSON.object(unchanged) == other)
          }
          #expect(messages[1] == old["language_events"])
        }
      }
    }
  }

  /// Between two frames a message keeps its place between them; beyond the last, its distance.
  @Test func messagesBetweenFrames() throws {
    try withFolder("between") { folder in
      var plan = LanguageDataset()
      plan.lengths = [3]
      plan.persistent = { _, _ in
        [-0.1, 0, 0.05, 0.1, 0.175, 0.2, 1].map {
          LanguageDataset.Message(style: "subtask", content: "at \($0)", timestamp: Float($0))
        }
      }
      plan.fps = 5
      let dataset = try plan.write(to: Folder(url: folder.url("old")))
      try DatasetCopy(dataset.copies, rewritesTimes: true).write(
        to: folder.path + "/new", version: .v30)
      let times = try Self.messages(Dataset(folder: folder.path + "/new")).map { messages in
        messages[0].elements!.map { Float($0["timestamp"]!.asDouble!) }
      }
      let wanted: [Float] = [-0.1, 0, 0.1, 0.2, 0.35, 0.4, 1.2]
      for times in times {
        #expect(times.count == wanted.count)
        #expect(zip(times, wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(times)")
      }
    }
  }

  // MARK: Row groups

  /// A row group an episode, one a row, some that end amid an episode, an empty one: every frame in any order,
  /// and the copy of each.
  @Test(arguments: [
    [5, 4, 6], Array(repeating: 1, count: 15), [7, 1, 7], [0, 5, 0, 10, 0], [15],
  ])
  func anyRowGroups(_ groups: [Int]) throws {
    try withFolder("groups") { folder in
      var plan = LanguageDataset()
      plan.groups = groups
      plan.persistent = { episode, _ in
        episode == 1 ? [] : [.init(style: "subtask", content: "of \(episode)", timestamp: 0)]
      }
      plan.events = { episode, frame in
        (0..<(episode + frame) % 3).map {
          .init(style: "vqa", content: "\(episode).\(frame).\($0)")
        }
      }
      let dataset = try plan.write(to: Folder(url: folder.url("old")))
      func verify(_ dataset: Dataset, _ index: Int) throws {
        let (position, frame) = dataset.position(ofFrame: index)
        let sample = try dataset.sample(at: index, cameras: [])
        #expect(sample["action"] == .array([.integer(position), .integer(frame)]))
        let contents = Self.columns.map { sample[$0]!.elements!.map { $0["content"]!.string! } }
        #expect(contents[0] == (position == 1 ? [] : ["of \(position)"]))
        #expect(
          contents[1] == (0..<(position + frame) % 3).map { "\(position).\(frame).\($0)" })
      }
      for index in [14, 0, 8, 9, 4, 5, 13, 1, 7, 6, 12, 2, 3, 11, 10, 14] {
        try verify(dataset, index)
      }
      #expect(DatasetCheck(folder: dataset.folder).problems.isEmpty)
      try DatasetCopy(dataset.copies).write(to: folder.path + "/new", version: .v30)
      let copy = try Dataset(folder: folder.path + "/new")
      for index in 0..<15 { try verify(copy, index) }
      let last = folder.path + "/last"
      try DatasetCopy([dataset.copies[2]]).write(to: last, version: .v30)
      let sample = try Dataset(folder: last).sample(at: 5, cameras: [])
      #expect(sample["action"] == .array([.integer(2), .integer(5)]))
    }
  }

  // MARK: Damaged

  @Test func whatIsWrongIsSaid() throws {
    func problems(_ change: (inout LanguageDataset) -> Void) throws -> [String] {
      try withFolder("wrong") { folder in
        var plan = LanguageDataset()
        plan.lengths = [3]
        change(&plan)
        _ = try plan.write(to: folder)
        return DatasetCheck(folder: folder.path).problems.map(\.problem)
      }
    }
    #expect(
      try problems {
        $0.persistent = { _, frame in
          [.init(style: "subtask", content: frame == 2 ? "b" : "a", timestamp: 0)]
        }
      } == [
        "column 'language_persistent' holds other messages in row 2 than in row 0, the same are wanted in all of an episode's rows"
      ])
    #expect(
      try problems { $0.persistent = { _, _ in [.init(style: "plan", content: "a")] } } == [
        "column 'language_persistent' holds a message without a timestamp in row 0, seconds from the episode's start are wanted"
      ])
    #expect(
      try problems {
        $0.persistent = { _, _ in [.init(style: "advantage", content: "good", timestamp: 0)] }
      } == [
        "column 'language_persistent' holds a message of style 'advantage' with the content \"good\", \"positive\" or \"negative\" is wanted, in row 0"
      ])
    #expect(
      try problems { $0.eventsAreTexts = true } == [
        "column 'language_events' holds string in row 0, LeRobot's list of structs with role, content and style is wanted"
      ])
  }
}
