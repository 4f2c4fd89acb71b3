import Platform

/// The tasks of a dataset in the making: a task's index is its place.
struct TaskTable: Sendable, Equatable {
  private(set) var texts: [String] = []
  private var indices: [String: Int] = [:]

  init(_ texts: [String] = []) {
    for text in texts { append(text) }
  }

  /// The index of a task, given one if it is new.
  mutating func index(of text: String) -> Int {
    if let known = indices[text] { return known }
    append(text)
    return texts.count - 1
  }

  /// Appends a task, known or not.
  mutating func append(_ text: String) {
    if indices[text] == nil { indices[text] = texts.count }
    texts.append(text)
  }

  /// Writes meta/tasks.jsonl or meta/tasks.parquet.
  func write(_ folder: String, _ version: DatasetVersion) throws {
    switch version {
    case .v21:
      let lines = texts.enumerated().map {
        JSON.object(["task_index": .integer($0), "task": .string($1)]).text() + "\n"
      }
      try AtomicFile.write("\(folder)/meta/tasks.jsonl", bytes: Array(lines.joined().utf8))
    case .v30:
      try ParquetWriter.write(
        "\(folder)/meta/tasks.parquet",
        columns: [("task_index", .int64(Array(texts.indices))), ("task", .string(texts))],
        metadata: [("pandas", TaskTable.pandas)])
    }
  }

  /// What makes pandas take `task` as the index, as LeRobot wants it.
  private static let pandas = JSON.object([
    "index_columns": .array([.string("task")]),
    "column_indexes": .array([
      .object([
        "name": .null, "field_name": .null, "pandas_type": .string("unicode"),
        "numpy_type": .string("object"), "metadata": .object(["encoding": .string("UTF-8")]),
      ])
    ]),
    "columns": .array([column("task_index", "int64", "int64"), column("task", "unicode", "object")]
    ),
    "attributes": .object([:]),
    "creator": .object(["library": .string("pyarrow"), "version": .string(arrowVersion())]),
    "pandas_version": .string("2.3.3"),
  ]).text()

  private static func column(_ name: String, _ pandasType: String, _ numpyType: String) -> JSON {
    .object([
      "name": .string(name), "field_name": .string(name), "pandas_type": .string(pandasType),
      "numpy_type": .string(numpyType), "metadata": .null,
    ])
  }
}
