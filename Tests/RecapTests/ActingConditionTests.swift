import Foundation
import LeRobot
import PolicyInterface
import Recap
import Testing
import Torch

/// A policy acts by what it was trained with, and by nothing else.
@Suite struct ActingConditionTests {
  private func act(
    _ checkpoint: String, _ change: (inout ActingOptions) -> Void = { _ in }
  ) throws -> (actions: [[Float]], manner: String, remark: String?) {
    var options = ActingOptions()
    change(&options)
    let policy = try loadPolicy(checkpoint: checkpoint, device: .cpu, options: options)
    let chunk = try policy.act(
      on: Observation(images: [:], state: [0.5, -0.5, 0.1], instruction: "push"))
    return (chunk.actions, policy.manner, policy.remark)
  }

  private func refusal(_ checkpoint: String, _ change: (inout ActingOptions) -> Void) -> String {
    message { _ = try act(checkpoint, change) }
  }

  private func labelled(_ count: Int = 8) -> [StateDataset.Episode] {
    (0..<count).map {
      .init(
        length: 16 + $0, type: $0 % 2 == 0 ? .demo : .autonomous, success: $0 % 4 < 2, seed: $0)
    }
  }

  /// No outcome, so no label: cloned without one, and never told to be "positive".
  @Test func unlabelledEpisodesGiveAnUnconditionalPolicy() throws {
    let data = try StateDataset()
    try data.record("data", (0..<6).map { .init(type: .autonomous, seed: $0) })
    let told = try train(
      data.configuration(
        "data", ["policy.guidance=2", "training.train_corrections=false"]))
    #expect(
      told.messages.contains { $0.hasPrefix("stage demonstrations: no episode has an outcome") })
    for name in ["checkpoint_demo", "checkpoint_final"] {
      let path = "\(data.path)/run/\(name).pt"
      let found = try act(path)
      #expect(found.manner == "unconditional")
      #expect(
        found.remark
          == "\(path): its policy acts by unconditional without guidance, not by positive with guidance 2.0 "
          + "as configured: it was trained on 120 frames, none of them labelled")
      #expect(try act(path) { $0.condition = .unconditional }.actions == found.actions)
      #expect(
        refusal(path) { $0.condition = .positive }
          == "\(path): its policy cannot act by positive: it was trained on 120 frames, none of them "
          + "labelled; wanted unconditional")
      #expect(refusal(path) { $0.condition = .negative }.contains("cannot act by negative"))
      #expect(refusal(path) { $0.guidance = 1.5 }.contains("cannot act by guidance 1.5"))
      #expect(try act(path) { $0.guidance = 1 }.actions == found.actions)
      let values = try CheckpointContents(path).values
      #expect(values["recap/trained_indicators/frames/unconditional"]!.contains("120"))
      #expect(values["recap/trained_indicators/frames/positive"]!.contains("0"))
    }
  }

  /// A rival is cloned: `policy.condition` is positive by default, and means nothing to it.
  @Test(arguments: ["bc_demonstrations", "bc_all", "filtered_bc", "positive_bc", "awr"])
  func rivalsActUnconditionally(method: String) throws {
    let data = try StateDataset()
    try data.record("data", labelled())
    _ = try train(
      data.configuration(
        "data", ["recap.method=\(method)", "training.train_corrections=false"]))
    let run = data.path + "/run"
    #expect(try act(run).manner == "unconditional" && act(run).remark == nil)
    #expect(refusal(run) { $0.condition = .positive }.contains("none of them labelled"))
  }

  /// SFT labels all positive; the stage after it, which begins from π_pre again, labels both.
  @Test func theLastFitDecides() throws {
    let data = try StateDataset()
    try data.record("data", labelled())
    _ = try train(data.configuration("data"))
    let (demo, sft, last) = (
      "\(data.path)/run/checkpoint_demo.pt", "\(data.path)/run/checkpoint_correction.pt",
      "\(data.path)/run/checkpoint_final.pt"
    )
    for path in [demo, last] {
      let actions = try [Configuration.Condition.positive, .negative, .unconditional].map {
        condition in try act(path) { $0.condition = condition }.actions
      }
      #expect(Set(actions).count == 3)
      #expect(try act(path).actions == actions[0] && act(path).remark == nil)
      #expect(try act(path) { $0.guidance = 2 }.manner == "\"Advantage: positive\", guidance 2.0")
    }
    #expect(try act(sft).manner == "\"Advantage: positive\"")
    #expect(
      refusal(sft) { $0.condition = .negative }.hasSuffix("wanted unconditional or positive"))
    #expect(
      refusal(last) {
        $0.condition = .unconditional
        $0.guidance = 2
      }.contains("guidance 2.0 leads towards a label, and unconditional has none"))
  }

  /// What a stage that begins from π_pre again says before its policy's fit is what π_pre was trained with.
  @Test func aRestartTakesWhatPreTrainingSays() throws {
    let data = try StateDataset()
    try data.record("data", labelled())
    _ = try train(
      data.configuration("data", ["training.save_every_steps=3", "training.keep_checkpoints=100"]))
    func frames(_ name: String) throws -> [String: String] {
      let values = try CheckpointContents("\(data.path)/run/\(name).pt").values
      return values.filter { $0.key.hasPrefix("recap/trained_indicators/") }
    }
    // Steps 1 to 8 fit V_pre, 9 to 14 π_pre, 15 to 17 SFT, 18 to 25 V, 26 to 31 π.
    let early = "\(data.path)/run/checkpoint_step_00000006.pt"
    #expect(message { _ = try act(early) }.contains("its policy was not trained yet"))
    let pretrained = try frames("checkpoint_demo")
    #expect(try !pretrained.isEmpty && frames("checkpoint_step_00000021") == pretrained)
    #expect(try frames("checkpoint_correction") != pretrained)
    #expect(try frames("checkpoint_step_00000027") == frames("checkpoint_final"))
  }

  /// Without dropped labels nothing was learned of acting without one, so that guidance has no base.
  @Test func withoutDroppedLabelsThereIsNoUnconditionalPolicy() throws {
    let data = try StateDataset()
    try data.record("data", labelled())
    _ = try train(
      data.configuration("data", ["recap.indicator_dropout=0", "policy.guidance=2"]))
    let run = data.path + "/run"
    #expect(try act(run).manner == "\"Advantage: positive\"")
    #expect(
      try act(run).remark?.contains("without guidance, not by positive with guidance") == true)
    #expect(refusal(run) { $0.condition = .unconditional }.contains("none dropped"))
    #expect(refusal(run) { $0.guidance = 2 }.contains("which takes a label and none"))
  }

  @Test func exportSaysWhatWasTrained() throws {
    let data = try StateDataset()
    try data.record("data", (0..<6).map { .init(type: .autonomous, seed: $0) })
    _ = try train(data.configuration("data", ["training.train_corrections=false"]))
    let file = data.path + "/policy.safetensors"
    let remark = try ClassicCheckpoint(fileOrFolder: data.path + "/run")
      .exportSafetensors(to: file)
    #expect(remark?.contains("acts by unconditional, not by positive as configured") == true)
    let metadata = try Safetensors.metadata(file)
    #expect(metadata["condition"] == "unconditional" && metadata["guidance"] == "1.0")
    #expect(
      metadata["trained_indicators"]
        == #"{"frames": {"unconditional": 120, "negative": 0, "positive": 0}, "dropout": 0.3, "tags": "#
        + #"{"negative": "Advantage: negative", "positive": "Advantage: positive"}}"#)
  }

  @Test func noiseCanBeScaledDown() throws {
    let data = try StateDataset()
    try data.record("data", labelled())
    _ = try train(data.configuration("data", ["training.train_autonomous=false"]))
    let run = data.path + "/run"
    func spread(_ scale: Double) throws -> Float {
      let found = try (0..<8).map { seed in
        try act(run) {
          $0.noiseScale = scale
          $0.seed = seed
        }.actions[0][0]
      }
      return found.max()! - found.min()!
    }
    #expect(try spread(0) == 0 && spread(0.3) < spread(1))
    #expect(try act(run) { $0.noiseScale = 0.5 }.manner.hasSuffix("noise scaled by 0.5"))
  }

  /// Classic: an advantage is asked for only of a policy that stage autonomous taught one.
  @Test func aClassicPolicyHasNoAdvantageBeforeItWasTaughtOne() throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    _ = try train(scratch.configuration())
    func load(_ name: String) throws -> any TrainedPolicy {
      var options = ActingOptions()
      options.advantage = 1
      return try loadPolicy(
        checkpoint: "\(scratch.path)/run/checkpoint_\(name).pt", device: .cpu, options: options)
    }
    #expect(try load("final").manner == "normalised advantage 1.0")
    #expect(
      message { _ = try load("demo") }.contains(
        "stage autonomous, which teaches it one, has not run")
    )
  }
}
