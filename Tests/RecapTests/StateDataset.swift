import Foundation
import LeRobot
import Platform
import Recap

/// Datasets of a state alone, made in a moment, and a flow policy small enough to be fitted to them.
final class StateDataset {
  let path: String

  /// One episode to record; its states are its seed's, and its actions follow them.
  struct Episode {
    var length = 20
    var text = "push"
    var type: EpisodeType? = .demo
    var success: Bool?
    var seed = 0
    /// `next.reward` of every frame but the last, and of the last; nil for no such column.
    var rewards: (Float, Float)?
    /// Of each frame; nil for what follows the states.
    var actions: ((Int) -> [Float])?
  }

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/recap-states-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Records episodes of three states and two actions at 10 frames a second, in a folder of this one.
  @discardableResult
  func record(_ name: String, _ episodes: [Episode], fps: Double = 10) throws -> Dataset {
    let hasRewards = episodes.contains { $0.rewards != nil }
    let writer = try DatasetWriter(
      folder: "\(path)/\(name)", version: .v30, fps: fps,
      features: [
        .vector("observation.state", names: ["x", "y", "z"]),
        .vector("action", names: ["along", "across"]),
      ] + (hasRewards ? [.number("next.reward")] : []))
    for episode in episodes {
      var generator = SplitMix64(seed: episode.seed, purpose: 77)
      func draw() -> Float { Float.random(in: -1...1, using: &generator) }
      for frame in 0..<episode.length {
        let state = [draw(), draw(), Float(frame) / 20]
        var values: NameDictionary<FrameValue> = [
          "observation.state": .floats(state),
          "action": .floats(episode.actions?(frame) ?? [state[0] + 0.1 * draw(), draw()]),
        ]
        if hasRewards {
          let rewards = episode.rewards ?? (0, 0)
          values["next.reward"] = .number(
            Double(frame == episode.length - 1 ? rewards.1 : rewards.0))
        }
        try writer.add(values)
      }
      try writer.endEpisode(
        task: episode.text, type: episode.type, success: episode.success,
        source: episode.type.map { $0 == .demo ? "human" : "policy" })
    }
    try writer.finish()
    return try Dataset(folder: "\(path)/\(name)")
  }

  /// Tiny networks and few steps.
  func configuration(
    _ dataset: String, _ more: [String] = [], run: String = "run"
  ) throws -> Configuration {
    try Configuration(
      yaml: """
        model: {text_model_name: "\(ClassicFixture.path("text"))", freeze_text: true}
        policy: {type: flow, width: 16, expert_width: 16, layers: 2, heads: 2, head_width: 8,
          chunk_length: 4, execution_horizon: 3}
        value_function: {width: 16, layers: 1, heads: 2}
        recap: {advantage_steps: 4}
        dataset: {path: "\(path)/\(dataset)"}
        training: {demo_steps: 6, correction_steps: 3, autonomous_steps: 6, value_steps: 8, log_every: 2,
          warmup_steps: 2, batch_frames: 8, learning_rate: 1e-3, save_every_minutes: null,
          checkpoint_dir: "\(path)/\(run)"}
        """, file: "test.yaml", assignments: more)
  }
}
