internal import ArgumentParser
internal import Recap
internal import Torch

extension BenchmarkCommand {
  struct Encoder: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "encoder",
      abstract: "Passes through an encoder: as many as each line of the input says.")

    @Option var model: String
    @Option var batch = 8
    @Option(help: "Pixels each way, or tokens.") var length = 224
    @Flag(help: "Backward as well.") var train = false
    @Option var device = "cpu"

    func validate() throws {
      try check("batch", batch, from: 1, upTo: 65_536)
      try check("length", length, from: 1, upTo: 1 << 14)
    }

    func run() throws {
      let benchmark = try EncoderBenchmark(
        model: model, batch: batch, length: length, trains: train, device: try Device(device))
      try answer(benchmark.seconds)
    }
  }
}
