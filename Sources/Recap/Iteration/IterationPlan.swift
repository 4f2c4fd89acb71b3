internal import Foundation
internal import Hub
internal import LeRobot
internal import Platform

/// What `recap iterate` has done and is to do, as it lies on disk (`plan.json`).
///
/// Steps in order: `pretrain` (V_pre, π_pre), `sft` (π⁰), then for each round k `collect-k`, `add-k` and
/// `fit-k` (V^k, π^k), as in Algorithm 1 of arXiv 2511.14759.
public struct IterationPlan: Codable, Sendable, Equatable {
  /// One step, done or to do.
  public struct Step: Codable, Sendable, Equatable {
    public let name: String
    /// What it was made from, by name: hashes of data and checkpoints. Empty until it is done.
    public var inputs: [String: String] = [:]
    /// What it made, relative to the run's folder, and its hash; nil until it is done.
    public var output: String?
    public var hash: String?
    /// What a person wants to know of it.
    public var note: String?

    public var isDone: Bool { output != nil }
  }

  public var steps: [Step]
  /// The configuration of the last run, but for where it lies; nil in plans of earlier versions.
  var configuration: String?

  /// A plan of so many rounds of which nothing is done.
  init(rounds: Int) {
    steps = ["pretrain", "sft"].map { Step(name: $0) }
    extend(rounds: rounds)
  }

  /// Adds the rounds that are missing.
  mutating func extend(rounds: Int) {
    for round in 0..<rounds {
      for name in ["collect", "add", "fit"] where self["\(name)-\(round + 1)"] == nil {
        steps.append(Step(name: "\(name)-\(round + 1)"))
      }
    }
  }

  /// Takes down a run's configuration; returns the keys that differ from the last run's, with both values.
  ///
  /// More rounds are no difference: they are what a plan is extended by.
  mutating func note(_ configuration: Configuration) -> [String] {
    var now = configuration
    now.training.checkpointDir = "."
    let before = self.configuration.flatMap { try? Configuration(yaml: $0, file: "plan.json") }
    self.configuration = now.yaml
    guard let before else { return [] }
    return Configuration.fields.compactMap { field in
      let (old, new) = (field.text(before), field.text(now))
      return old == new || field.key == "recap.rounds" ? nil : "\(field.key) (\(old), now \(new))"
    }
  }

  subscript(name: String) -> Step? { steps.first { $0.name == name } }

  /// The checkpoint of the last fit that is done, relative to the run's folder; nil before the first.
  var lastCheckpoint: String? {
    steps.last { $0.output?.hasSuffix(".pt") == true }?.output
  }

  /// Records that a step is done.
  mutating func finish(
    _ name: String, inputs: [String: String], output: String, hash: String, note: String? = nil
  ) {
    guard let place = steps.firstIndex(where: { $0.name == name }) else {
      fatalError("IterationPlan: there is no step \(name)")
    }
    steps[place].inputs = inputs
    steps[place].output = output
    steps[place].hash = hash
    steps[place].note = note
  }

  /// Writes it, whole or not at all.
  func write(folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(self)
    try AtomicFile.write("\(folder)/plan.json", bytes: data)
  }

  /// The lineage as a tree: what came of what.
  public var tree: String {
    func line(_ name: String, _ what: String, _ indent: String) -> String {
      guard let step = self[name] else { return "" }
      let state = step.isDone ? "done" : "to do"
      let made = step.output.map { " → \($0) (\(step.hash!.prefix(8)))" } ?? ""
      let from = step.inputs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.prefix(8))" }
        .joined(separator: ", ")
      return indent + what.padding(toLength: 44 - indent.count, withPad: " ", startingAt: 0)
        + state.padding(toLength: 6, withPad: " ", startingAt: 0) + made
        + (step.note.map { "  \($0)" } ?? "") + (from.isEmpty ? "" : "  from \(from)") + "\n"
    }
    var text = line("pretrain", "pretrain: V_pre and π_pre on demonstrations", "")
    text += line("sft", "sft: π⁰ from π_pre, all labels positive", "├─ ")
    let rounds = steps.count { $0.name.hasPrefix("fit-") }
    for round in 0..<rounds {
      let k = round + 1
      let isLast = k == rounds
      let bar = isLast ? "   " : "│  "
      text += (isLast ? "└─ " : "├─ ") + "round \(k)\n"
      text += line("collect-\(k)", "collect: episodes of π\(superscript(k - 1))", bar + "├─ ")
      text += line("add-\(k)", "add: to all data before", bar + "├─ ")
      text += line("fit-\(k)", "fit: V\(superscript(k)), labels, π\(superscript(k))", bar + "└─ ")
    }
    return text
  }

  private func superscript(_ number: Int) -> String {
    String(String(number).map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0.wholeNumberValue!] })
  }
}

/// A run of rounds cannot go on.
public struct IterationError: Error, CustomStringConvertible {
  public let description: String

  /// A folder has no plan.
  public static func noPlan(_ folder: String) -> IterationError {
    IterationError(
      description:
        "\(folder)/plan.json is not there; wanted the folder of a run of `recap iterate` "
        + "(training.checkpoint_dir)")
  }
}

/// The hash of a dataset: of its metadata, and of the names and sizes of its other files.
func dataHash(_ folder: String) throws -> String {
  var hash = SHA256()
  for file in DatasetContents(folder).files {
    // Labels are derived.
    if file == "meta/recap_labels.parquet" { continue }
    let path = "\(folder)/\(file)"
    var line = "\(file) \(fileSize(path) ?? 0)\n"
    line.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
    if file.hasPrefix("meta/") { try update(&hash, path) }
  }
  return hash.finish()
}

/// The hash of a file's bytes.
func contentHash(_ path: String) throws -> String {
  var hash = SHA256()
  try update(&hash, path)
  return hash.finish()
}

private func update(_ hash: inout SHA256, _ path: String) throws {
  guard let file = FileHandle(forReadingAtPath: path) else {
    throw IterationError(description: "\(path): cannot be read")
  }
  defer { try? file.close() }
  while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
    part.withUnsafeBytes { hash.update($0) }
  }
}
