import Foundation
import LeRobot
import Testing

/// Labels of rollouts that LeRobot recorded: outcomes of an evaluation, a person's interventions, advantages.
@Suite struct RolloutLabelTests {
  private func labels(_ dataset: Dataset) throws -> [EpisodeLabels] {
    try dataset.episodes.map { try dataset.labels(of: $0) }
  }

  /// A success in the last frames, one that did not last, and a failure.
  @Test(arguments: [DatasetVersion.v21, .v30]) func anEvaluationHasOutcomes(
    _ version: DatasetVersion
  ) throws {
    try withFolder("evaluation") { folder in
      let recorded = try LanguageTests.dataset("rollout")
      try DatasetCopy(recorded.copies).write(to: folder.path, version: version)
      for dataset in [recorded, try Dataset(folder: folder.path)] {
        let all = try labels(dataset)
        #expect(all.map(\.success) == [true, true, false])
        #expect(all.map(\.dones.last) == [true, true, true])
        #expect(all.allSatisfy { $0.rewards.allSatisfy { $0 == -1 } })
        let report = try dataset.labelReport()
        #expect(report.text(of: "success") == "column next.success, any frame")
        #expect(report.text(of: "indicator") == "unlabelled")
      }
    }
  }

  @Test(arguments: [DatasetVersion.v21, .v30]) func interventionsMakeCorrections(
    _ version: DatasetVersion
  ) throws {
    try withFolder("interventions") { folder in
      let recorded = try LanguageTests.dataset("advantage")
      try DatasetCopy(recorded.copies).write(to: folder.path, version: version)
      for dataset in [recorded, try Dataset(folder: folder.path)] {
        let all = try labels(dataset)
        #expect(all.map(\.success) == [true, false, true])
        #expect(all.map(\.type) == [.correction, nil, .correction])
        #expect(all[0].interventions == [false, false, true, true, false, false])
        #expect(all[1].interventions == Array(repeating: false, count: 8))
        #expect(all[2].interventions == Array(repeating: true, count: 5))
        #expect(
          try dataset.labelReport().text(of: "type")
            == "interventions (column intervention) (2 episodes), else unlabelled (1)")
      }
    }
  }

  // MARK: Taken away

  /// A label that a column of the rows would give again is taken away nevertheless, and can be set again.
  @Test(arguments: [DatasetVersion.v21, .v30]) func aLabelTakenAwayStaysAway(
    _ version: DatasetVersion
  ) throws {
    try withFolder("away") { folder in
      let recorded = try LanguageTests.dataset("advantage")
      var copies = recorded.copies
      for i in [0, 1] {
        copies[i].success = .remove
        copies[i].type = .remove
      }
      try DatasetCopy(copies).write(to: folder.path + "/away", version: version)
      let away = try Dataset(folder: folder.path + "/away")
      #expect(try labels(away).map(\.success) == [nil, nil, true])
      #expect(try labels(away).map(\.type) == [nil, nil, .correction])
      let report = try away.labelReport()
      #expect(
        report.text(of: "success")
          == "unlabelled in meta/episodes (2 episodes), else column next.success, any frame (1)")
      #expect(report.text(of: "type").hasPrefix("interventions (column intervention) (1 episode)"))
      var unlabelled = EpisodeSelection()
      unlabelled.outcome = .unlabelled
      #expect(try away.copies(unlabelled).map(\.episode.index) == [0, 1])
      var overrides = LabelOverrides()
      overrides.defaultSuccess = true
      #expect(try away.labels(of: away.episodes[1], overrides: overrides).success == true)

      // What a copy of the copy says is the same, and another label takes the word's place.
      var again = away.copies
      again[0].success = .set(false)
      again[0].type = .set(.autonomous)
      try DatasetCopy(again).write(to: folder.path + "/again", version: version)
      let labelled = try Dataset(folder: folder.path + "/again")
      #expect(try labels(labelled).map(\.success) == [false, nil, true])
      #expect(try labels(labelled).map(\.type) == [.autonomous, nil, .correction])
    }
  }

  /// A last reward above 0 and the collector's name label as columns do.
  @Test func rewardsAndCollectorsAreTakenAwayToo() throws {
    try withFolder("collector") { folder in
      let writer = try DatasetWriter(
        folder: folder.path + "/old", version: .v30, fps: 10,
        features: [
          .vector("action", names: ["a"]), .number("next.reward"),
          .text("complementary_info.collector_policy_id"),
        ])
      for t in 0..<3 {
        try writer.add([
          "action": .floats([0]), "next.reward": .number(t == 2 ? 1 : 0),
          "complementary_info.collector_policy_id": .text("human"),
        ])
      }
      try writer.endEpisode(task: "wipe")
      try writer.finish()
      let old = try Dataset(folder: folder.path + "/old")
      let before = try labels(old)[0]
      #expect(before.success == true && before.source == .human && before.type == .demo)
      var copy = old.copies[0]
      (copy.success, copy.source) = (.remove, .remove)
      try DatasetCopy([copy]).write(to: folder.path + "/new", version: .v30)
      let after = try labels(Dataset(folder: folder.path + "/new"))[0]
      #expect(after.success == nil && after.source == nil && after.type == nil)
    }
  }

  /// Where some episodes have the key `success` and others the word, each has its own.
  @Test func anotherKeyStays() throws {
    try withFolder("keys") { folder in
      try DatasetCopy(LanguageTests.dataset("rollout").copies).write(
        to: folder.path + "/old", version: .v21)
      try folder.edit("old/meta/episodes.jsonl") {
        $0.replacingOccurrences(of: "\"length\"", with: "\"success\": false, \"length\"")
      }
      var copies = try Dataset(folder: folder.path + "/old").copies
      (copies[0].success, copies[1].success) = (.set(true), .remove)
      for version in DatasetVersion.allCases {
        try DatasetCopy(copies).write(to: "\(folder.path)/\(version)", version: version)
        let found = try labels(Dataset(folder: "\(folder.path)/\(version)"))
        #expect(found.map(\.success) == [true, nil, false], "\(version)")
      }
    }
  }

  /// Nothing is written where meta/episodes alone gave the label.
  @Test func noWordIsLeftWhereNothingLabels() throws {
    try withFolder("nothing") { folder in
      var copies = try Dataset(folder: pusht.path).copies
      for i in copies.indices { copies[i].source = .remove }
      try DatasetCopy(copies).write(to: folder.path, version: .v21)
      let lines = try String(contentsOf: folder.url("meta/episodes.jsonl"), encoding: .utf8)
      #expect(!lines.contains("unlabelled") && !lines.contains("source"))
    }
  }

  // MARK: Advantages

  /// Every fourth message was dropped: until the next the one before is active, as LeRobot has it.
  @Test func messagesOfStyleAdvantageAreIndicators() throws {
    let dataset = try LanguageTests.dataset("advantage")
    let found = try labels(dataset).map(\.indicators)
    #expect(found[0] == [true, false, false, false, false, false])
    #expect(found[1] == [false, false, true, true, false, true, false, false])
    #expect(found[2] == nil)
    #expect(
      try dataset.labelReport().text(of: "indicator")
        == "messages of style 'advantage' in language_persistent (2 episodes), else unlabelled (1)")
  }

  @Test func framesBeforeTheFirstMessageHaveNoIndicator() throws {
    func indicators(_ messages: [(Float, String)]) throws -> [Bool?]? {
      try withFolder("first") { folder in
        var plan = LanguageDataset()
        plan.lengths = [4]
        plan.persistent = { _, _ in
          messages.map { .init(style: "advantage", content: $0.1, timestamp: $0.0) }
        }
        let dataset = try plan.write(to: folder)
        return try labels(dataset)[0].indicators
      }
    }
    #expect(
      try indicators([(0.2, "negative"), (0.1, "positive")]) == [nil, true, false, false])
    #expect(try indicators([(5, "positive")]) == [nil, nil, nil, nil])
    #expect(try indicators([]) == nil)
    #expect(
      message { _ = try indicators([(0, "Positive")]) }.hasSuffix(
        "column 'language_persistent' holds a message of style 'advantage' with the content \"Positive\", \"positive\" or \"negative\" is wanted (episode 0, row 0)"
      ))
    #expect(
      message { _ = try indicators([(0.1, "positive"), (0.1, "positive")]) }.contains(
        "holds two messages of style 'advantage' at 0.1 s, one is wanted: LeRobot takes neither"))
  }
}
