/// Reads the messages of one episode: their form, their times, and whether every frame holds the same
/// persistent ones.
struct LanguageCheck {
  let columns: EpisodeColumns
  let column: LanguageColumn
  let findings: Findings

  func run() throws {
    guard column == .persistent else {
      _ = try columns.language(column, frames: 0..<columns.count)
      return
    }
    // Comparing every frame's would take the square of an episode's length where each frame has a message.
    let first = try columns.language(column, frames: 0..<1)[0]
    let last = try columns.language(column, frames: columns.count - 1..<columns.count)[0]
    if first != last {
      add(
        "holds other messages in row \(columns.rows.upperBound - 1) than in row \(columns.rows.lowerBound), the same are wanted in all of an episode's rows"
      )
    }
    if first.contains(where: { $0.timestamp?.isFinite != true }) {
      add(
        "holds a message without a timestamp in row \(columns.rows.lowerBound), seconds from the episode's start are wanted"
      )
    }
    do {
      _ = try AdvantageMessages.indicators(first, times: [])
    } catch let problem as ColumnProblem {
      add("\(problem.text), in row \(columns.rows.lowerBound)")
    }
  }

  private func add(_ problem: String) {
    findings.add(columns.path, "column '\(column.rawValue)' \(problem)")
  }
}
