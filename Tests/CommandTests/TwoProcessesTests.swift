import Foundation
import Testing
import Torch

/// Two processes that write to one folder: one does, the other is told who does.
///
/// `RECAP_PAIRS` is how many times each pair is tried (2 by default).
@Suite struct TwoProcessesTests {
  private let pairs = ProcessInfo.processInfo.environment["RECAP_PAIRS"].flatMap(Int.init) ?? 2

  /// Starts commands at the same moment, each with its output in files of its own, and waits for them.
  private func run(_ commands: [[String]], in place: Workplace) throws -> [Result] {
    let processes = try commands.enumerated().map { number, arguments in
      try Command.start(arguments, in: place, name: "\(number)")
    }
    return try processes.enumerated().map { try Command.result(of: $1, in: place, name: "\($0)") }
  }

  /// Whoever did not do it says why; somebody did.
  private func expectOneDid(_ results: [Result], _ refusal: Regex<Substring>) {
    #expect(results.contains { $0.status == 0 }, "\(results.map(\.errors))")
    for result in results where result.status != 0 {
      #expect(result.status == 1)
      #expect(result.errorLines.last?.contains(refusal) == true, "\(result.errors)")
    }
  }

  private let busyOrDone = /is being written by process \d+ on .*recap|holds a run|is there already/

  @Test func train() throws {
    let train = ["train", "--config", "recap.yaml", "--device", "cpu", "--set"]
    let settings = ["training.seed=1", "training.seed=2"]
    for _ in 0..<pairs {
      let place = try Workplace()
      expectOneDid(try run(settings.map { train + [$0] }, in: place), busyOrDone)
      // All that is there is of one run.
      let seeds = try ["demo", "correction", "final"].map { name in
        let root = try CheckpointFile.load(place.path + "/run/checkpoint_\(name).pt")
        return root["recap"]!["configuration"]!.string!.firstMatch(of: /seed: \d/)!.output
      }
      #expect(Set(seeds).count == 1)
      let steps = try place.read("run/metrics.jsonl").matches(of: /"global_step":(\d+)/).map {
        Int($0.1)!
      }
      #expect(steps == steps.sorted() && Set(steps) == Set(1...steps.last!), "\(steps)")
      #expect(try place.runFiles().count == 4)
    }
  }

  @Test func collect() throws {
    for _ in 0..<pairs {
      let place = try Workplace()
      let collect = ["collect", "--task", "carry", "--episodes", "4", "--output", "demos"]
      expectOneDid(
        try run([collect, collect + ["--seed", "7"]], in: place), busyOrDone)
      let check = try Command.run(["dataset", "check", "demos"], in: place)
      #expect(check.status == 0, "\(check.output)")
      #expect(place.files().allSatisfy { !$0.contains("partial") && !$0.contains(".recap.lock") })
    }
  }

  @Test func iterate() throws {
    for _ in 0..<pairs {
      let place = try Workplace()
      let results = try run(
        [1, 2].map { ["iterate"] + Workplace.flow + ["--set", "training.seed=\($0)"] }, in: place)
      expectOneDid(results, busyOrDone)
      let status = try Command.run(["iterate"] + Workplace.flow + ["--status"], in: place)
      #expect(status.output.split(separator: "\n").count { $0.contains("done") } == 2)
    }
  }

  @Test func label() throws {
    let place = try Workplace()
    let train = try Command.run(["train"] + Workplace.flow, in: place)
    #expect(train.status == 0, "\(train.errors)")
    let label = ["label", "--checkpoint", "run", "--device", "cpu", "--set"]
    let results = try run(
      (1...max(4, pairs * 8)).map { label + ["recap.positive_fraction=0.\($0 % 8 + 1)"] }, in: place
    )
    expectOneDid(results, busyOrDone)
    func problems() throws -> Int {
      try Command.run(["dataset", "check", "data"], in: place).output.split(separator: "\n")
        .count { $0.contains("recap_labels.parquet") }
    }
    #expect(try problems() == 0)

    // One that is torn is a problem of the dataset, and the next labels take its place.
    try place.truncate("data/meta/recap_labels.parquet", to: 0.5)
    #expect(try problems() == 1)
    let again = try Command.run(label + ["recap.positive_fraction=0.2"], in: place)
    #expect(again.status == 0 && again.errors.contains("it is replaced"), "\(again.errors)")
    #expect(try problems() == 0)
  }

  @Test func copies() throws {
    let place = try Workplace()
    let convert = ["dataset", "convert", "data", "--to", "v3.0", "--output", "copy"]
    for _ in 0..<pairs {
      expectOneDid(try run([convert, convert, convert], in: place), busyOrDone)
      #expect(try Command.run(["dataset", "check", "copy"], in: place).status == 0)
      try place.remove("copy")
    }
    // Killed on its way, it is made anew.
    let process = try Command.start(convert, in: place)
    while process.isRunning, !place.files().contains(where: { $0.hasPrefix(".copy.partial/meta") })
    {
      usleep(300)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(place.files().contains { $0.hasPrefix(".copy.partial") })
    #expect(try Command.run(convert, in: place).status == 0)
    #expect(place.files().allSatisfy { !$0.contains("partial") })
  }

  /// A disk that is full, as far as a process can be told.
  @Test func aFullDiskLeavesNothing() throws {
    let place = try Workplace()
    for arguments in [
      ["dataset", "convert", "data", "--to", "v3.0", "--output", "copy"],
      ["collect", "--task", "carry", "--episodes", "2", "--output", "demos"],
    ] {
      let before = place.files()
      let full = try Command.run(arguments, in: place, shell: "trap '' XFSZ; ulimit -f 2")
      #expect(full.status == 1)
      #expect(
        full.errors.contains(/cannot be written: .*file too large/.ignoresCase()), "\(full.errors)")
      #expect(place.files() == before)
    }
  }
}
