import CArrow
import Platform

/// Arrow's open file, closed when neither the file nor a column being read needs it.
private final class ParquetHandle {
  let raw: OpaquePointer
  init(_ raw: OpaquePointer) { self.raw = raw }
  deinit { ca_close(raw) }

  /// The first row of the row group that holds a row.
  func groupStart(_ row: Int) -> Int { Int(ca_group_start(raw, Int64(row))) }
}

/// Keys and values in the Arrow C Data Interface's form: their number, then each with its length before it,
/// as native int32.
private func arrowMetadata(_ bytes: UnsafePointer<CChar>?) -> [String: String] {
  guard var next = bytes.map({ UnsafeRawPointer($0) }) else { return [:] }
  func number() -> Int {
    defer { next += 4 }
    return Int(next.loadUnaligned(as: Int32.self))
  }
  func text() -> String {
    let length = number()
    defer { next += length }
    return String(decoding: UnsafeRawBufferPointer(start: next, count: length), as: UTF8.self)
  }
  var found: [String: String] = [:]
  for _ in 0..<number() {
    let key = text()
    found[key] = text()
  }
  return found
}

/// A Parquet file: its columns by name, read in batches.
package final class ParquetFile {
  package let path: String
  package let rowCount: Int
  /// The names of the top-level columns, in the file's order.
  package let columnNames: [String]
  /// The places of the columns by their names; of a name that comes twice the first.
  fileprivate let places: NameDictionary<Int>
  let types: [ArrowType]
  /// The file's keys and values.
  package let metadata: [String: String]
  fileprivate let handle: ParquetHandle
  private var cursors: NameDictionary<ColumnCursor> = [:]

  package init(_ path: String) throws {
    try checkPlainFile(path)
    var raw: OpaquePointer?
    guard ca_open(&raw, path) == 0, let raw else {
      throw DatasetError(path, "is not a complete Parquet file: \(arrowMessage())")
    }
    handle = ParquetHandle(raw)
    var schema = ArrowSchema()
    guard ca_schema(&schema, raw) == 0 else {
      throw DatasetError(path, "has a schema that cannot be read: \(arrowMessage())")
    }
    let columns = (0..<Int(schema.n_children)).map { UnsafePointer(schema.children[$0]!) }
    self.path = path
    rowCount = Int(ca_row_count(raw))
    guard rowCount >= 0 else {
      throw DatasetError(path, "has a footer whose row counts contradict each other")
    }
    guard rowCount < 1 << 40 else {
      throw DatasetError(path, "declares \(rowCount) rows, which no file holds")
    }
    let names = columns.map { String(cString: $0.pointee.name) }
    columnNames = names
    places = NameDictionary(names.enumerated().reversed().map { ($0.element, $0.offset) })
    types = columns.map { ArrowType($0) }
    metadata = arrowMetadata(schema.metadata)
    schema.release(&schema)
  }

  /// The numbers of a column, lists laid flat: [rows, width]. Null is NaN, or 0 for integers.
  package struct Numbers<T: HostNumber>: Sendable {
    package var values: [T] = []
    package var width = 1
    /// The lengths of the lists of a row, outermost first; none for scalars.
    package var shape: [Int] = []
    package var nulls = 0
  }

  /// The numbers of a column in some rows, all by default.
  package func numbers<T: HostNumber>(
    _ column: String, as: T.Type, rows: Range<Int>? = nil
  ) throws -> Numbers<T> {
    var result = Numbers<T>()
    var count = 0
    result.values.reserveCapacity(min(rows?.count ?? rowCount, 1 << 16))
    try forEachBatch(column, rows: rows) { part in
      let width = try part.appendNumbers(to: &result.values, nulls: &result.nulls)
      if count > 0, width != result.width {
        throw ColumnProblem(
          "holds \(width) values in row \(part.origin + part.range.lowerBound) where others hold \(result.width)"
        )
      }
      let shape = part.firstShape()
      if count > 0, shape != result.shape {
        throw ColumnProblem(
          "holds lists of \(shape) in row \(part.origin + part.range.lowerBound) where others are of \(result.shape)"
        )
      }
      (result.width, result.shape) = (width, shape)
      count += part.range.count
    }
    return result
  }

  /// The texts of a column in some rows, all by default; nil where it is null.
  package func strings(_ column: String, rows: Range<Int>? = nil) throws -> [String?] {
    var result: [String?] = []
    try forEachBatch(column, rows: rows) { part in
      try part.forEachBytes { _, bytes in
        result.append(bytes.map { String(decoding: $0, as: UTF8.self) })
      }
    }
    return result
  }

  /// The lists of texts of a column; null is an empty list.
  package func textLists(_ column: String) throws -> [[String]] {
    var result: [[String]] = []
    try forEachBatch(column) { part in try part.appendTextLists(to: &result) }
    return result
  }

  func has(_ column: String) -> Bool { places[column] != nil }

  /// A column's type in words: "float32", "list<float32>[7]", "string"; nil where there is none.
  package func typeName(of column: String) -> String? { type(of: column)?.description }

  /// The type of a column; nil when there is none of that name.
  func type(of column: String) -> ArrowType? {
    places[column].map { types[$0] }
  }

  /// Calls `body` with the parts of a column that cover `rows`, in order.
  ///
  /// Where the last call for the column ended is kept, so that reading ranges that follow one
  /// another, as the episodes of one file do, decodes each row once and holds one batch in memory.
  func forEachBatch(
    _ name: String, rows: Range<Int>? = nil, rowsAtOnce: Int = 65536,
    _ body: (ArrowColumn) throws -> Void
  ) throws {
    let rows = rows ?? 0..<rowCount
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw DatasetError(
        path, "holds \(rowCount) rows, rows \(rows.lowerBound) to \(rows.upperBound - 1) are wanted"
      )
    }
    if rows.isEmpty { return }
    var cursor: ColumnCursor
    if let last = cursors[name], last.canReach(rows.lowerBound) {
      cursor = last
    } else {
      cursor = ColumnCursor(
        try ColumnBatches(self, column: name, from: rows.lowerBound, rows: rowsAtOnce))
    }
    cursors[name] = nil
    do {
      try cursor.forEach(rows, body)
    } catch let problem as ColumnProblem {
      throw DatasetError(path, "column '\(name)' \(problem.text)")
    }
    cursors[name] = cursor
  }
}

extension ParquetFile {
  /// Begins to read all columns from a row on.
  func beginRows(from row: Int) throws -> OpaquePointer {
    var rows: OpaquePointer?
    guard ca_rows_begin(&rows, handle.raw, Int64(row)) == 0, let rows else {
      throw DatasetError(path, "cannot be read from row \(row): \(arrowMessage())")
    }
    return rows
  }
}

/// One column of a Parquet file, a batch of rows at a time.
final class ColumnBatches {
  private let path: String
  private let name: String
  private let type: ArrowType
  private let file: ParquetHandle
  private let reader: OpaquePointer
  /// The row that the next batch begins with: at first the start of a row group.
  private(set) var position: Int

  /// - Parameters:
  ///   - row: a row that is wanted; reading begins with its row group.
  ///   - rows: the most rows in a batch.
  init(_ file: ParquetFile, column: String, from row: Int, rows: Int) throws {
    guard let index = file.places[column] else {
      throw DatasetError(
        file.path, "has no column '\(column)'; its columns are \(list(file.columnNames))")
    }
    var reader: OpaquePointer?
    var first: Int64 = 0
    guard
      ca_read(&reader, &first, file.handle.raw, Int32(index), Int64(row), Int64(max(rows, 1))) == 0,
      let reader
    else {
      throw DatasetError(file.path, "column '\(column)' cannot be read: \(arrowMessage())")
    }
    (path, name, type) = (file.path, column, file.types[index])
    self.file = file.handle
    self.reader = reader
    position = Int(first)
  }

  deinit { ca_end(reader) }

  /// Whether a row lies in a later row group, which could be read at once.
  func isInLaterGroup(_ row: Int) -> Bool { file.groupStart(row) > position }

  /// The next rows; nil after the last.
  func next() throws -> ArrowBatch? {
    var array = ArrowArray()
    guard ca_next(&array, reader) == 0 else {
      throw DatasetError(
        path, "column '\(name)' is damaged or cut short: \(arrowMessage())")
    }
    guard array.release != nil else { return nil }
    let batch = ArrowBatch(array, type, firstRow: position)
    guard batch.hasColumn else {
      throw DatasetError(path, "column '\(name)' cannot be read: it has no values")
    }
    position += batch.rows.count
    return batch
  }
}

/// A column being read forwards: its batches, and the one at hand.
private struct ColumnCursor {
  let batches: ColumnBatches
  var batch: ArrowBatch?

  init(_ batches: ColumnBatches) { self.batches = batches }

  /// Whether a row lies ahead, and in no later row group that could be read at once.
  func canReach(_ row: Int) -> Bool {
    guard let batch else { return row >= batches.position }
    return row >= batch.rows.lowerBound
      && (row < batches.position || !batches.isInLaterGroup(row))
  }

  /// Calls `body` with the parts that cover `rows`.
  mutating func forEach(_ rows: Range<Int>, _ body: (ArrowColumn) throws -> Void) throws {
    var next = rows.lowerBound
    while next < rows.upperBound {
      if batch == nil || batch!.rows.upperBound <= next {
        batch = try batches.next()
        guard batch != nil else {
          throw ColumnProblem("ends at row \(batches.position), before row \(next)")
        }
        continue
      }
      let part = next..<min(rows.upperBound, batch!.rows.upperBound)
      try body(batch!.column(part))
      next = part.upperBound
    }
  }
}

/// Rows of one column, in Arrow's memory.
final class ArrowBatch {
  private var array: ArrowArray
  private let type: ArrowType
  /// The rows of the file that it holds.
  let rows: Range<Int>

  init(_ array: consuming ArrowArray, _ type: ArrowType, firstRow: Int) {
    rows = firstRow..<firstRow + Int(array.length)
    self.array = array
    self.type = type
  }

  deinit { array.release(&array) }

  var hasColumn: Bool { array.n_children == 1 && array.children[0] != nil }

  /// Valid while the batch is.
  var column: ArrowColumn { column(rows) }

  /// Some rows of the file's, all held here; valid while the batch is.
  func column(_ part: Range<Int>) -> ArrowColumn {
    ArrowColumn(
      type: type, array: UnsafePointer(array.children[0]!),
      range: part.lowerBound - rows.lowerBound..<part.upperBound - rows.lowerBound,
      origin: rows.lowerBound)
  }
}

/// Arrow's own words on this thread's last failure, on one line.
func arrowMessage() -> String {
  String(cString: ca_last_error()).split(whereSeparator: \.isNewline).joined(separator: " ")
}

/// The version of the Arrow library that reads Parquet.
public func arrowVersion() -> String { String(cString: ca_version()) }
