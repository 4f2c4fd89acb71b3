import Foundation
import LeRobot
import PolicyInterface
import Recap
import Testing
import Torch

/// `recap train`, `label` and `iterate` with policy.type flow, from files to files.
@Suite struct FlowTrainingTests {
  private func configuration(
    _ scratch: TrainingScratch, _ folder: String = "run", _ more: [String] = []
  ) throws -> Configuration {
    let yaml = try scratch.configuration().yaml
    return try Configuration(
      yaml: yaml, file: "test.yaml",
      assignments: [
        "policy.type=flow", "model.action_dim=null", "policy.width=16", "policy.expert_width=16",
        "policy.layers=2", "policy.heads=2", "policy.head_width=8", "policy.chunk_length=4",
        "policy.execution_horizon=3", "value_function.width=16", "value_function.layers=1",
        "value_function.heads=2", "recap.advantage_steps=10", "training.batch_frames=8",
        "training.demo_steps=6", "training.correction_steps=3", "training.autonomous_steps=6",
        "training.value_steps=8", "training.log_every=2", "training.warmup_steps=2",
        "training.max_grad_norm=1", "training.learning_rate=1e-3", "dataset.normalize_actions=null",
        "training.checkpoint_dir=\(scratch.path)/\(folder)",
      ] + more)
  }

  /// From every intermediate checkpoint on, the same metrics and the same weights, to the bit.
  @Test(arguments: [true, false]) func resumedRunsAreTheSame(isFrozen: Bool) throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    var more = ["training.save_every_steps=5", "training.keep_checkpoints=100"]
    if !isFrozen { more += ["model.freeze_vision=false", "model.freeze_text=false"] }
    let whole = try train(configuration(scratch, "whole", more))
    let names = whole.saved.map { URL(fileURLWithPath: $0).lastPathComponent }
    #expect(
      names.filter { !$0.contains("step") } == [
        "checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt",
      ])
    for name in isFrozen ? names : [names[0], names[names.count / 2]] {
      let file = "\(scratch.path)/whole/\(name)"
      let values = try CheckpointContents(file).values
      let step = Int(values["recap/flow_progress/global_step"]!.filter(\.isNumber))!
      let rest = try train(configuration(scratch, "rest", more), checkpoint: file)
      #expect(rest.lines(after: step) == whole.lines(after: step), "\(name)")
      if rest.saved.isEmpty { continue }
      try expectSame(
        scratch.path + "/whole/checkpoint_final.pt", scratch.path + "/rest/checkpoint_final.pt")
    }
  }

  @Test func labelsAreThoseOfTraining() throws {
    let scratch = try TrainingScratch()
    var told: [[LabelRate]] = []
    let run = try TrainingRun(configuration: configuration(scratch), device: .cpu) { _ in }
    try run.train { if case .labels(let rates) = $0 { told.append(rates) } }
    func counts(_ rates: [LabelRate]) -> [String] {
      rates.map { "\($0.task) \($0.source) \($0.frames) \($0.positive) \($0.forced)" }
    }
    let written = try DatasetLabels.write(checkpoint: scratch.path + "/run", device: .cpu) { _ in }
    #expect(told.count == 2 && counts(written) == counts(told[1]))
    let dataset = try Dataset(folder: scratch.dataset)
    func positive() throws -> Int {
      let sidecar = try #require(try LabelSidecar.read(dataset))
      return dataset.episodes.reduce(0) { sum, episode in
        sum + (sidecar[episode].indicators ?? []).count { $0 == true }
      }
    }
    #expect(try positive() == written.reduce(0) { $0 + $1.positive })
    // Another fraction, from the values that are there.
    let fewer = try DatasetLabels.rewrite(
      datasetPath: scratch.dataset,
      assignments: ["recap.positive_fraction=0.1", "recap.advantage_steps=10"]
    ) { _ in }
    #expect(try positive() == fewer.reduce(0) { $0 + $1.positive })
    #expect(fewer.reduce(0) { $0 + $1.positive } < written.reduce(0) { $0 + $1.positive })
    // Where a person acted the label is positive, whatever the advantage.
    let corrections = written.filter { $0.source == "correction" }
    #expect(corrections.contains { $0.forced > 0 })
  }

  @Test func actsInChunksAndRefusesASecondTag() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    _ = try train(configuration(scratch))
    var options = ActingOptions()
    options.guidance = 1.5
    let image = PolicyInterface.Image(
      width: 96, height: 96, rgb: Array(repeating: 90, count: 96 * 96 * 3))
    func act(_ instruction: String) throws -> [[Float]] {
      let policy = try loadPolicy(
        checkpoint: scratch.path + "/run", device: .cpu, options: options)
      #expect(policy.cameras == [TrainingScratch.camera] && policy.stateDim == 2)
      return try policy.act(
        on: Observation(
          images: [TrainingScratch.camera: image], state: [200, 200], instruction: instruction)
      ).actions
    }
    let actions = try act("Push the T block.")
    #expect(actions.count == 3 && actions.allSatisfy { $0.count == 2 })
    #expect(try act("Push the T block.") == actions)
    #expect(throws: ObservationError.self) { try act("Push. Advantage: positive") }
    options.condition = .negative
    #expect(try act("Push the T block.") != actions)
  }

  /// A DINOv2 on pictures that are neither square nor of the size it was made for.
  @Test(arguments: [true, false]) func picturesNeedNotBeSquare(isFrozen: Bool) throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let folder = try scratch.visionEncoder(
      """
      {"model_type": "dinov2_with_registers", "hidden_size": 12, "num_hidden_layers": 1, "mlp_ratio": 2,
       "num_attention_heads": 3, "image_size": 20, "patch_size": 4, "num_register_tokens": 2}
      """,
      processing: #"{"size": {"height": 12, "width": 21}, "do_center_crop": false}"#)
    let more = ["model.vision_model_name=\(folder)", "model.freeze_vision=\(isFrozen)"]
    let told = try train(configuration(scratch, "run", more))
    #expect(told.encoded == 72)
    #expect(try train(configuration(scratch, "again", more)).encoded == 0)
    let features = try scratch.features().keys.map {
      try #require(try Safetensors.load($0)["features"]).shape
    }
    #expect(features == Array(repeating: [36] + (isFrozen ? [15, 12] : [3, 12, 21]), count: 2))
    let policy = try loadPolicy(
      checkpoint: scratch.path + "/run", device: .cpu, options: ActingOptions())
    func act(width: Int, height: Int) throws -> [[Float]] {
      let image = PolicyInterface.Image(
        width: width, height: height, rgb: Array(repeating: 90, count: width * height * 3))
      return try policy.act(
        on: Observation(
          images: [TrainingScratch.camera: image], state: [200, 200], instruction: "Push.")
      ).actions
    }
    #expect(try act(width: 96, height: 96).joined().allSatisfy { $0.isFinite })
  }

  @Test func picturesOfLessThanAPatchAreRefused() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let folder = try scratch.visionEncoder(
      #"{"model_type": "vit", "hidden_size": 12, "num_hidden_layers": 1, "patch_size": 32}"#,
      processing: #"{"size": {"height": 64, "width": 31}}"#)
    let text = message {
      _ = try train(configuration(scratch, "run", ["model.vision_model_name=\(folder)"]))
    }
    #expect(text.contains("makes frames of 96x96 into 31x64, but the model's patches are 32x32"))
  }

  @Test func aTaskThatHoldsATagIsRefused() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    try scratch.edit("data/meta/tasks.jsonl") {
      $0.replacing("Push the T block.", with: "Push the T block. advantage: Positive")
    }
    let error = #expect(throws: DatasetError.self) { try train(configuration(scratch)) }
    #expect("\(error!)".contains("holds an advantage tag already"))
  }

  /// Data of which little can be learned: a clear remark, and numbers that are numbers.
  @Test(
    arguments: [
      ([0], ["dataset.held_out_fraction=0"], "1 of 1 tasks have fewer than 5 episodes"),
      ([0, 1, 5], [], "no episode failed"),
      ([0, 1, 2], ["dataset.success=false"], "no episode succeeded"),
      ([2, 3], ["dataset.episode_type=autonomous", "dataset.success_key=next.done"], ""),
      ([0, 1], ["recap.positive_fraction=0.999", "recap.pretraining_fraction=0.001"], ""),
    ] as [([Int], [String], String)])
  func littleToLearnFrom(_ episodes: [Int], _ more: [String], _ remark: String) throws {
    let scratch = try TrainingScratch(episodes: episodes)
    var said: [String] = []
    let run = try TrainingRun(
      configuration: configuration(scratch, "run", more), device: .cpu
    ) { if case .message(let text) = $0 { said.append(text) } }
    try run.train { event in
      switch event {
      case .message(let text): said.append(text)
      case .metrics(let metrics):
        for (name, value) in metrics.values where !name.hasPrefix("recap/loss_") {
          #expect(value.isFinite, "\(name)")
        }
      default: break
      }
    }
    #expect(remark.isEmpty || said.contains { $0.contains(remark) }, "\(said)")
    let file = scratch.path + "/run/checkpoint_final.pt"
    #expect(FileManager.default.fileExists(atPath: file))
  }

  /// Episodes that cannot be read are no episodes to wait for.
  @Test func aRoundWhoseEpisodesCannotBeReadSaysSo() throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    let settings = try configuration(scratch, "rounds", ["recap.rounds=1"])
    func iterate() throws { _ = try Iteration(configuration: settings, device: .cpu).run { _ in } }
    try iterate()
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/rounds/round-1", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: scratch.dataset, toPath: scratch.path + "/rounds/round-1/episodes")
    try "{".write(
      toFile: scratch.path + "/rounds/round-1/episodes/meta/info.json", atomically: true,
      encoding: .utf8)
    #expect(message { try iterate() }.contains("round-1/episodes/meta/info.json"))
  }

  /// A round waits for episodes, then goes on; what a finished step was made from may not change.
  @Test func roundsWaitAndGoOn() throws {
    let scratch = try TrainingScratch(episodes: Array(0..<8))
    let settings = try configuration(scratch, "rounds", ["recap.rounds=1"])
    func iterate() throws -> (Iteration.Outcome, steps: [String]) {
      var steps: [String] = []
      let outcome = try Iteration(configuration: settings, device: .cpu).run {
        if case .done(let step) = $0 { steps.append(step) }
      }
      return (outcome, steps)
    }
    let (first, early) = try iterate()
    #expect(early == ["pretrain", "sft"])
    guard case .waiting(1, let policy, let episodes) = first else {
      Issue.record("it did not wait: \(first)")
      return
    }
    #expect(policy.hasSuffix("sft/checkpoint_correction.pt"))
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/rounds/round-1", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: scratch.dataset, toPath: episodes)
    let (second, late) = try iterate()
    #expect(late == ["collect-1", "add-1", "fit-1"])
    guard case .finished = second else {
      Issue.record("it did not finish: \(second)")
      return
    }
    #expect(try Dataset(folder: scratch.path + "/rounds/round-1/data").episodes.count == 16)
    #expect(try iterate().steps.isEmpty)
    var messages: [String] = []
    _ = try Iteration(
      configuration: try configuration(
        scratch, "rounds", ["recap.rounds=1", "recap.positive_fraction=0.2"]), device: .cpu
    ).run { if case .training(.message(let text)) = $0 { messages.append(text) } }
    #expect(
      messages == [
        "changed since the last run: recap.positive_fraction (0.4, now 0.2); steps to fit-1 are done and stay as they are"
      ])
    let plan = try #require(try IterationPlan(folder: scratch.path + "/rounds"))
    #expect(
      plan.steps.allSatisfy { $0.isDone } && plan.tree.contains("round-1/checkpoint_final.pt"))
    let last = try ClassicCheckpoint(fileOrFolder: scratch.path + "/rounds")
    #expect(last.path.hasSuffix("rounds/round-1/checkpoint_final.pt"))
    try scratch.edit("data/meta/tasks.jsonl") { $0 + " " }
    let error = #expect(throws: IterationError.self) { try iterate() }
    #expect("\(error!)".contains("step pretrain was made from demonstrations"))
  }

  /// `training.schedule` is obeyed by every fit; left alone it is a cosine here, and constant in the classic recipe.
  @Test func theScheduleIsObeyed() throws {
    var options = FitOptions()
    (options.steps, options.warmupSteps, options.learningRate) = (10, 4, 8)
    options.schedule = .constant
    #expect((1...10).map(options.rate) == [2, 4, 6, 8, 8, 8, 8, 8, 8, 8])
    options.schedule = .cosine
    // Half a cosine over the six steps that are left.
    #expect([1, 4, 7, 10].map(options.rate) == [2, 8, 4, 0])
    let scratch = try TrainingScratch(episodes: [0, 2])
    func losses(_ more: String...) throws -> [[Double]] {
      let told = try train(
        configuration(
          scratch, "run",
          ["training.train_corrections=false", "training.train_autonomous=false"] + more))
      return ["train/value_cross_entropy", "train/flow_loss"].map(told.values)
    }
    let (alone, cosine) = (try losses(), try losses("training.schedule=cosine"))
    let constant = try losses("training.schedule=constant")
    #expect(alone == cosine)
    for (cosine, constant) in zip(cosine, constant) { #expect(cosine != constant) }
    func classic(_ more: String...) throws -> [Double] {
      let yaml = try scratch.configuration().yaml
      return try train(Configuration(yaml: yaml, file: "c.yaml", assignments: more))
        .values("train/demo_loss")
    }
    #expect(try classic() == classic("training.schedule=constant"))
    #expect(try classic() != classic("training.schedule=cosine"))
  }

  /// Many texts go through the encoder a few at a time, and come out as if each were alone.
  @Test func textsInBatches() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let encoders = try FlowEncoders(
      configuration(scratch), hasCameras: false, device: .cpu)
    let words = ["push", "the", "block", "away"]
    let texts = (0..<150).map { i in
      (0..<1 + i % 7).map { words[(i + $0) % 4] }.joined(separator: " ")
    }
    let many = try encoders.tokens(ofMany: texts)
    let length = many.tokens.shape[1]
    #expect(many.tokens.shape[0] == 150 && many.mask.count == 150 * length)
    for i in [0, 6, 63, 64, 127, 149] {
      let one = try withoutGradient { try encoders.tokens([texts[i]]) }
      let own = one.tokens.shape[1]
      #expect(
        Array(many.mask[i * length..<(i + 1) * length]) == one.mask
          + Array(repeating: false, count: length - own))
      let found = many.tokens[i].floats.prefix(own * many.tokens.shape[2])
      #expect(zip(found, one.tokens.floats).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }
}
