import Foundation
import Testing
import Torch

/// A run that is killed at any moment leaves its last complete checkpoint, and goes on from it to the
/// same end.
@Suite struct KilledRunTests {
  private static let saving = [
    "--set", "training.save_every_steps=1", "--set", "training.keep_checkpoints=3",
  ]

  /// Metrics but for the time of day.
  private func metrics(_ place: Workplace) throws -> [String] {
    try place.read("run/metrics.jsonl").split(separator: "\n")
      .map { String($0).replacing(/"_timestamp":[0-9.]+,/, with: "") }
  }

  @Test func killedThreeTimes() throws {
    let (whole, killed) = (try Workplace(), try Workplace())
    #expect(try Command.run(train, in: whole).status == 0)

    // While a checkpoint is being written; between two; and wherever it is after a while.
    let moments: [(Set<String>) -> Bool] = [
      { files in
        files.contains { $0.hasSuffix("00003.pt") } && files.contains { $0.hasSuffix(".partial") }
      },
      { files in files.contains { $0.hasSuffix("00005.pt") } },
      { files in files.contains { $0.hasSuffix("checkpoint_correction.pt") } },
    ]
    for (index, moment) in moments.enumerated() {
      let resumed = index == 0 ? train : train + ["--checkpoint", "run"]
      let process = try Command.start(resumed, in: killed)
      while process.isRunning, try !moment(Set(killed.runFiles())) { usleep(300) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal, "it ended before it was killed")
      // Whatever has a checkpoint's name is complete.
      for name in try killed.runFiles() where name.hasSuffix(".pt") && !name.hasPrefix(".") {
        #expect(throws: Never.self) { try CheckpointFile.load(killed.path + "/run/" + name) }
      }
    }
    let end = try Command.run(train + ["--checkpoint", "run"], in: killed)
    #expect(end.status == 0)
    #expect(end.errors.contains("going on from run/checkpoint_"))

    #expect(try metrics(killed) == metrics(whole))
    for name in ["checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt"] {
      let (a, b) = (
        try checkpointTensors(whole.url("run/" + name)),
        try checkpointTensors(killed.url("run/" + name))
      )
      #expect(a.keys.sorted() == b.keys.sorted())
      for (key, tensor) in a { #expect(b[key].map(tensor.equal) == true, "\(name): \(key)") }
      // Not a byte differs, whatever the file holds beside tensors.
      #expect(
        try Data(contentsOf: whole.url("run/" + name))
          == Data(contentsOf: killed.url("run/" + name)))
    }
    #expect(try killed.runFiles() == whole.runFiles())
  }

  private var train: [String] {
    ["train", "--config", "recap.yaml", "--device", "cpu"] + Self.saving
  }
}
