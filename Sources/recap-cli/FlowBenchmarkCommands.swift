internal import ArgumentParser
internal import Recap
internal import Torch

extension BenchmarkCommand {
  struct FlowTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "flow-train",
      abstract: "Training steps of the flow policy: as many as each line of the input says.")

    @Option var batch = 32
    @Option var cameras = 2
    @Option var device = "cpu"

    func run() throws {
      let benchmark = FlowBenchmark(cameras: cameras, device: try Device(device))
      try answer(benchmark.training(batch: batch))
    }
  }

  struct FlowAct: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "flow-act",
      abstract: "Chunks of actions for one robot: as many as each line of the input says.")

    @Option var guidance = 1.0
    @Option var cameras = 2
    @Option var device = "cpu"

    func run() throws {
      let benchmark = FlowBenchmark(cameras: cameras, device: try Device(device))
      try answer(benchmark.acting(guidance: guidance))
    }
  }
}

/// For each line with a number, the seconds of so many runs: several programs can take turns.
func answer(_ run: (Int) throws -> [Double]) throws {
  while let line = readLine() {
    guard let count = Int(line) else { throw ValidationError("'\(line)': expected a number") }
    try printOutput("{\"seconds\": \(try run(count))}")
  }
}
