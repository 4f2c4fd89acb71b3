import Foundation
import Mutations
import Recap
import Testing

/// No number of a configuration is without bounds.
@Suite struct ConfigurationBoundsTests {
  private let minimal = "dataset:\n  path: data\nmodel:\n  action_dim: 3\n"

  /// What is said of one assignment.
  private func problem(_ key: String, _ value: String) -> String? {
    do {
      _ = try Configuration(yaml: minimal, file: "a.yaml", assignments: ["\(key)=\(value)"])
      return nil
    } catch {
      return (error as? ConfigurationError)?.problems.first { $0.hasPrefix("--set \(key): ") }
    }
  }

  private func isAnyNumber(_ key: String) -> Bool {
    problem(key, "x y") != nil && ["2", "0.5"].contains { problem(key, $0) == nil }
  }

  @Test func everyNumberHasThem() {
    let numbers = Configuration.fields.map(\.key).filter(isAnyNumber)
    #expect(numbers.count > 55)
    for key in numbers {
      var values = ["1e300", "-1e300", "1e31", "nan", "inf", "-inf", ".nan", "1e999"]
      if problem(key, "0.5") != nil { values += ["9223372036854775807", "-9223372036854775808"] }
      for value in values {
        guard let text = problem(key, value) else {
          Issue.record("\(key) may be \(value)")
          continue
        }
        #expect(text.hasPrefix("--set \(key): \(key) is '\(value)'; wanted a"), "\(text)")
      }
    }
  }

  @Test(arguments: [
    ("policy.width", "1e9", "a positive whole number, at most 65536"),
    ("policy.layers", "1e6", "a positive whole number, at most 1024"),
    ("training.batch_frames", "1e9", "a positive whole number, at most 65536"),
    ("policy.chunk_length", "10001", "a positive whole number, at most 10000"),
    ("value_function.num_bins", "1e9", "a whole number above 1 or null, at most 65536"),
    ("value_function.hidden_dims", "[512, 1e9]", "a list of positive whole numbers, at most 65536"),
    ("training.threads", "100000", "a positive whole number or null, at most 1024"),
    ("training.threads", "0", "a positive whole number or null"),
    (
      "recap.advantage_steps", "9223372036854775807",
      "a positive whole number or null, at most 1000000000"
    ),
    (
      "training.demo_epochs", "9223372036854775807", "a whole number, 0 or more, at most 1000000000"
    ),
    ("training.demo_epochs", "-1", "a whole number, 0 or more"),
    ("training.save_every_minutes", "1e300", "a positive number or null, at most 1000000000"),
    ("training.seed", "9223372036854775807", "a whole number, 0 or more, at most 9007199254740991"),
    ("policy.expert_width", "65538", "a positive even number, at most 65536"),
  ])
  func theErrorSaysWhatIsWanted(key: String, value: String, wanted: String) {
    let shown = value.hasPrefix("[") ? "['512', '1e9']" : "'\(value)'"
    #expect(problem(key, value) == "--set \(key): \(key) is \(shown); wanted \(wanted)")
  }

  /// The most that each key may be is read, and what it stands for is not yet allocated.
  @Test func theLastOfThemIsWithin() throws {
    let configuration = try Configuration(
      yaml: minimal, file: "a.yaml",
      assignments: [
        "policy.width=65536", "policy.layers=1024", "training.demo_epochs=1000000000",
        "training.seed=9007199254740991", "training.learning_rate=1e30", "recap.rounds=1000",
      ])
    #expect(configuration.training.seed == 1 << 53 - 1)
  }

  /// Each width within its bounds, and together more than any memory.
  @Test(arguments: [
    ("flow", "policy.width=65536", "policy.layers=1024", "policy.width=65536, "),
    ("flow", "value_function.width=65536", "value_function.layers=1024", "value_function.width"),
    (
      "classic", "value_function.hidden_dims=[65536,65536,65536,65536,65536,65536,65536,65536]",
      "model.hidden_dim=65536", "model.hidden_dim=65536, value_function.hidden_dims=["
    ),
  ])
  func networksThatNoMemoryHolds(type: String, first: String, second: String, wanted: String) throws
  {
    let scratch = try TrainingScratch()
    let configuration = try scratch.configuration("policy.type=\(type)", first, second)
    let text = message { _ = try train(configuration) }
    #expect(text.hasPrefix("networks of ") && text.contains("; this machine has "), "\(text)")
    #expect(text.contains(wanted) && !text.contains("\n"), "\(text)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/run"))
  }

  @Test func anEpochMoreThanThereIsTime() throws {
    // What is added up over epochs and batches does not overflow.
    let scratch = try TrainingScratch(episodes: [0, 2])
    let configuration = try scratch.configuration(
      "training.demo_epochs=1000000000", "training.warmup_steps=1000000000",
      "training.schedule=cosine", "training.log_every=1000000000")
    struct Enough: Error {}
    let run = try TrainingRun(configuration: configuration, device: .cpu) { _ in }
    #expect(throws: Enough.self) {
      try run.train { event in
        if case .progress(_, let done, let total, _) = event, done > 2 {
          #expect(total >= 1_000_000_000)
          throw Enough()
        }
      }
    }
  }

  @Test func aListHasAnEnd() {
    let long = "[" + Array(repeating: "1", count: 1025).joined(separator: ",") + "]"
    #expect(
      problem("value_function.hidden_dims", long)?.hasSuffix(
        "; wanted a list of positive whole numbers, at most 1024 of them") == true)
  }

  @Test func aDatasetIsWantedToTrain() throws {
    let scratch = try TrainingScratch()
    var configuration = try scratch.configuration("simulation.task=push")
    configuration.dataset.path = nil
    #expect(
      message { _ = try train(configuration) }
        == "dataset.path is missing; wanted a LeRobot dataset's folder or name")
  }

  /// Files with a number forged or their bytes damaged; `RECAP_MUTANTS` says how many.
  @Test func mutants() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("recap-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    var whole = try Configuration(yaml: minimal, file: "a.yaml")
    whole.training.maxGradNorm = 1
    let count = mutantCount(300)
    var mutation = Mutation(seed: mutationSeed)
    let mutants =
      forgedNumbers(in: whole.yaml, count: count / 2)
      + (0..<count / 2).map { _ in mutation.mutant(of: Array(whole.yaml.utf8)) }
    let refused = try refusals(of: mutants, at: file) {
      do {
        let read = try Configuration(file: file.path)
        #expect(try Configuration(yaml: read.yaml, file: "again") == read)
      } catch let error as ConfigurationError {
        // A line each.
        for problem in error.problems { #expect(!problem.contains("\n"), "\(problem)") }
        throw Refused()
      }
    } complain: {
      Issue.record("\($0)")
    }
    print("configurations: \(mutants.count) mutants, \(refused) refused")
    #expect(refused > mutants.count / 4 && refused < mutants.count)
  }

  private struct Refused: Error {}

  /// As W&B's own `init` does, and before hours are spent.
  @Test func aProjectThatWandbRefuses() {
    let wanted = "wanted at most 128 characters and none of / \\ # ? % :, as W&B does"
    for name in ["a/b", "a:b", "50%", String(repeating: "x", count: 129)] {
      let text = message {
        _ = try Configuration(
          yaml: "model: {action_dim: 2}\ndataset: {path: d}\n", file: "a.yaml",
          assignments: ["training.wandb_project='\(name)'"])
      }
      #expect(text.hasPrefix("a.yaml: training.wandb_project is '") && text.hasSuffix(wanted))
    }
  }
}
