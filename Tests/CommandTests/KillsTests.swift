import Foundation
import Testing

/// `RECAP_KILLS=60`: so many signals (KILL, INT, TERM, HUP) at random moments of every command, after which
/// the same command completes and leaves what an undisturbed one leaves.
@Suite struct KillsTests {
  private static let kills = ProcessInfo.processInfo.environment["RECAP_KILLS"].flatMap { Int($0) }
  private static let signals: [(number: Int32, status: Int32)] =
    [(SIGKILL, -1)]
    + interruptions
    .map { ($0.signal, $0.status) }

  private static let simulated =
    ["--set", "training.checkpoint_dir=run"]
    + InterruptedTrainingTests.flow
    + [
      "simulation.task=carry", "dataset.path=null", "model.text_model_name=text", "recap.rounds=1",
      "simulation.demonstrations=30", "simulation.autonomous_episodes=6",
      "simulation.correction_episodes=6",
    ].flatMap { ["--set", $0] }

  /// By name, the command and what goes on where it has been; nil for the command itself.
  private static let commands: [(line: [String], resumed: [String]?)] = [
    (classic, classic + ["--resume"]), (flow, flow + ["--resume"]),
    (["iterate", "--config", "recap.yaml"] + simulated, nil),
    (["collect", "--task", "push", "--episodes", "100", "--output", "demos"], nil),
    (["evaluate", "--task", "push", "--episodes", "100", "--json", "figures.json"], nil),
    (
      [
        "label", "--checkpoint", "policy/checkpoint_final.pt", "--dataset_path", "many", "--device",
        "cpu",
      ], nil
    ),
    (["dataset", "convert", "many", "--to", "v3.0", "--output", "copy"], nil),
    (["dataset", "merge", "many", "data", "many", "--output", "copy"], nil),
    (["dataset", "relabel", "many", "--set-success", "true", "--output", "copy"], nil),
    (["dataset", "split", "many", "train=0.5", "val=0.5", "--output", "parts"], nil),
    (["dataset", "check", "many"], nil), (["dataset", "stats", "many"], nil),
    (["act", "--checkpoint", "policy/checkpoint_final.pt", "--device", "cpu"], nil),
    (
      ["encode", "--model", "vision", "--output", "out.safetensors"]
        + Array(repeating: ["--image", "frame.png"], count: 1000).joined(), nil
    ),
    (
      ["export", "--checkpoint", "policy/checkpoint_final.pt", "--output", "policy.safetensors"],
      nil
    ),
  ]

  private static let classic = [
    "train", "--config", "recap.yaml", "--device", "cpu", "--set", "training.demo_epochs=300",
    "--set", "training.correction_epochs=300", "--set", "training.autonomous_epochs=200",
  ]
  private static let flow = ["train", "--config", "recap.yaml"] + InterruptedTrainingTests.flow

  @Test(.enabled(if: kills != nil, "set RECAP_KILLS to how many"))
  func everyCommandCompletesAllTheSame() throws {
    let base = try Workplace()
    try FileManager.default.copyItem(
      atPath: Command.repository + "/Examples/frame.png", toPath: base.path + "/frame.png")
    let merge = ["dataset", "merge"] + Array(repeating: "data", count: 20) + ["--output", "many"]
    #expect(try Command.run(merge, in: base).status == 0)
    let policy = Self.flow + ["--set", "training.checkpoint_dir=policy"]
    #expect(try Command.run(policy, in: base).status == 0)
    let observation =
      "{\"image\": \"frame.png\", \"instruction\": \"push\", \"state\": [222, 97]}\n"

    var (killed, finished, byStatus) = (0, 0, [Int32: Int]())
    var random = SystemRandomNumberGenerator()
    var whole: [Int: (left: [String: Data], seconds: Double)] = [:]
    var number = 0
    while killed < Self.kills! {
      defer { number += 1 }
      let which = number % Self.commands.count
      let (line, resumed) = Self.commands[which]
      let input = line[0] == "act" ? String(repeating: observation, count: 300) : nil
      if whole[which] == nil {
        let (place, start) = (try Workplace(copy: base), ContinuousClock.now)
        let result = try Command.run(line, in: place, input: input)
        #expect(result.status == 0, "\(line.prefix(3)): \(result.errors)")
        whole[which] = (try left(place), (ContinuousClock.now - start) / .seconds(1))
      }
      let place = try Workplace(copy: base)
      let (signal, status) = Self.signals[(number / Self.commands.count + which) % 4]
      let process = try Command.start(line, in: place, input: input)
      usleep(UInt32(1e6 * .random(in: 0.2...max(0.3, whole[which]!.seconds), using: &random)))
      kill(process.processIdentifier, signal)
      let ended = try Command.result(of: process, in: place)
      if ended.status == 0 {
        finished += 1
      } else {
        killed += 1
        byStatus[ended.status, default: 0] += 1
        // Before the command has begun, a signal does what it does to every program.
        #expect(ended.status == status || ended.status == -1, "\(line.prefix(3)): \(ended.errors)")
      }
      let again = resumed ?? (ended.status == 0 ? nil : line)
      if let again {
        let end = try Command.run(again, in: place, input: input)
        #expect(end.status == 0, "after \(signal): \(again.prefix(3)): \(end.errors)")
      }
      var (found, wanted) = (try left(place), whole[which]!.left)
      // Tells of what this run has done, not of what there is.
      if ["train", "iterate"].contains(line[0]) {
        (found[".output"], wanted[".output"]) = (nil, nil)
      }
      for name in Set(found.keys).union(wanted.keys).sorted() {
        #expect(found[name] == wanted[name], "after \(signal): \(line.prefix(3)): \(name)")
      }
    }
    let statuses = byStatus.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
    print(
      "\(killed) ended by a signal (\(statuses.joined(separator: ", "))), \(finished) before it")
  }

  /// What is there afterwards but for caches, times of day and checkpoints between stages.
  private func left(_ place: Workplace) throws -> [String: Data] {
    var found = [".output": try place.data(".output")]
    for file in place.files()
    where !file.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(place.path)/\(file)", isDirectory: &isFolder)
      if isFolder.boolValue || file.contains("checkpoint_step_") { continue }
      found[file] =
        file.hasSuffix("metrics.jsonl")
        ? Data(
          try place.metrics(String(file.dropLast("/metrics.jsonl".count))).joined(separator: "\n")
            .utf8) : try place.data(file)
    }
    return found
  }
}
