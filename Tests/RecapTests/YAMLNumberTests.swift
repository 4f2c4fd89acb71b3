import Foundation
import Recap
import Testing

/// YAML as PyYAML 6 reads it, whose values these are; of several merged mappings the earlier goes first, as YAML 1.1
/// has it.
@Suite struct YAMLNumberTests {
  private func read(_ lines: String) throws -> Configuration {
    try Configuration(
      yaml: "model: {action_dim: 2}\ndataset: {path: d}\ntraining:\n" + lines, file: "a.yaml")
  }

  @Test(
    arguments: [
      ("010", 8), ("0x10", 16), ("0b11", 3), ("1_000", 1000), ("1:30", 90), ("7.0", 7), ("7.", 7),
      ("1e1", 10), ("+7", 7), ("'7'", 7), ("007", 7), ("'010'", 10), ("1_0", 10), ("08", 8),
      ("1:00:00", 3600),
    ] as [(String, Int)])
  func wholeNumbers(_ text: String, _ wanted: Int) throws {
    #expect(try read("  seed: \(text)\n").training.seed == wanted)
  }

  @Test(
    arguments: [
      ("1e-4", 1e-4), ("1.e-4", 1e-4), ("1E-4", 1e-4), (".0001", 1e-4), ("1_0.5", 10.5),
      ("+1e-4", 1e-4), ("10", 10), ("'1e-4'", 1e-4), ("\"0.001\"", 1e-3), ("010", 8),
    ] as [(String, Double)])
  func numbers(_ text: String, _ wanted: Double) throws {
    #expect(try read("  learning_rate: \(text)\n").training.learningRate == wanted)
  }

  @Test(arguments: [
    ("learning_rate", "0x1p-4"), ("learning_rate", "1e-4_"), ("seed", "0o17"), ("seed", "1:75"),
    ("max_grad_norm", ".inf"), ("gamma", ".nan"), ("full_checkpoints", "tRuE"),
    ("full_checkpoints", "y"), ("seed", "0b12"), ("seed", "99999999999999999999"),
  ])
  func whatIsNoneIsRefused(_ key: String, _ text: String) {
    #expect(
      message { _ = try read("  \(key): \(text)\n") }
        .hasPrefix("a.yaml:4: training.\(key) is '\(text)'; wanted "))
  }

  @Test(arguments: ["yes", "No", "ON", "off", "True", "TRUE", "false"])
  func switches(_ text: String) throws {
    let wanted = ["yes", "on", "true"].contains(text.lowercased())
    #expect(try read("  full_checkpoints: \(text)\n").training.fullCheckpoints == wanted)
  }

  /// Its own keys go before those it merges, and an earlier of several before a later.
  @Test func mergeKeys() throws {
    let text = """
      first: &first {gamma: 0.5, seed: 3}
      second: &second
        <<: *first
        seed: 4
        lambda: 0.25
      model: {action_dim: 2}
      dataset: {path: d}
      training:
        <<: *second
        lambda: 0.75
      """
    let one = try Configuration(yaml: text, file: "a.yaml").training
    #expect(one.gamma == 0.5 && one.seed == 4 && one.lambda == 0.75)
    let several = try Configuration(
      yaml: text.replacing("<<: *second\n  lambda", with: "<<: [*first, *second]\n  lambda"),
      file: "a.yaml"
    ).training
    #expect(several.seed == 3 && several.gamma == 0.5)
    #expect(
      message {
        _ = try Configuration(yaml: text.replacing("*second", with: "5"), file: "a.yaml")
      }.contains("training.<< wanted a mapping, or several in a list"))
    // A section that none merges is a slip of the pen.
    #expect(
      message {
        _ = try Configuration(yaml: text + "\ntrainig: {gamma: 1}\n", file: "a.yaml")
      } == "a.yaml:11: unknown section 'trainig'; did you mean 'training'?")
  }

  @Test(arguments: ["", "# comment\n", "---\n"]) func aByteOrderMark(_ after: String) throws {
    let text = "\u{FEFF}" + after + "model: {action_dim: 2}\ndataset: {path: d}\n"
    #expect(try Configuration(yaml: text, file: "a.yaml").model.actionDim == 2)
  }

  @Test func oneShortLineEach() {
    let twice = message { _ = try read("  seed: 1\n  threads: 1\n  seed: 2\n") }
    #expect(
      twice.hasPrefix("a.yaml:") && twice.hasSuffix(": key 'seed' is there twice; wanted it once"))
    func problem(_ text: String) -> String {
      message { _ = try Configuration(yaml: text, file: "a.yaml") }
    }
    let wanted = "wanted sections model, dataset, training, … with keys below them"
    #expect(problem("- a\n- b: 1\n") == "a.yaml: is a list; " + wanted)
    #expect(problem("hello\n") == "a.yaml: is a single text; " + wanted)
  }
}
