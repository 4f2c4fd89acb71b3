/// What becomes of language in a copy: its columns, and the tools that it calls.
enum LanguageCopy {
  /// Declares the columns that any of the sources has, and none in v2.1; and every tool.
  ///
  /// - Returns: what was changed, in words.
  static func declare(
    _ info: inout JSONObject, of sources: [Dataset], _ version: DatasetVersion
  ) throws -> [String] {
    var remarks = unite(tools: &info, sources)
    guard var features = info["features"]?.object else { return remarks }
    let columns = LanguageColumn.allCases.map(\.rawValue).filter { column in
      features[column] != nil || sources.contains { $0.info.features[column]?.isLanguage == true }
    }
    for column in columns {
      if version == .v21 {
        features[column] = nil
        remarks.append("column '\(column)' is left out: LeRobot loads no language in v2.1")
        continue
      }
      features[column] = LanguageColumn.feature
      for source in sources where try !source.columnNames().contains(column) {
        remarks.append("\(source.folder) has no column '\(column)': its rows get no messages")
      }
    }
    info["features"] = .object(features)
    return remarks
  }

  /// Gives rows that lack a declared language column one without messages.
  static func complete(_ rows: ParquetRows, _ info: DatasetInfo) {
    let found = Set(rows.columns().map(\.name))
    for column in LanguageColumn.allCases.map(\.rawValue)
    where info.features[column] != nil && !found.contains(column) {
      let none = ParquetColumn.string([])
      let time: ParquetWriter.Columns =
        column == LanguageColumn.persistent.rawValue ? [("timestamp", .float32([]))] : []
      let members: ParquetWriter.Columns =
        [("role", none), ("content", none), ("style", none)] + time
        + [("camera", none), ("tool_calls", .list(none, lengths: []))]
      rows.set(
        column, .list(.structure(members), lengths: Array(repeating: 0, count: rows.count)))
    }
  }

  /// The tools of all sources, each name once.
  private static func unite(tools info: inout JSONObject, _ sources: [Dataset]) -> [String] {
    var remarks: [String] = []
    var tools: [JSON] = []
    for source in sources {
      for tool in source.info.json["tools"]?.array ?? [] where !tools.contains(tool) {
        let name = DatasetInfo.name(ofTool: tool)
        if let name, tools.contains(where: { DatasetInfo.name(ofTool: $0) == name }) {
          remarks.append(
            "\(source.folder) declares the tool '\(name)' otherwise than a dataset before it, whose declaration is kept"
          )
        } else {
          tools.append(tool)
        }
      }
    }
    if !tools.isEmpty { info["tools"] = .array(tools) }
    return remarks
  }
}

extension DatasetInfo.Feature {
  var isLanguage: Bool { dtype == LanguageColumn.dtype }
}

extension DatasetInfo {
  /// The names of the tools that the messages may call, as `tools` declares them.
  package var toolNames: [String] {
    (json["tools"]?.array ?? []).map { DatasetInfo.name(ofTool: $0) ?? "without a name" }
  }

  fileprivate static func name(ofTool tool: JSON) -> String? { tool["function"]?["name"]?.string }
}
