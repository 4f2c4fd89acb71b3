internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Recap

/// Parts that `Benchmarks/run` times beside the same work in PyTorch; each prints JSON lines.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark", abstract: "Time a part, for Benchmarks/run.", shouldDisplay: false,
    subcommands: [
      TrainStep.self, Decode.self, Dataset.self, Record.self, FlowTrain.self, FlowAct.self,
      Tokenize.self, Encoder.self, Simulate.self,
    ])

  struct TrainStep: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "train-step", abstract: "Steps of stage 3's trainable part, one a line.")

    @Option var steps = 100

    func validate() throws { try check("steps", steps, from: 1, upTo: mostEpisodes) }

    func run() throws {
      for seconds in try TrainStepBenchmark.run(steps: steps) {
        try printOutput("{\"seconds_per_step\": \(seconds)}")
      }
    }
  }

  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "decode", abstract: "Every frame of a video to RGB.")

    @Argument var file: String
    @Option var threads = 0

    func validate() throws { try check("threads", threads, from: 0, upTo: 1024) }

    func run() throws {
      let start = ContinuousClock.now
      let decoder = try VideoDecoder(path: file, threads: threads)
      var frames = 0
      while case let pixels = try decoder.read(32), !pixels.isEmpty {
        frames += pixels.count / (decoder.width * decoder.height * 3)
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      try printOutput("{\"frames\": \(frames), \"seconds\": \(seconds)}")
    }
  }
}
