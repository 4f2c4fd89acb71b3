import Platform

/// The tables of texts in meta that columns of the rows index into, as `subtask_index` does into
/// meta/subtasks.parquet; of several datasets they become one, each text once.
///
/// The tasks are no such table here: their indices are new in every copy.
struct IndexedTables {
  /// The tables of all datasets, relative to each.
  private(set) var paths: Set<ByteName> = []
  /// Those of `paths` that `write` makes, so that they are not to be copied.
  private(set) var joinedPaths: Set<ByteName> = []
  /// By dataset and column, the new index of each old one, where tables are joined.
  private(set) var indices: NameDictionary<NameDictionary<[Int: Int]>> = [:]
  /// What was left out or is not known, in words.
  private(set) var remarks: [String] = []
  private var joined: [(table: TextTable, version: DatasetVersion)] = []

  /// - Parameter info: that of the copy.
  init(_ sources: [Dataset], _ info: DatasetInfo) throws {
    for column in info.featureKeys where IndexedTable.canIndex(column, info.features[column]!) {
      let name = String(column.dropLast("_index".count))
      let tables = try sources.map { try IndexedTable($0.folder, name) }
      let found = tables.compactMap(\.self)
      guard let first = found.first else { continue }
      paths.formUnion(found.map { ByteName($0.path) })
      for (source, table) in zip(sources, tables) where table == nil {
        remarks.append(
          "\(source.folder): '\(column)' is kept as it is: there is no \(first.path) that says what it means"
        )
      }
      let isOne = found.allSatisfy {
        $0.path == first.path && haveSameBytes($0.file, first.file)
      }
      if !isOne { join(found, name: name, column: column) }
    }
  }

  private mutating func join(_ tables: [IndexedTable], name: String, column: String) {
    var all = TextTable(name: name)
    for table in tables {
      joinedPaths.insert(table.path)
      var new: [Int: Int] = [:]
      for (index, text) in table.texts.sorted(by: { $0.key < $1.key }) {
        new[index] = all.index(of: text)
      }
      indices[table.folder, default: [:]][column] = new
      if !table.others.isEmpty {
        remarks.append(
          "\(table.file): \(list(table.others)) left out: of joined tables index and text are kept")
      }
    }
    joined.append((all, tables[0].path.hasSuffix(".parquet") ? .v30 : .v21))
  }

  /// Writes the tables that were joined, each in the form that the first dataset has.
  func write(_ folder: String) throws {
    for (table, version) in joined { try table.write(folder, version) }
  }
}

/// A dataset's table of texts that a column of its rows indexes into.
private struct IndexedTable {
  let folder: String
  /// Relative to the folder.
  let path: String
  /// By index: in Parquet the row, as LeRobot looks texts up, whatever the column of indices says.
  let texts: [Int: String]
  /// What it has beside indices and texts.
  let others: [String]

  var file: String { "\(folder)/\(path)" }

  /// Whether a column may index into a table.
  static func canIndex(_ column: String, _ feature: DatasetInfo.Feature) -> Bool {
    column.hasSuffix("_index") && !RecordedFeature.standard.contains { $0.key == column }
      && RecordedFeature.numberTypes.contains(feature.dtype) && feature.shape == [1]
  }

  /// meta/<name>s.parquet or meta/<name>s.jsonl; nil where neither is a table of `<name>_index` and
  /// the text `<name>`.
  init?(_ folder: String, _ name: String) throws {
    let parquet = "meta/\(name)s.parquet", lines = "meta/\(name)s.jsonl"
    self.folder = folder
    if fileSize("\(folder)/\(parquet)") != nil {
      let file = try ParquetFile("\(folder)/\(parquet)")
      // pandas may name an index so.
      let text = [name, "__index_level_0__"].first { file.type(of: $0)?.isText == true }
      guard let text, file.has("\(name)_index") else { return nil }
      path = parquet
      texts = Dictionary(
        uniqueKeysWithValues: try file.strings(text).enumerated().map {
          ($0.offset, $0.element ?? "")
        })
      others = file.columnNames.filter { $0 != text && $0 != "\(name)_index" }
    } else if fileSize("\(folder)/\(lines)") != nil {
      var found: [Int: String] = [:], others: Set<ByteName> = [], isTable = true
      do {
        try JSON.lines(of: "\(folder)/\(lines)") { json, _ in
          guard let index = json["\(name)_index"]?.int, let text = json[name]?.string else {
            isTable = false
            return
          }
          found[index] = text
          others.formUnion(json.object!.keys.map { ByteName($0) })
        }
      } catch is DatasetError { isTable = false }
      guard isTable else { return nil }
      path = lines
      texts = found
      self.others = others.map(\.text).filter { ![name, "\(name)_index"].contains($0) }.sorted()
    } else {
      return nil
    }
  }
}
