import Foundation
import LeRobot
import Testing
import Torch

/// Every command that acts goes by what the policy was trained with, says so, and refuses anything else.
@Suite struct ActingCommandTests {
  private static let tiny =
    [
      "policy.width=16", "policy.expert_width=16", "policy.layers=1", "policy.heads=1",
      "policy.head_width=16", "value_function.width=16", "value_function.layers=1",
      "value_function.heads=1", "training.demo_steps=4", "training.correction_steps=2",
      "training.autonomous_steps=4", "training.value_steps=4", "training.batch_frames=8",
      "training.log_every=2", "model.text_model_name=text", "training.checkpoint_dir=run",
    ].flatMap { ["--set", $0] }

  /// Six episodes of carry's states and actions, of a policy, of which nothing says how they ended.
  private func recordWithoutOutcomes(in place: Workplace, _ name: String) throws {
    let writer = try DatasetWriter(
      folder: "\(place.path)/\(name)", version: .v30, fps: 10,
      features: [.vector("observation.state", count: 10), .vector("action", count: 2)])
    for episode in 0..<6 {
      for frame in 0..<20 {
        let state = (0..<10).map { Float(($0 * 3 + frame * 7 + episode) % 11) / 5 - 1 }
        try writer.add([
          "observation.state": .floats(state), "action": .floats(Array(state.prefix(2))),
        ])
      }
      try writer.endEpisode(
        task: "Carry the object to the green pad.", type: .autonomous, source: "policy")
    }
    try writer.finish()
  }

  private func config(_ name: String) -> String { "\(Command.repository)/configs/\(name).yaml" }

  /// A policy that was cloned without a label: act, evaluate, collect alone and with corrections, watch, export, and
  /// the rounds of iterate.
  @Test func sevenWaysToAct() throws {
    let place = try Workplace()
    try recordWithoutOutcomes(in: place, "demos")
    let clone = ["--config", config("carry")] + Self.tiny
    let trained = try Command.run(
      ["train", "--dataset_path", "demos", "--set", "training.train_corrections=false"] + clone,
      in: place)
    try #require(trained.status == 0, "\(trained.errors)")
    let state = "[" + Array(repeating: "0.1", count: 10).joined(separator: ", ") + "]"
    let line = "{\"state\": \(state), \"instruction\": \"Carry the object to the green pad.\"}\n"
    let checkpoint = ["--checkpoint", "run"]
    let ways: [[String]] = [
      ["act"], ["evaluate", "--task", "carry", "--episodes", "2"],
      ["collect", "--task", "carry", "--episodes", "2", "--output", "alone"],
      ["collect", "--task", "carry", "--episodes", "2", "--corrections", "--output", "corrected"],
      ["watch", "--task", "carry", "--output", "episode.mp4"],
      ["export", "--output", "policy.safetensors"],
    ]
    let remark =
      " its policy acts by unconditional without guidance, not by positive with guidance 2.0 as configured: it was trained on "
    for way in ways {
      let ended = try Command.run(way + checkpoint, in: place, input: line)
      #expect(ended.status == 0, "\(way): \(ended.errors)")
      #expect(ended.errors.contains(remark), "\(way): \(ended.errors)")
      if way[0] == "evaluate" { #expect(ended.output.contains(/acts by +unconditional\n/)) }
      if way[0] == "watch" {
        #expect(ended.errors.contains("its value function was never fitted"))
      }
      if way[0] == "export" { continue }
      for asked in [
        ["--condition", "positive"], ["--condition", "negative"], ["--guidance", "2"],
      ] {
        let refused = try Command.run(way + checkpoint + asked, in: place, input: line)
        #expect(refused.status == 1, "\(way) \(asked)")
        #expect(
          refused.errors.contains("its policy cannot act by ")
            && refused.errors.contains("none of them labelled; wanted unconditional"),
          "\(refused.errors)")
      }
      let asked = try Command.run(
        way + checkpoint + ["--condition", "unconditional", "--noise-scale", "0.5"]
          + (way[0] == "collect" ? ["--output", "\(way.count)-again"] : []), in: place, input: line)
      #expect(asked.status == 0 && !asked.errors.contains("not by positive"), "\(asked.errors)")
    }
    // A rival is cloned, which its configuration says: that is no remark.
    let rounds = try Command.run(
      ["iterate"] + clone
        + [
          "recap.method=bc_all", "training.checkpoint_dir=rounds", "recap.rounds=1",
          "simulation.demonstrations=6", "simulation.autonomous_episodes=2",
          "simulation.correction_episodes=1",
        ].flatMap { ["--set", $0] }, in: place)
    #expect(rounds.status == 0 && !rounds.errors.contains("not by positive"), "\(rounds.errors)")
    let cloned = try Command.run(
      ["evaluate", "--task", "carry", "--episodes", "2", "--checkpoint", "rounds"], in: place)
    #expect(cloned.output.contains(/acts by +unconditional\n/), "\(cloned.output)")
    let known = try Command.run(
      ["iterate", "--dataset_path", "demos"] + clone
        + [
          "training.checkpoint_dir=known", "recap.rounds=1", "simulation.autonomous_episodes=2",
          "simulation.correction_episodes=1", "recap.indicator_dropout=0",
        ].flatMap { ["--set", $0] }, in: place)
    #expect(
      known.errors.contains("without guidance, not by positive with guidance 2.0 as configured"),
      "\(known.errors)")
    // A robot's round is told as well.
    let waiting = try Command.run(
      ["iterate", "--dataset_path", "demos", "--set", "simulation.task=null"] + clone
        + ["--set", "training.checkpoint_dir=robot"], in: place)
    #expect(
      waiting.output.contains("which acts by \"Advantage: positive\", guidance 2.0.\n"),
      "\(waiting.output)\(waiting.errors)")
  }

  /// Held-out episodes of a run of two rounds: once out, always out, and never trained on before.
  @Test func heldOutThroughTwoRounds() throws {
    let place = try Workplace()
    let ended = try Command.run(
      ["iterate", "--config", config("carry")] + Self.tiny
        + [
          "recap.rounds=2", "simulation.demonstrations=30", "simulation.autonomous_episodes=20",
          "simulation.correction_episodes=10",
        ].flatMap { ["--set", $0] }, in: place)
    try #require(ended.status == 0, "\(ended.errors)")
    func split(_ file: String) throws -> (out: Set<String>, trained: Set<String>) {
      let value = try CheckpointFile.load("\(place.path)/run/\(file)")["recap"]?["splits"]?["value"]
      func identities(_ key: String) -> Set<String> {
        Set(value?[key]?.array?.compactMap(\.string) ?? [])
      }
      return (identities("held_out"), identities("trained"))
    }
    let fits = try [
      "pretrain/checkpoint_demo.pt", "sft/checkpoint_correction.pt", "round-1/checkpoint_final.pt",
      "round-2/checkpoint_final.pt",
    ].map(split)
    #expect(fits.map { $0.out.count + $0.trained.count } == [30, 30, 60, 90])
    #expect((1...8).contains(fits[0].out.count) && fits[3].out.count > fits[0].out.count)
    for (earlier, later) in zip(fits, fits.dropFirst()) {
      #expect(earlier.out.isSubset(of: later.out) && earlier.trained.isSubset(of: later.trained))
    }
    for fit in fits { #expect(fit.out.isDisjoint(with: fits[3].trained)) }
  }
}
