import Foundation
import Testing

/// `recap iterate`, killed at random moments, ends with the same checkpoints as an undisturbed run.
@Suite struct KilledIterationTests {
  private static let iterate =
    ["iterate"] + Workplace.flow + [
      "--set", "training.checkpoint_dir=rounds", "--set", "training.save_every_steps=1",
      "--set", "training.keep_checkpoints=3",
    ]

  /// A workplace where both rounds find their episodes.
  private func place() throws -> Workplace {
    let place = try Workplace()
    for round in 1...2 {
      try FileManager.default.createDirectory(
        atPath: place.path + "/rounds/round-\(round)", withIntermediateDirectories: true)
      let copy = [
        "dataset", "convert", "data", "--output", "rounds/round-\(round)/episodes", "--to", "v2.1",
      ]
      #expect(try Command.run(copy, in: place).status == 0)
    }
    return place
  }

  @Test func killedTwentyTimes() throws {
    let whole = try place()
    #expect(try Command.run(Self.iterate, in: whole).status == 0)
    var random = SystemRandomNumberGenerator()
    var kills = 0
    // On a busy machine a run may come to its end between two kills: then another one is begun.
    while kills < 20 {
      let killed = try place()
      var isRunning = true
      while isRunning, kills < 20 {
        let before = checkpoints(killed)
        let process = try Command.start(Self.iterate, in: killed)
        // Half of them once it has got somewhere, so that it comes to every step.
        if kills % 2 == 0 {
          while process.isRunning, checkpoints(killed) == before { usleep(1000) }
          usleep(.random(in: 0..<60_000, using: &random))
        } else {
          usleep(.random(in: 0..<900_000, using: &random))
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        isRunning = process.terminationReason == .uncaughtSignal
        kills += isRunning ? 1 : 0
      }
      let end = try Command.run(Self.iterate, in: killed)
      #expect(end.status == 0, "\(end.errors)")
      try expectSame(killed, whole)
    }
  }

  private func expectSame(_ killed: Workplace, _ whole: Workplace) throws {
    let names = [
      "pretrain/checkpoint_demo.pt", "sft/checkpoint_correction.pt", "round-1/checkpoint_final.pt",
      "round-2/checkpoint_final.pt", "plan.json",
    ]
    for name in names {
      #expect(try bytes(killed, name) == bytes(whole, name), "\(name)")
    }
    for step in ["pretrain", "sft", "round-1", "round-2"] {
      #expect(try metrics(killed, step) == metrics(whole, step), "\(step)")
    }
    let tree = try Command.run(Self.iterate + ["--status"], in: killed).output
    #expect(tree.split(separator: "\n").count { $0.contains("done") } == 8, "\(tree)")
  }

  private func bytes(_ place: Workplace, _ name: String) throws -> Data {
    try Data(contentsOf: place.url("rounds/" + name))
  }

  /// Metrics but for the time of day.
  private func metrics(_ place: Workplace, _ step: String) throws -> [String] {
    try place.read("rounds/\(step)/metrics.jsonl").split(separator: "\n")
      .map { String($0).replacing(/"_timestamp":[0-9.]+,/, with: "") }
  }

  /// Names and times of the checkpoints.
  private func checkpoints(_ place: Workplace) -> Set<String> {
    let root = place.path + "/rounds"
    let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return Set(all.filter { $0.hasSuffix(".pt") })
  }
}
