import Foundation
import LeRobot
import Recap
import Testing
import Torch

/// Options beside the classic recipe: cameras, state, held-out episodes, batches, seeds.
@Suite struct TrainingOptionsTests {
  private static let onlyDemonstrations = [
    "training.train_corrections=false", "training.train_autonomous=false", "training.demo_epochs=1",
  ]

  private func demonstrations(_ scratch: TrainingScratch, _ more: String...) throws -> Told {
    let yaml = try scratch.configuration().yaml
    return try train(
      Configuration(yaml: yaml, file: "test.yaml", assignments: Self.onlyDemonstrations + more))
  }

  private func contents(_ scratch: TrainingScratch) throws -> CheckpointContents {
    try CheckpointContents(scratch.path + "/run/checkpoint_demo.pt")
  }

  /// Adds a camera `observation.second` that sees episode 1 as episode 0's camera does, and the reverse.
  private func addCamera(_ scratch: TrainingScratch) throws {
    let videos = "data/videos/chunk-000/"
    let first = "\(scratch.path)/\(videos)\(TrainingScratch.camera)"
    _ = try scratch.copy(first, to: videos + "observation.second")
    for (from, to) in [(0, 1), (1, 0)] {
      _ = try scratch.copy(
        "\(first)/episode_00000\(from).mp4",
        to: "\(videos)observation.second/episode_00000\(to).mp4")
    }
    try scratch.edit("data/meta/info.json") { text in
      let start = text.range(of: "\"observation.image\": ")!.upperBound
      let end = text.range(of: "\"observation.state\"")!.lowerBound
      return text.replacing(
        "\"features\": {", with: "\"features\": {\"observation.second\": \(text[start..<end])")
    }
  }

  @Test func severalCameras() throws {
    let scratch = try TrainingScratch(episodes: [0, 1])
    let one = try demonstrations(scratch)
    #expect(try contents(scratch).tensors["model_state_dict/fusion.0.weight"]!.shape == [12, 24])
    try addCamera(scratch)

    let both = try demonstrations(scratch, "model.use_all_cameras=true")
    let saved = try contents(scratch)
    #expect(saved.tensors["model_state_dict/fusion.0.weight"]!.shape == [12, 36])
    #expect(saved.values["recap/data/cameras/0"]!.contains("observation.image"))
    #expect(saved.values["recap/data/cameras/1"]!.contains("observation.second"))
    #expect(both.lines() != one.lines())
    #expect(both.encoded == 0)  // the same videos under another name

    // Without the option, the first one asked for.
    let first = try demonstrations(scratch, "dataset.image_keys=[observation.image]")
    #expect(first.lines() == one.lines())
    let second = try demonstrations(
      scratch, "dataset.image_keys=[observation.second, observation.image]")
    #expect(second.lines() != one.lines())
    #expect(try contents(scratch).values["recap/data/cameras/0"]!.contains("observation.second"))
    let absent = message {
      _ = try demonstrations(scratch, "dataset.image_keys=[observation.third]")
    }
    #expect(
      absent == "\(scratch.dataset)/meta/info.json: has no camera 'observation.third' "
        + "(dataset.image_keys); its cameras are observation.image, observation.second")
  }

  @Test func theRobotsState() throws {
    let scratch = try TrainingScratch(episodes: [0, 1])
    let without = try demonstrations(scratch)
    let with = try demonstrations(scratch, "model.use_state=true")
    let saved = try contents(scratch)
    #expect(saved.tensors["model_state_dict/state_encoder.weight"]!.shape == [12, 2])
    #expect(saved.tensors["model_state_dict/fusion.0.weight"]!.shape == [12, 36])
    #expect(with.lines() != without.lines())
    let absent = message {
      _ = try demonstrations(
        scratch, "model.use_state=true", "dataset.state_key=observation.joints")
    }
    #expect(
      absent.hasSuffix(
        "meta/info.json: has no column 'observation.joints' (dataset.state_key); did you mean "
          + "'observation.state'; its columns of several numbers are action, observation.state"))
  }

  @Test func heldOutEpisodesAreNotTrainedOn() throws {
    // Episodes 0, 1, 5 and 6 have 36 frames; which is held out comes from the seed and what they hold.
    let scratch = try TrainingScratch(episodes: [0, 1, 5, 6], types: [5: "demo", 6: "demo"])
    let fraction = "dataset.held_out_fraction=0.05"
    let first = try demonstrations(scratch, fraction)
    #expect(first.values("train/demo_loss").count == 3)
    #expect(first.values("eval/demo_loss").count == 2)  // before training, and after the epoch
    let split = try #require(
      try ClassicCheckpoint(path: scratch.path + "/run/checkpoint_demo.pt").splits
    ).data
    #expect(split.heldOut.count == 1 && split.trained.count == 3)
    let dataset = try Dataset(folder: scratch.dataset)
    let held = try #require(
      dataset.episodes.first { try split.heldOut.contains(dataset.read($0).identity) })

    // Other pictures in the held-out episode change nothing but its own loss.
    let videos = "data/videos/chunk-000/\(TrainingScratch.camera)/episode_00000"
    _ = try scratch.copy("\(scratch.path)/\(videos)7.mp4", to: "\(videos)\(held.index).mp4")
    let second = try demonstrations(scratch, fraction)
    #expect(second.values("train/demo_loss") == first.values("train/demo_loss"))
    #expect(second.values("eval/demo_loss") != first.values("eval/demo_loss"))
    #expect(try demonstrations(scratch).values("eval/demo_loss").isEmpty)
  }

  @Test func framesOfABatchCountOnceEach() throws {
    // Lengths 36, 47 and 59, at a learning rate that moves nothing.
    let scratch = try TrainingScratch(
      episodes: [2, 3, 4], types: [2: "demo", 3: "demo", 4: "demo"])
    let still = "training.learning_rate=1e-30"
    let alone = try demonstrations(scratch, still).values("train/demo_loss")
    let together = try demonstrations(scratch, still, "dataset.batch_size=3")
      .values("train/demo_loss")
    #expect(alone.count == 3 && together.count == 1)
    // Which loss belongs to which length is the order of the epoch: the same for both sizes.
    let lengths = epochBatches([0, 1, 2], size: 1, seed: 0, stage: .demonstrations, epoch: 0)
      .map { [36.0, 47.0, 59.0][$0[0]] }
    let mean = zip(alone, lengths).reduce(0) { $0 + $1.0 * $1.1 } / 142
    #expect(abs(together[0] - mean) < 1e-5)
  }

  @Test func theSeedDecidesEverything() throws {
    let scratch = try TrainingScratch()
    let trained = ["model.freeze_vision=false", "dataset.batch_size=2", "dataset.num_workers=2"]
    let first = try demonstrations(scratch, trained[0], trained[1], trained[2])
    let file = try scratch.copy(scratch.path + "/run/checkpoint_demo.pt", to: "first.pt")
    let second = try demonstrations(scratch, trained[0], trained[1], trained[2])
    #expect(first.lines() == second.lines())
    try expectSame(file, scratch.path + "/run/checkpoint_demo.pt")
    let other = try demonstrations(scratch, trained[0], trained[1], "training.seed=1")
    #expect(other.lines() != first.lines())
  }

  @Test func stagesWithoutEpisodesOfTheirTypeSaySo() throws {
    let scratch = try TrainingScratch(episodes: [0, 1])
    let told = try train(scratch.configuration())
    #expect(
      told.messages == [
        "stage corrections: no episode has type correction, so it uses all 2 episodes",
        "stage autonomous: no episode has type autonomous, so it uses all 2 episodes",
      ])
  }

  /// Where no type is recorded: episode 5 has interventions, episode 0 none.
  @Test func typesFollowFromLabels() throws {
    let scratch = try TrainingScratch(episodes: [0, 5])
    try scratch.edit("data/meta/episodes.jsonl") { $0.replacing("episode_type", with: "kind") }
    func unused(_ stage: String, _ type: String) -> String {
      "stage \(stage): no episode has type \(type), so it uses all 2 episodes"
    }
    let untyped = try train(scratch.configuration())
    #expect(
      untyped.messages == [
        unused("demonstrations", "demo"), unused("autonomous", "autonomous"),
      ])
    let recorded = try train(scratch.configuration("dataset.source=human"))
    #expect(recorded.messages == [unused("autonomous", "autonomous")])
    let fixed = try train(scratch.configuration("dataset.episode_type=autonomous"))
    #expect(
      fixed.messages == [unused("demonstrations", "demo"), unused("corrections", "correction")])
  }
}
