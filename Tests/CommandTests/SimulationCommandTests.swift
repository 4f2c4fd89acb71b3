import Foundation
import Testing

/// Simulated tasks from the command: collect, evaluate, iterate, demo.
@Suite struct SimulationCommandTests {
  private static let tiny = [
    "--set", "simulation.demonstrations=6", "--set", "simulation.autonomous_episodes=4",
    "--set", "simulation.correction_episodes=3", "--set", "recap.rounds=1",
    "--set", "training.demo_steps=6", "--set", "training.correction_steps=3",
    "--set", "training.autonomous_steps=6", "--set", "training.value_steps=6",
    "--set", "training.checkpoint_dir=run", "--set", "training.batch_frames=8",
    "--set", "model.text_model_name=text", "--set", "training.log_every=2",
  ]

  private func config(_ name: String) -> String { "\(Command.repository)/configs/\(name).yaml" }

  @Test func collectedEpisodesAreADataset() throws {
    let place = try Workplace()
    let made = try Command.run(
      ["collect", "--task", "carry", "--cameras", "--episodes", "7", "--output", "demos"], in: place
    )
    #expect(made.status == 0 && made.output.contains("episodes  7"), "\(made.errors)")
    #expect(try Command.run(["dataset", "check", "demos"], in: place).status == 0)
    let info = try Command.run(["dataset", "info", "demos"], in: place).output
    #expect(
      info.contains("Carry the object to the green pad.") && info.contains("observation.state"))
    // The same bytes from another process with another number of workers.
    let twin = [
      "collect", "--task", "carry", "--cameras", "--episodes", "7", "--workers", "3", "--output",
      "twin",
    ]
    #expect(try Command.run(twin, in: place).status == 0)
    let written = place.files().filter { file in
      file.hasPrefix("demos/") && ["parquet", "json", "mp4"].contains { file.hasSuffix(".\($0)") }
    }
    #expect(written.count >= 7)
    for file in written {
      let other = "twin/" + file.dropFirst("demos/".count)
      #expect(
        try Data(contentsOf: place.url(file)) == Data(contentsOf: place.url(other)), "\(file)")
    }
    let again = try Command.run(
      ["collect", "--task", "carry", "--episodes", "1", "--output", "demos"], in: place)
    #expect(again.status == 1 && again.errors.contains("demos: is there already"))
    let unknown = try Command.run(["evaluate", "--task", "carri"], in: place)
    #expect(unknown.status == 1 && unknown.errors.contains("there are: carry, push"))
  }

  @Test func demonstratorsAreEvaluatedTheSameWhateverTheWorkers() throws {
    let place = try Workplace()
    func evaluate(_ more: String...) throws -> String {
      let arguments = ["evaluate", "--task", "carry", "--episodes", "40", "--json", "figures.json"]
      #expect(try Command.run(arguments + more, in: place).status == 0)
      return try place.read("figures.json")
    }
    let one = try evaluate("--workers", "1")
    #expect(try evaluate("--workers", "2") == one)
    #expect(try evaluate("--seed", "5") != one)
    let sure = try evaluate("--skill", "1", "--speed", "0.34")
    #expect(sure.contains("\"success\" : 1"), "\(sure)")
  }

  /// Rounds in a simulated task, killed in the middle, come to the same end; then the demonstration takes
  /// the folder up.
  @Test func roundsCollectByThemselves() throws {
    let place = try Workplace()
    let iterate = ["iterate", "--config", config("demo")] + Self.tiny
    let process = try Command.start(iterate, in: place)
    while process.isRunning, !place.files().contains("run/pretrain/checkpoint_demo.pt") {
      usleep(1000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let end = try Command.run(iterate, in: place)
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.output.contains("collect: episodes of π⁰"))
    let info = try Command.run(["dataset", "info", "run/round-1/data"], in: place).output
    #expect(info.contains(/all +13\s/), "\(info)")

    let demo = try Command.run(
      ["demo", "--config", config("demo"), "--episodes", "5"] + Self.tiny, in: place)
    #expect(demo.status == 0, "\(demo.errors)")
    #expect(demo.output.contains("behaviour cloning") && demo.output.contains("RECAP, round 1"))
    for name in ["checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt"] {
      #expect(try place.runFiles().contains(name))
    }
    let summary =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: place.url("run/summary.json"))) as? [String: Any]
    let before = summary?["before"] as? [String: Any]
    #expect(before?["episodes"] as? Int == 5 && summary?["after"] != nil)
    let report = try place.read("run/report.html")
    #expect(report.contains("One episode, three times") && report.contains("Flow-matching loss"))

    let watched = try Command.run(
      ["watch", "--task", "pick_and_place", "--checkpoint", "run", "--output", "episode.mp4"],
      in: place)
    #expect(watched.status == 0 && place.files().contains("episode.mp4"), "\(watched.errors)")
    let wrong = try Command.run(
      ["evaluate", "--task", "carry", "--checkpoint", "run"], in: place)
    #expect(wrong.status == 1 && wrong.errors.contains("wants a state of 13 numbers"))
  }

  /// Rounds whose policy sees by the task's cameras, and acts by them.
  @Test func roundsWithCameras() throws {
    let place = try Workplace()
    let end = try Command.run(
      ["iterate", "--config", config("carry")] + Self.tiny + [
        "--set", "simulation.use_cameras=true", "--set", "model.vision_model_name=vision",
      ], in: place)
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains(/cameras +observation.images.front, observation.images.top/))
    let info = try Command.run(["dataset", "info", "run/round-1/data"], in: place).output
    #expect(info.contains("observation.images.top") && info.contains("128×128"), "\(info)")
    let evaluated = try Command.run(
      ["evaluate", "--task", "carry", "--checkpoint", "run", "--episodes", "2"], in: place)
    #expect(evaluated.status == 0 && evaluated.output.contains("success"), "\(evaluated.errors)")
    let wrong = try Command.run(
      ["evaluate", "--task", "pick_and_place", "--checkpoint", "run"], in: place)
    #expect(wrong.status == 1 && wrong.errors.contains("observation.images.top"), "\(wrong.errors)")
  }
}
