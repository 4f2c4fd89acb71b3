internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform

struct DatasetInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Print what a dataset holds: episodes, cameras, columns, tasks and labels.",
    discussion: """
      EXAMPLE
        recap dataset info Examples/pusht
      """)

  @OptionGroup var argument: DatasetArgument

  func run() throws {
    let dataset = try Dataset(folder: argument.folder())
    let summary = DatasetSummary(dataset)
    let seconds = Double(dataset.frameCount) / dataset.info.fps
    var rows = [
      ("dataset", dataset.folder),
      ("format", "LeRobot \(dataset.info.version)"),
      ("robot", dataset.info.robotType ?? "not named"),
      ("frames", "\(dataset.frameCount) at \(number(dataset.info.fps)) a second: \(time(seconds))"),
      ("size", bytes(summary.size)),
    ]
    rows += named(
      summary.cameras.isEmpty ? "cameras" : "camera",
      summary.cameras.map { "\($0.key)  \($0.width)×\($0.height)  \($0.coding)" })
    rows += named("column", summary.columns.map { "\($0.key)  \($0.type)" })
    for summary in try dataset.languageSummaries() {
      rows.append(("language", "\(summary.column.rawValue)  \(excerpt(summary.text, 300))"))
    }
    if !dataset.info.toolNames.isEmpty {
      rows.append(("tools", excerpt(dataset.info.toolNames.joined(separator: ", "), 300)))
    }
    rows += named("task", tasks(dataset))
    let bar = DatasetProgress("reading labels")
    let report = try dataset.labelReport { bar.show($0, of: dataset.episodes.count) }
    bar.finish()
    rows += named("label", LabelReport.labels.map { "\($0): \(report.text(of: $0))" })
    try printOutput(table(rows), table(episodes(report)), separator: "\n\n")
    for warning in dataset.warnings { try printOutput("note: \(excerpt(warning, 2000))") }
  }

  /// Episodes and frames by type and outcome.
  private func episodes(_ report: LabelReport) -> [[String]] {
    let types: [EpisodeType?] = [.demo, .correction, .autonomous, nil]
    let groups = types.compactMap { type in report.groups[type].map { (type, $0) } }
    func line(_ name: String, _ groups: [LabelReport.Group]) -> [String] {
      func sum(_ count: KeyPath<LabelReport.Group, Int>) -> String {
        "\(groups.reduce(0) { $0 + $1[keyPath: count] })"
      }
      return [
        name, sum(\.episodes), sum(\.successes), sum(\.failures), sum(\.unlabelled), sum(\.frames),
        sum(\.interventions),
      ]
    }
    return [
      ["type", "episodes", "success", "failure", "unlabelled", "frames", "by a person"]
    ] + groups.map { line($0.0?.rawValue ?? "not said", [$0.1]) }
      + (groups.count > 1 ? [line("all", groups.map(\.1))] : [])
  }

  /// A row a line, the name at the first alone.
  private func named(_ name: String, _ lines: [String]) -> [(String, String)] {
    lines.isEmpty
      ? [(name, "none")]
      : lines.enumerated().map { ($0.offset == 0 ? name : "", excerpt($0.element, 300)) }
  }

  /// Tasks by how many episodes have them, the ten most frequent.
  private func tasks(_ dataset: Dataset) -> [String] {
    var counts: NameDictionary<Int> = [:]
    for episode in dataset.episodes {
      for task in episode.tasks { counts[task, default: 0] += 1 }
    }
    let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let lines = ordered.prefix(10).map {
      "\"\($0.key)\"  \($0.value) episode\($0.value == 1 ? "" : "s")"
    }
    return lines + (ordered.count > 10 ? ["and \(ordered.count - 10) more"] : [])
  }

  private func number(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 120 { return String(format: "%.1f s", seconds) }
    return whole < 7200
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  private func bytes(_ count: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(count), unit = 0
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(count) bytes" : String(format: "%.1f %@", value, units[unit])
  }
}
