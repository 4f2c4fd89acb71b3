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

    func validate() throws {
      try check("batch", batch, from: 1, upTo: 65_536)
      try check("cameras", cameras, from: 1, upTo: 64)
    }

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

    func validate() throws {
      try check("guidance", guidance, from: 0, upTo: 1e6)
      try check("cameras", cameras, from: 1, upTo: 64)
    }

    func run() throws {
      let benchmark = FlowBenchmark(cameras: cameras, device: try Device(device))
      try answer(benchmark.acting(guidance: guidance))
    }
  }
}

/// For each line with a number, the seconds of so many runs: several programs can take turns.
func answer(_ run: (Int) throws -> [Double]) throws {
  while let line = readLine() {
    guard let count = Int(line), (0...mostEpisodes).contains(count) else {
      throw ValidationError("'\(line)': wanted a number from 0 to \(mostEpisodes)")
    }
    try printOutput("{\"seconds\": \(try run(count))}")
  }
}
