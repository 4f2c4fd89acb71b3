import Platform

/// How many messages of each style a language column holds.
package struct LanguageSummary: Sendable, Equatable {
  package let column: LanguageColumn
  /// By style, or by the tools that a message without one calls.
  package private(set) var counts: [String: Int] = [:]
  /// Episodes that have any.
  package private(set) var episodes = 0
  package let episodeCount: Int

  /// Reads the column in every episode; persistent messages, which each frame repeats, in its first frame.
  package init(_ dataset: Dataset, _ column: LanguageColumn) throws {
    self.column = column
    episodeCount = dataset.episodes.count
    for episode in dataset.episodes {
      try Interruption.check()
      let messages = try dataset.withColumns(of: episode) { columns in
        guard columns.has(column.rawValue) else { return [LanguageRow]() }
        let frames = column == .persistent ? 0..<1 : 0..<columns.count
        return try columns.language(column, frames: frames).flatMap { $0 }
      }
      if !messages.isEmpty { episodes += 1 }
      for message in messages {
        let called = message.tools.isEmpty ? "no style" : "calls of \(list(message.tools))"
        counts[message.style ?? called, default: 0] += 1
      }
    }
  }

  /// "subtask 4, plan 2 in 2 of 3 episodes".
  package var text: String {
    if counts.isEmpty { return "no messages" }
    let styles = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return "\(styles) in \(episodes) of \(episodeCount) episodes"
  }
}

extension Dataset {
  /// The language columns that the features name, and what they hold.
  package func languageSummaries() throws -> [LanguageSummary] {
    try LanguageColumn.allCases.filter { info.features[$0.rawValue] != nil }
      .map { try LanguageSummary(self, $0) }
  }
}
