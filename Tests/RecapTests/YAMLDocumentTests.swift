import Recap
import Testing

/// YAML that is small to read and large to build, or deeper than a stack.
@Suite struct YAMLDocumentTests {
  private func problem(_ yaml: String) -> String {
    let start = ContinuousClock.now
    defer { #expect(ContinuousClock.now - start < .seconds(2)) }
    do {
      _ = try Configuration(yaml: yaml, file: "a.yaml")
      return ""
    } catch {
      let problems = (error as? ConfigurationError)?.problems ?? ["", ""]
      #expect(problems.count == 1 && !problems[0].contains("\n"))
      return problems[0]
    }
  }

  /// Nine of the one before, nine times over.
  private let laughs =
    "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + zip("bcdefghij", "abcdefghi").map { name, before in
      let aliases = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
      return "\(name): &\(name) [\(aliases)]\n"
    }.joined()

  private let wanted =
    "more than 100000 values, counting what aliases (*name) stand for; wanted sections of keys with values"

  @Test func aliasesThatMultiply() {
    #expect(problem(laughs) == "a.yaml:6: " + wanted)
    // As a value, in a list, in a mapping, as a key, in a key.
    for use in ["v: *j", "v: [*j, *j]", "v: {k: *j}", "? *j\n: 1", "? [*j]\n: 1"] {
      #expect(problem(laughs + use + "\n") == "a.yaml:6: " + wanted)
    }
    let mappings =
      "a: &a {x: 1, y: 2}\n"
      + zip("bcdefghijklmnopqrstu", "abcdefghijklmnopqrst").map {
        "\($0): &\($0) {x: *\($1), y: *\($1)}\n"
      }.joined()
    #expect(problem(mappings).hasSuffix(wanted))
    // An anchor's name may be taken again.
    let same = (0..<20).map { _ in "- &a [*a, *a, *a]\n" }.joined()
    #expect(problem("- &a [x]\n" + same).hasSuffix(wanted))
    #expect(problem("a: &a [*a]\n").hasPrefix("a.yaml: not YAML: "))
  }

  @Test func anAliasOfAFewValuesIsRead() throws {
    let configuration = try Configuration(
      yaml: "model: {action_dim: &n 3}\ndataset: {path: d}\ntraining: {seed: *n}\n", file: "a.yaml")
    #expect(configuration.training.seed == 3)
  }

  @Test func levelsInLevels() {
    let flat = "more than 64 levels, one in another; wanted sections of keys with values"
    #expect(problem(String(repeating: "[", count: 100_000)) == "a.yaml:1: " + flat)
    #expect(
      problem("a: " + String(repeating: "{b: ", count: 900) + String(repeating: "}", count: 900))
        == "a.yaml:1: " + flat)
    #expect(problem(String(repeating: "- ", count: 10_000) + "a") == "a.yaml:1: " + flat)
    #expect(
      problem((0..<300).map { String(repeating: " ", count: $0) + "a:\n" }.joined())
        == "a.yaml:65: " + flat)
  }

  @Test func whatIsQuotedIsCut() {
    let long = String(repeating: "x", count: 100_000)
    #expect(problem("training:\n  seed: [\(long)}\n").utf8.count < 400)
    var problems: [String] = []
    do {
      _ = try Configuration(
        yaml: "training:\n  seed: '\(long)'\n  image: 1\n  ? '\(long)'\n  : 1\n", file: "a.yaml",
        assignments: ["training.seed=\(long)", "\(long)=1", long])
    } catch { problems = (error as? ConfigurationError)?.problems ?? [] }
    #expect(problems.count == 8)
    #expect(problems.allSatisfy { $0.utf8.count < 400 })
    #expect(problems[0].hasPrefix("a.yaml:2: training.seed is 'xxx"))
  }
}
