internal import ArgumentParser
internal import Foundation
internal import Platform
internal import Tokenizers

extension BenchmarkCommand {
  struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tokenize",
      abstract: "Every line of a file to ids, on one thread; then with tokens and offsets as well.")

    @Option var model: String
    @Option var rounds = 3
    @Argument var file: String

    func validate() throws { try check("rounds", rounds, from: 1, upTo: mostEpisodes) }

    func run() throws {
      let tokenizer = try Tokenizer.load(model)
      let lines = String(decoding: try readFile(file, wanted: "a text"), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      func time(_ body: (String) throws -> Int) rethrows -> (seconds: Double, tokens: Int) {
        let start = ContinuousClock.now
        var tokens = 0
        for line in lines { tokens += try body(line) }
        return ((ContinuousClock.now - start) / .seconds(1), tokens)
      }
      // Of all ids in their order: that both sides did the same work.
      var sum: UInt64 = 0
      for line in lines {
        for id in try tokenizer.encodeFast(line).ids { sum = sum &* 31 &+ UInt64(id) }
      }
      for _ in 0..<rounds {
        let (fast, whole) = try (
          time { try tokenizer.encodeFast($0).ids.count },
          time { try tokenizer.encode($0).ids.count }
        )
        try printOutput(
          "{\"seconds\": \(fast.seconds), \"seconds_with_offsets\": \(whole.seconds), "
            + "\"tokens\": \(fast.tokens), \"sum\": \(sum)}")
      }
    }
  }
}
