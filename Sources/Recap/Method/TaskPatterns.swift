internal import Glibc
internal import Platform

/// Which texts are one task: paraphrases, colours, sub-tasks (`dataset.task_patterns`).
///
/// A text's task is the first pattern that it fits, whatever its case, or the text itself where it fits none;
/// `*` stands for any text, `?` for one letter.
package struct TaskPatterns: Sendable, Equatable {
  package let patterns: [String]

  package init(_ patterns: [String]) { self.patterns = patterns }

  /// The name of a text's task.
  package func task(of text: String) -> String {
    let lowercased = text.lowercased()
    return patterns.first { fnmatch($0.lowercased(), lowercased, 0) == 0 } ?? text
  }

  /// The rule and what it makes of the first texts of episodes, in words.
  package func overview(_ texts: [String]) -> String {
    let tasks = Dictionary(grouping: texts) { ByteName(task(of: $0)) }
    let rule = "\(tasks.count) by the text of an episode's first frame"
    if patterns.isEmpty { return rule }
    let shown = patterns.map { pattern in
      let own = tasks[ByteName(pattern)] ?? []
      let count = Set(own.map { ByteName($0) }).count
      return "'\(pattern)' \(count == 1 ? "1 text" : "\(count) texts") of \(own.count) episodes"
    }
    return "\(rule) and dataset.task_patterns: \(shown.joined(separator: ", "))"
  }

  /// Patterns that fit none of these texts.
  package func idle(_ texts: [String]) -> [String] {
    let used = Set(texts.map { ByteName(task(of: $0)) })
    return patterns.filter { !used.contains($0) }
  }
}
