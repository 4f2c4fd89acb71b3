import Platform

/// A table of texts in meta in the making, the tasks or another: a text's index is its place.
struct TextTable: Sendable, Equatable {
  /// What a text is: the table "task" is meta/tasks.parquet, its columns `task_index` and `task`.
  let name: String
  private(set) var texts: [String] = []
  private var indices: NameDictionary<Int> = [:]

  init(_ texts: [String] = [], name: String = "task") {
    self.name = name
    for text in texts { append(text) }
  }

  /// The index of a text, given one if it is new.
  mutating func index(of text: String) -> Int {
    if let known = indices[text] { return known }
    append(text)
    return texts.count - 1
  }

  /// Appends a text, known or not.
  mutating func append(_ text: String) {
    if indices[text] == nil { indices[text] = texts.count }
    texts.append(text)
  }

  /// Writes the table: JSON lines for v2.1, Parquet for v3.0.
  func write(_ folder: String, _ version: DatasetVersion) throws {
    let path = "\(folder)/meta/\(name)s"
    switch version {
    case .v21:
      let lines = texts.enumerated().map {
        JSON.object(["\(name)_index": .integer($0), name: .string($1)]).text() + "\n"
      }
      try AtomicFile.write("\(path).jsonl", bytes: Array(lines.joined().utf8))
    case .v30:
      try ParquetWriter.write(
        "\(path).parquet",
        columns: [("\(name)_index", .int64(Array(texts.indices))), (name, .string(texts))],
        metadata: [("pandas", pandas)])
    }
  }

  /// What makes pandas take the text as the index, as LeRobot wants it.
  private var pandas: String {
    JSON.object([
      "index_columns": .array([.string(name)]),
      "column_indexes": .array([
        .object([
          "name": .null, "field_name": .null, "pandas_type": .string("unicode"),
          "numpy_type": .string("object"), "metadata": .object(["encoding": .string("UTF-8")]),
        ])
      ]),
      "columns": .array([
        TextTable.column("\(name)_index", "int64", "int64"),
        TextTable.column(name, "unicode", "object"),
      ]),
      "attributes": .object([:]),
      "creator": .object(["library": .string("pyarrow"), "version": .string(arrowVersion())]),
      "pandas_version": .string("2.3.3"),
    ]).text()
  }

  private static func column(_ name: String, _ pandasType: String, _ numpyType: String) -> JSON {
    .object([
      "name": .string(name), "field_name": .string(name), "pandas_type": .string(pandasType),
      "numpy_type": .string(numpyType), "metadata": .null,
    ])
  }
}
