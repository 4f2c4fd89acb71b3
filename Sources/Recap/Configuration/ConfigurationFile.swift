internal import Platform
internal import Yams

/// A configuration that cannot be used; one line for each problem.
public struct ConfigurationError: Error, CustomStringConvertible {
  public let problems: [String]
  public var description: String { problems.joined(separator: "\n") }
}

extension Configuration {
  /// Reads a configuration file, as ``init(yaml:file:datasetPath:assignments:)`` its text.
  public init(file: String, datasetPath: String? = nil, assignments: [String] = []) throws {
    let bytes: [UInt8]
    do {
      bytes = try readFile(file, wanted: "a YAML file", limit: Self.longestFile)
    } catch {
      throw ConfigurationError(problems: [error.description])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(problems: ["\(file): not UTF-8 text; wanted a YAML file"])
    }
    try self.init(yaml: text, file: file, datasetPath: datasetPath, assignments: assignments)
  }

  /// Bytes of a file; one with every key and its comments has a few thousand.
  private static let longestFile = 1 << 20

  /// Reads a configuration: defaults, then YAML text, then assignments.
  ///
  /// - Parameters:
  ///   - yaml: the file's text.
  ///   - file: its name, for errors.
  ///   - datasetPath: laid over `dataset.path`.
  ///   - assignments: `key=value` strings laid over it in order, as given with `--set`.
  /// Throws one `ConfigurationError` with every unknown key (and the nearest known one), every value of
  /// the wrong kind and every missing key.
  public init(
    yaml: String, file: String, datasetPath: String? = nil, assignments: [String] = []
  ) throws {
    self.init()
    var problems: [String] = []
    if let root = try YAMLDocument.read(yaml, file: file) { problems += try read(root, file: file) }
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "=") else {
        problems.append(
          "--set \(excerpt(assignment)): wanted key=value, as in --set training.seed=1")
        continue
      }
      let key = String(assignment[..<equals])
      let text = String(assignment[assignment.index(after: equals)...])
      let node = (try? YAMLDocument.read(text, file: "--set")) ?? nil
      assign(
        key, node.map(ConfigurationValue.init) ?? .null, place: "--set \(excerpt(key))", &problems)
    }
    if let datasetPath { dataset.path = datasetPath }
    if dataset.path == nil, simulation.task == nil {
      problems.append("\(file): dataset.path is missing; wanted a LeRobot dataset's folder or name")
    }
    if model.actionDim == nil, policy.type == .classic {
      problems.append("\(file): model.action_dim is missing; wanted the width of an action")
    }
    if let inputDim = valueFunction.inputDim, inputDim != model.hiddenDim {
      problems.append(
        "\(file): value_function.input_dim is \(inputDim); wanted \(model.hiddenDim), as model.hidden_dim"
      )
    }
    if valueFunction.width % valueFunction.heads != 0 {
      problems.append(
        "\(file): value_function.width is \(valueFunction.width); wanted a multiple of value_function.heads, \(valueFunction.heads)"
      )
    }
    if policy.executionHorizon > policy.chunkLength {
      problems.append(
        "\(file): policy.execution_horizon is \(policy.executionHorizon); wanted at most policy.chunk_length, \(policy.chunkLength)"
      )
    }
    let project = training.wandbProject
    if training.useWandb, project.count > 128 || project.contains(where: { "/\\#?%:".contains($0) })
    {
      problems.append(
        "\(file): training.wandb_project is '\(excerpt(project))'; wanted at most 128 characters and none of "
          + "/ \\ # ? % :, as W&B does")
    }
    if let steps = recap.advantageSteps, let seconds = recap.advantageSeconds {
      problems.append(
        "\(file): recap.advantage_steps is \(steps) and recap.advantage_seconds is \(seconds); wanted one "
          + "of them, the other null")
    }
    if recap.method == .awr, recap.indicator != .advantage {
      problems.append(
        "\(file): recap.indicator is \(recap.indicator.rawValue) with recap.method awr, which weighs by the "
          + "advantage; wanted advantage")
    }
    if policy.condition == .unconditional, policy.guidance != 1 {
      problems.append(
        "\(file): policy.guidance is \(policy.guidance); wanted 1 where policy.condition is unconditional"
      )
    }
    if !problems.isEmpty { throw ConfigurationError(problems: problems) }
  }

  /// The whole configuration as YAML that reads back as an equal value.
  public var yaml: String {
    let lines = Self.sections.flatMap { section in
      ["\(section):"]
        + Self.fields.filter { $0.parts.section == section }
        .map { "  \($0.parts.name): \($0.text(self))" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func read(_ root: Node, file: String) throws -> [String] {
    guard case .mapping(let sections) = root else {
      if case .null = ConfigurationValue(root) { return [] }
      throw ConfigurationError(problems: [
        "\(file): is \(root.sequence == nil ? "a single text" : "a list"); wanted sections model, dataset, "
          + "training, … with keys below them"
      ])
    }
    let holders = sections.holders
    var problems: [String] = []
    for (sectionNode, content) in sections {
      let section = sectionNode.string ?? ""
      let place = "\(file):\(sectionNode.mark?.line ?? 1)"
      guard Self.sections.contains(section) else {
        if holders.contains(section) { continue }
        problems.append(
          "\(place): unknown section '\(excerpt(section))'\(Self.suggestion(section, among: Self.sections))"
        )
        continue
      }
      guard case .mapping(let written) = content else {
        if ConfigurationValue(content) != .null {
          problems.append("\(place): \(section) wanted keys below it, found a single value")
        }
        continue
      }
      guard let keys = written.merged else {
        problems.append("\(place): \(section).<< wanted a mapping, or several in a list")
        continue
      }
      for (keyNode, value) in keys {
        let place = "\(file):\(keyNode.mark?.line ?? 1)"
        assign(
          "\(section).\(keyNode.string ?? "")", ConfigurationValue(value), place: place, &problems)
      }
    }
    return problems
  }

  private mutating func assign(
    _ key: String, _ value: ConfigurationValue, place: String, _ problems: inout [String]
  ) {
    guard let field = Self.fields.first(where: { $0.key == key }) else {
      problems.append(
        "\(place): unknown key '\(excerpt(key))'\(Self.suggestion(key, among: Self.fields.map(\.key)))"
      )
      return
    }
    if let wanted = field.assign(value, &self) {
      problems.append("\(place): \(key) is \(value.shown); wanted \(wanted)")
    }
  }

  /// "; did you mean 'x'?" for the nearest known name, or nothing if none is near.
  private static func suggestion(_ name: String, among known: [String]) -> String {
    guard name.utf8.count <= 100 else { return "" }
    let lastPart = name.split(separator: ".").last.map(String.init) ?? name
    let nearest = known.map { candidate in
      let last = candidate.split(separator: ".").last.map(String.init) ?? candidate
      return (candidate, min(editDistance(name, candidate), editDistance(lastPart, last) + 1))
    }.min { ($0.1, $0.0) < ($1.1, $1.0) }
    guard let nearest, nearest.1 <= max(2, lastPart.count / 2) else { return "" }
    return "; did you mean '\(nearest.0)'?"
  }
}

/// The least number of insertions, deletions and substitutions that turn one text into the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.unicodeScalars), b = Array(b.unicodeScalars)
  var row = Array(0...b.count)
  for i in 0..<a.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<b.count {
      let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}

extension ConfigurationValue {
  init(_ node: Node) {
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
      if !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
        self = .null
      } else {
        self = .scalar(scalar.string, isQuoted: isQuoted)
      }
    case .sequence(let sequence): self = .list(sequence.map(ConfigurationValue.init))
    default: self = .mapping
    }
  }

  /// The value as a person wrote it.
  var shown: String {
    switch self {
    case .null: "null"
    case .scalar(let text, _): "'\(excerpt(text))'"
    case .list(let values):
      "[" + values.prefix(8).map(\.shown).joined(separator: ", ")
        + (values.count > 8 ? ", …]" : "]")
    case .mapping: "a mapping"
    }
  }
}
