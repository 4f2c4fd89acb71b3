import Foundation
import Recap
import Testing
import Torch

/// A run that was interrupted ends as one that was not, to the bit.
@Suite struct ResumeTests {
  /// Batches of two, a schedule, clipping and held-out episodes: all that depends on the place in a run.
  private static let everything = [
    "dataset.batch_size=2", "dataset.held_out_fraction=0.3", "training.schedule=cosine",
    "training.warmup_steps=2", "training.max_grad_norm=0.5", "training.weight_decay=0.1",
    "training.log_every=2",
  ]

  private func configuration(_ scratch: TrainingScratch, _ folder: String, _ more: [String]) throws
    -> Configuration
  {
    var configuration = try scratch.configuration(
      "training.save_every_steps=1", "training.keep_checkpoints=100",
      "training.checkpoint_dir=\(scratch.path)/\(folder)")
    let yaml = configuration.yaml
    configuration = try Configuration(yaml: yaml, file: "test.yaml", assignments: more)
    return configuration
  }

  @Test(arguments: [true, false])
  func everyStepCanBeGoneOnFrom(isFrozen: Bool) throws {
    let scratch = try TrainingScratch(episodes: isFrozen ? Array(0..<8) : [0, 1, 3, 5])
    let more =
      isFrozen ? Self.everything : ["model.freeze_vision=false", "model.freeze_text=false"]
    let whole = try train(configuration(scratch, "whole", more))
    let checkpoints = whole.saved.map { URL(fileURLWithPath: $0).lastPathComponent }
    #expect(checkpoints.last == "checkpoint_final.pt")
    #expect(checkpoints.contains("checkpoint_demo.pt"))
    // Trained encoders decode every time: two places are enough.
    for name in isFrozen ? checkpoints : [checkpoints[1], "checkpoint_correction.pt"] {
      let file = "\(scratch.path)/whole/\(name)"
      let step = Int(
        try CheckpointContents(file).values["recap/progress/global_step"]!.filter(\.isNumber))!
      let rest = try train(configuration(scratch, "rest", more), checkpoint: file)
      #expect(rest.lines() == whole.lines(after: step), "\(name)")
      #expect(rest.messages.count == 1 && rest.messages[0].contains(file))
      if rest.saved.isEmpty { continue }
      try expectSame(
        scratch.path + "/whole/checkpoint_final.pt", scratch.path + "/rest/checkpoint_final.pt")
    }
  }

  @Test func theFirstStagesCheckpointGoesOnWithCorrections() throws {
    let scratch = try TrainingScratch()
    let whole = try train(scratch.configuration())
    let rest = try train(
      scratch.configuration(), checkpoint: scratch.path + "/run/checkpoint_demo.pt")
    #expect(rest.metrics[0].key == "corrections 5 train/demo_loss")
    #expect(rest.lines() == whole.lines(after: 4))
    #expect(
      rest.messages == [
        "going on from \(scratch.path)/run/checkpoint_demo.pt: stage corrections, epoch 1, after step 4"
      ])
  }

  @Test func aFinishedRunIsLeftAsItIs() throws {
    let scratch = try TrainingScratch()
    _ = try train(scratch.configuration())
    let rest = try train(scratch.configuration(), checkpoint: scratch.path + "/run")
    #expect(rest.metrics.isEmpty && rest.saved.isEmpty)
    #expect(rest.messages == ["\(scratch.path)/run/checkpoint_final.pt: every stage is done"])
  }

  @Test func stagesMayBeLeftOut() throws {
    let scratch = try TrainingScratch()
    let told = try train(scratch.configuration("training.train_demonstrations=false"))
    #expect(told.metrics[0].key == "corrections 1 train/demo_loss")
    #expect(
      told.saved.map { URL(fileURLWithPath: $0).lastPathComponent } == [
        "checkpoint_correction.pt", "checkpoint_final.pt",
      ])
  }

  @Test func theLastCheckpointsAreKept() throws {
    let scratch = try TrainingScratch()
    let files = { () throws -> [String] in
      try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/run").sorted()
    }
    let settings = ["training.save_every_steps=2", "training.keep_checkpoints=2"]
    _ = try train(scratch.configuration(settings[0], settings[1]))  // 4 + 1 + 4 steps
    #expect(
      try files() == [
        "checkpoint_correction.pt", "checkpoint_demo.pt", "checkpoint_final.pt",
        "checkpoint_step_00000006.pt", "checkpoint_step_00000008.pt",
      ])

    // By time as well as by steps.
    _ = try train(scratch.configuration("training.save_every_minutes=1e-9"))
    #expect(
      try files().filter { $0.contains("step") } == [
        "checkpoint_step_00000008.pt", "checkpoint_step_00000009.pt",
      ])

    // A second run in the same folder wants to be told, and leaves nothing of the first.
    let second = try scratch.configuration(
      settings[0], settings[1], "training.train_corrections=false",
      "training.train_autonomous=false")
    #expect(
      message { _ = try train(second, existing: .refuse) }.contains(
        "add --resume to go on where it stopped"))
    _ = try train(second)
    #expect(
      try files().filter { $0.contains("step") } == [
        "checkpoint_step_00000002.pt", "checkpoint_step_00000004.pt",
      ])
    let rest = try train(scratch.configuration(), checkpoint: scratch.path + "/run")
    #expect(rest.messages[0].contains("/run/checkpoint_demo.pt: stage corrections"))
  }
}
