/// The columns in which LeRobot keeps language: in each row of a dataset a list of messages.
package enum LanguageColumn: String, CaseIterable, Sendable {
  /// What holds from a time of the episode on: the same list in each of its frames.
  case persistent = "language_persistent"
  /// What happens in a frame.
  case events = "language_events"

  /// The dtype of both in meta/info.json.
  static let dtype = "language"

  /// Rows that are decoded at once: every frame of an episode holds all of its persistent messages.
  static let rowsAtOnce = 64

  /// What meta/info.json says of one.
  static let feature = JSON.object([
    "dtype": .string(dtype), "shape": .array([.integer(1)]), "names": .null,
  ])
}

/// A message in a language column.
package struct LanguageRow: Sendable, Equatable {
  /// What kind of message it is: "subtask", "plan", "vqa"; nil for a call of tools alone.
  package let style: String?
  package let content: String?
  /// Seconds from the episode's start, from which on a persistent message holds; LeRobot reads them in
  /// single precision.
  package let timestamp: Float?
  /// The names of the tools that it calls.
  package let tools: [String]

  init?(_ json: JSON) {
    guard case .object = json else { return nil }
    style = json["style"]?.string
    content = json["content"]?.string
    timestamp = json["timestamp"]?.double.map { Float($0) }
    tools = (json["tool_calls"]?.array ?? []).map {
      LanguageRow.call($0)["function"]?["name"]?.string ?? "without a name"
    }
  }

  /// A call of a tool, which a column holds as a struct or as JSON in a text.
  static func call(_ value: JSON) -> JSON {
    guard let text = value.string else { return value }
    return (try? JSON(Array(text.utf8), file: "tool_calls")) ?? value
  }
}

extension EpisodeColumns {
  /// A column's value in a frame as JSON, calls of tools as objects.
  func languageJSON(_ column: LanguageColumn, frame: Int) throws -> JSON {
    var result = JSON.null
    let row = rows.lowerBound + frame
    try file.forEachBatch(
      column.rawValue, rows: row..<row + 1, rowsAtOnce: LanguageColumn.rowsAtOnce
    ) { part in
      result = try part.json(part.range.lowerBound)
    }
    guard let messages = result.array else { return result }
    return .array(
      messages.map { message in
        guard var members = message.object, let calls = members["tool_calls"]?.array else {
          return message
        }
        members["tool_calls"] = .array(calls.map(LanguageRow.call))
        return .object(members)
      })
  }

  /// The messages of some frames of the episode, a list a frame.
  func language(_ column: LanguageColumn, frames: Range<Int>) throws -> [[LanguageRow]] {
    var result: [[LanguageRow]] = []
    let first = rows.lowerBound
    try file.forEachBatch(
      column.rawValue, rows: first + frames.lowerBound..<first + frames.upperBound,
      rowsAtOnce: LanguageColumn.rowsAtOnce
    ) { part in
      for position in part.range {
        let value = try part.json(position)
        let messages =
          value.isNull ? [] : value.array?.filter { !$0.isNull }.map(LanguageRow.init) ?? [nil]
        guard !messages.contains(nil) else {
          throw ColumnProblem(
            "holds \(part.type) in row \(part.origin + position), LeRobot's list of structs with role, content and style is wanted"
          )
        }
        result.append(messages.compactMap(\.self))
      }
    }
    return result
  }
}
