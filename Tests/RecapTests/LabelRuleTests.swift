import Foundation
import LeRobot
import Recap
import Testing
import Torch

/// Rules that decide what labels are: N, tasks, outcomes, the scale of values, rivals' labels.
@Suite struct LabelRuleTests {
  // MARK: N

  @Test func advantagesAreOfSeconds() throws {
    var recap = Configuration().recap
    #expect([5, 10, 30, 50].map { recap.advantageSteps(fps: $0) } == [5, 10, 30, 50])
    recap.advantageSeconds = 0.25
    #expect([5, 10, 30, 0.1].map { recap.advantageSteps(fps: $0) } == [1, 3, 8, 1])
    (recap.advantageSeconds, recap.advantageSteps) = (nil, 7)
    #expect(recap.advantageSteps(fps: 50) == 7)
    let yaml = "policy: {type: flow}\ndataset: {path: x}\n"
    let both = message {
      _ = try Configuration(
        yaml: yaml, file: "a.yaml",
        assignments: ["recap.advantage_steps=8", "recap.advantage_seconds=0.5"])
    }
    #expect(
      both
        == "a.yaml: recap.advantage_steps is 8 and recap.advantage_seconds is 0.5; wanted one of them, the other null"
    )
    let again = try Configuration(
      yaml: Configuration(yaml: yaml, file: "a.yaml", assignments: ["recap.advantage_steps=8"])
        .yaml,
      file: "b.yaml")
    #expect(again.recap.advantageSteps == 8 && again.recap.advantageSeconds == nil)
  }

  /// Episodes of 20 frames at 10 a second: N may be 4 without a word.
  @Test func aLongHorizonIsSaid() throws {
    let data = try StateDataset()
    try data.record(
      "data", (0..<6).map { .init(type: .autonomous, success: $0 % 2 == 0, seed: $0) })
    func said(_ more: String...) throws -> [String] {
      try train(
        data.configuration(
          "data",
          ["training.train_demonstrations=false", "training.train_corrections=false"] + more)
      ).messages.filter { $0.contains("N of the advantage") }
    }
    #expect(try said().isEmpty)
    #expect(
      try said("recap.advantage_steps=null") == [
        "stage autonomous: N of the advantage is 10 steps (recap.advantage_seconds 1.0, 10 a second), more than a fifth of the "
          + "median episode of 20: labels tell good episodes rather than good moments; try "
          + "recap.advantage_seconds=0.25"
      ])
  }

  // MARK: Tasks

  @Test func patternsMakeOneTaskOfSeveralTexts() {
    let patterns = TaskPatterns(["*cup*", "push ?he block*"])
    #expect(patterns.task(of: "Put the CUP away") == "*cup*")
    #expect(patterns.task(of: "Push the block, then the cup") == "*cup*")
    #expect(patterns.task(of: "push the block.") == "push ?he block*")
    #expect(patterns.task(of: "push a block") == "push a block")
    let texts = ["cup", "cup", "a cup", "sweep"]
    #expect(
      patterns.overview(texts)
        == "2 by the text of an episode's first frame and dataset.task_patterns: '*cup*' 2 texts of 3 "
        + "episodes, 'push ?he block*' 0 texts of 0 episodes")
    #expect(patterns.idle(texts) == ["push ?he block*"])
    #expect(
      TaskPatterns([]).overview(texts) == "3 by the text of an episode's first frame")
  }

  /// T_max and ε of a training run are of what the patterns make one.
  @Test func tasksOfARun() throws {
    let data = try StateDataset()
    try data.record(
      "data",
      (0..<8).map {
        .init(
          length: 10 + $0, text: $0 % 2 == 0 ? "Push it" : "push it, red", success: true, seed: $0)
      })
    func tasks(_ more: String...) throws -> (longest: [String: Int], said: [String]) {
      let told = try train(
        data.configuration(
          "data", ["training.train_corrections=false", "training.train_autonomous=false"] + more))
      let values = try CheckpointContents(data.path + "/run/checkpoint_demo.pt").values
      var longest: [String: Int] = [:]
      for (key, value) in values where key.hasSuffix("/longest") {
        longest[String(key.split(separator: "/")[2])] = Int(value.filter(\.isNumber))
      }
      return (longest, told.messages)
    }
    let split = try tasks()
    #expect(split.longest == ["Push it": 16, "push it, red": 17])
    #expect(
      split.said.contains(
        "2 of 2 tasks have fewer than 5 episodes ('Push it' 4, 'push it, red' 4): their ε, T_max and labels "
          + "mean little; dataset.task_patterns makes one task of several texts"))
    let joined = try tasks("dataset.task_patterns=[\"push*\", \"pull*\"]")
    #expect(joined.longest == ["push*": 17])
    #expect(joined.said.contains("dataset.task_patterns: 'pull*' fits no episode's text"))
    #expect(!joined.said.contains { $0.contains("fewer than 5") })
  }

  // MARK: Outcomes

  /// −1 a step and 0 at success, as RLinf writes; 1 at success; both with nothing beside them.
  @Test func aRewardAloneMakesNoFailure() throws {
    let data = try StateDataset()
    let dataset = try data.record(
      "data",
      [
        .init(type: nil, seed: 0, rewards: (-1, 0)), .init(type: nil, seed: 1, rewards: (0, 1)),
        .init(type: nil, seed: 2, rewards: (-1, -300)),
        .init(type: nil, success: false, seed: 3, rewards: (0, 1)),
        .init(type: .demo, seed: 4, rewards: (-1, 0)),
      ])
    #expect(
      try dataset.episodes.map { try dataset.labels(of: $0).success } == [
        nil, true, nil, false, nil,
      ])
    #expect(
      try dataset.labelReport().text(of: "success")
        == "unlabelled, as a last reward of 0 or below makes no failure (3 episodes), else last reward of "
        + "column next.reward above 0 (1), else success in meta/episodes (1)")
    let told = try train(data.configuration("data", ["training.train_corrections=false"]))
    // The person's is taken as a success, those of nobody known are left open.
    #expect(
      told.messages.contains {
        $0.contains(
          "stage autonomous: 2 episodes have an unknown outcome, so no return and no indicator: they have no success label, "
            + "and a reward alone makes no failure (dataset.success_key names a column")
      }, "\(told.messages)")
    var overrides = LabelOverrides()
    overrides.defaultSuccess = false
    #expect(
      try dataset.episodes.map { try dataset.labels(of: $0, overrides: overrides).success } == [
        false, true, false, false, false,
      ])
  }

  // MARK: The scale of values

  /// V was fitted to a task of at most 40 frames: a return of other data is divided by 40 + 40, whatever
  /// its own longest episode is.
  @Test func labelsOfOtherDataAreOnTheCheckpointsScale() throws {
    let data = try StateDataset()
    try data.record(
      "train",
      (0..<6).map {
        .init(length: $0 == 3 ? 40 : 20, type: .autonomous, success: $0 % 2 == 0, seed: $0)
      })
    let other = try data.record(
      "other",
      [
        .init(length: 10, type: .autonomous, success: true, seed: 10),
        .init(length: 12, type: .autonomous, success: false, seed: 11),
        .init(length: 60, text: "sweep", type: .autonomous, success: true, seed: 12),
      ])
    _ = try train(
      data.configuration(
        "train", ["training.train_demonstrations=false", "training.train_corrections=false"]))
    var said: [String] = []
    func tell(_ event: TrainingEvent) { if case .message(let text) = event { said.append(text) } }
    _ = try DatasetLabels.write(
      checkpoint: data.path + "/run", datasetPath: data.path + "/other", device: .cpu, report: tell)
    func returns() throws -> [[Float]] {
      let sidecar = try #require(try LabelSidecar.read(other))
      return other.episodes.map { sidecar[$0].returns ?? [] }
    }
    let wanted = try returns()
    #expect(wanted[0].first == -9 / 80 && wanted[0].last == 0)
    #expect(wanted[1].first == -(11 + 40) / 80 && wanted[1].last == -0.5)
    #expect(wanted[2].first == Float(-59) / 120)  // of a task that V does not know
    #expect(
      said.contains { $0.hasPrefix("1 of 2 tasks are none that the value function was fitted to") })
    // Again from the values that lie there: the same scale.
    _ = try DatasetLabels.rewrite(
      datasetPath: data.path + "/other", assignments: ["recap.positive_fraction=0.2"], report: tell)
    #expect(try returns() == wanted)
    for refused in [["recap.failure_cost=0.4"], ["recap.time_limit=100"]] {
      for body in [
        {
          _ = try DatasetLabels.write(
            checkpoint: data.path + "/run", datasetPath: data.path + "/other", assignments: refused,
            device: .cpu, report: tell)
        },
        {
          _ = try DatasetLabels.rewrite(
            datasetPath: data.path + "/other", assignments: refused, report: tell)
        },
      ] as [() throws -> Void] {
        #expect(message(body).contains("returns must be on the values' scale"))
      }
    }
  }

  /// A policy that was cloned has no value function to label by.
  @Test func aValueFunctionThatWasNotFittedLabelsNothing() throws {
    let data = try StateDataset()
    try data.record("data", (0..<4).map { .init(success: true, seed: $0) })
    _ = try train(data.configuration("data", ["recap.method=bc_all"]))
    let text = message {
      _ = try DatasetLabels.write(checkpoint: data.path + "/run", device: .cpu) { _ in }
    }
    #expect(text.contains("its value function was not fitted, or not to the end"))
  }

  // MARK: Rivals' labels

  @Test func labelsByReturnAndBySuccess() {
    let data = experience([
      episode(2, success: true), episode(4, success: true), episode(3, success: false),
      episode(5, success: true, interventions: [true, false, false, false, false]),
      episode(2, success: nil, type: .autonomous),
    ])
    let returns = EpisodeReturns(data)
    var options = LabelOptions()
    func positive(_ indicator: IndicatorRule) -> [[Bool?]] {
      options.indicator = indicator
      return ImprovementLabels(data, returns, values: nil, options: options).indicators
    }
    let (yes, no) = ([true, true, true, true], [false, false, false, false])
    options.positiveFraction = 0.4
    // round(0.4 · 4) = 2 of the four with a return: the shortest successes. A person's frame is forced.
    #expect(
      positive(.return) == [
        Array(yes.prefix(2)), yes, Array(no.prefix(3)), [true, false, false, false, false], [],
      ])
    #expect(
      positive(.success) == [Array(yes.prefix(2)), yes, Array(no.prefix(3)), yes + [true], []])
    options.forcesCorrections = false
    #expect(positive(.return)[3] == no + [false])
    options.positiveFraction = 0.01
    #expect(positive(.return).map { $0.contains(true) } == [true, false, false, false, false])
  }

  /// No value function is fitted for them, and the policy knows both labels.
  @Test(arguments: ["return", "success"]) func aRunByAnotherRule(rule: String) throws {
    let data = try StateDataset()
    try data.record(
      "data",
      (0..<8).map {
        .init(length: 12 + $0, type: .autonomous, success: $0 % 2 == 0, seed: $0)
      })
    let told = try train(
      data.configuration(
        "data", ["recap.indicator=\(rule)", "dataset.held_out_fraction=0.2"]))
    #expect(told.values("train/value_cross_entropy").isEmpty)
    #expect(told.values("recap/conditioning_gap").count == 2)
    let frames = told.values("recap/positive_fraction")
    #expect(frames.count == 2 && frames.allSatisfy { $0 > 0 && $0 < 1 })
    let values = try CheckpointContents(data.path + "/run/checkpoint_final.pt").values
    for label in ["positive", "negative"] {
      #expect(Int(values["recap/trained_indicators/frames/\(label)"]!.filter(\.isNumber))! > 0)
    }
    let refused = message {
      _ = try data.configuration("data", ["recap.indicator=\(rule)", "recap.method=awr"])
    }
    #expect(refused.contains("with recap.method awr, which weighs by the advantage"))
  }

  /// Stretches keep their lengths where they are not cut by an episode's end; earlier versions' switch reads.
  @Test func shuffledStretches() throws {
    let data = experience((0..<20).map { _ in episode(50, success: true) })
    let advantages = (0..<20).map { i in (0..<50).map { Float(($0 / 10 + i) % 5 == 0 ? 1 : 0) } }
    func labels(_ shuffle: IndicatorShuffle) -> [[Bool?]] {
      var options = LabelOptions()
      (options.positiveFraction, options.shuffle, options.seed) = (0.2, shuffle, 4)
      return ImprovementLabels(data, advantages: advantages, options: options).indicators
    }
    func changes(_ labels: [[Bool?]]) -> Int {
      labels.reduce(0) { $0 + zip($1, $1.dropFirst()).count { $0 != $1 } }
    }
    let (plain, frames, stretches) = (labels(.none), labels(.frames), labels(.stretches))
    #expect(plain.joined().count { $0 == true } == 200)
    for shuffled in [frames, stretches] {
      #expect(shuffled.joined().count { $0 == true } == 200 && shuffled != plain)
      #expect(shuffled.map(\.count) == plain.map(\.count))
    }
    // 32 changes; drawn frame by frame they are 2 · 0.2 · 0.8 · 980, about 314.
    #expect(changes(plain) == 32)
    #expect(changes(stretches) <= 45 && changes(frames) > 200)
    let yaml = "policy: {type: flow}\ndataset: {path: x}\nrecap: {shuffle_indicators: "
    for (word, wanted) in [
      ("true", IndicatorShuffle.frames), ("false", .none), ("none", .none),
      ("stretches", .stretches),
    ] {
      let read = try Configuration(yaml: yaml + word + "}", file: "a.yaml")
      #expect(read.recap.shuffleIndicators == wanted)
    }
  }

  @Test func bcDemonstrationsSaysWhatItUses() throws {
    let data = try StateDataset()
    try data.record("data", (0..<5).map { .init(type: .autonomous, success: true, seed: $0) })
    let told = try train(
      data.configuration(
        "data", ["recap.method=bc_demonstrations", "training.train_corrections=false"]))
    #expect(
      told.messages.contains(
        "stage demonstrations: recap.method bc_demonstrations: no episode is known as a demonstration, so all 5 are cloned "
          + "(dataset.episode_type says what they are)"))
  }
}
