import Foundation
import Testing

/// A recording that is killed at any moment keeps every episode that it had finished, and goes on.
@Suite struct KilledRecordingTests {
  @Test(arguments: [("v2.1", "h264"), ("v3.0", "h264"), ("v3.0", "av1")])
  func killedManyTimes(_ version: String, _ codec: String) throws {
    let place = try Workplace()
    func record(_ episodes: Int) -> [String] {
      [
        "benchmark", "record", "recorded", "--version", version, "--codec", codec, "--frames", "6",
        "--episodes", "\(episodes)", "--height", "64",
      ]
    }
    /// Episodes that meta/info.json counts; it is replaced when an episode is finished.
    func finished() -> Int {
      let text = (try? place.read("recorded/meta/info.json")) ?? ""
      return text.firstMatch(of: /"total_episodes": ([0-9]+)/).flatMap { Int($0.1) } ?? 0
    }

    var random = SystemRandomNumberGenerator()
    for _ in 0..<4 {
      let before = finished()
      let process = try Command.start(record(100_000), in: place)
      while process.isRunning, finished() < before + 2 { usleep(500) }
      usleep(UInt32.random(in: 0..<100_000, using: &random))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal, "it ended before it was killed")

      let kept = finished()
      #expect(kept >= before + 2)
      // Between the line that names an episode and the counts that include it, only those differ.
      let check = try Command.run(["dataset", "check", "recorded"], in: place)
      let problems = check.output.split(separator: "\n").dropLast()
      #expect(problems.allSatisfy { $0.contains("key 'total_") }, "\(check.output)")
    }
    let kept = finished()
    #expect(try Command.run(record(2), in: place).status == 0)
    // One more where the last was killed between naming an episode and counting it.
    #expect((kept + 2...kept + 3).contains(finished()))
    let check = try Command.run(["dataset", "check", "recorded"], in: place)
    #expect(check.status == 0, "\(check.output)")
    if version == "v3.0" {
      // Joined at the end into files of LeRobot's sizes.
      let files = place.files().filter { $0.hasPrefix("recorded/data/") }
      #expect(files.filter { $0.hasSuffix(".parquet") }.count == 1)
    }
  }
}
