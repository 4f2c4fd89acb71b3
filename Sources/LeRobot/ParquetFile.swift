import CArrow

/// A Parquet file: its columns by name, read in batches.
package final class ParquetFile {
  package let path: String
  package let rowCount: Int
  /// The names of the top-level columns, in the file's order.
  package let columnNames: [String]
  let types: [ArrowType]
  fileprivate let file: OpaquePointer

  package init(_ path: String) throws {
    guard fileSize(path) != nil else { throw DatasetError(path, "there is no such file") }
    var file: OpaquePointer?
    guard ca_open(&file, path) == 0, let file else {
      throw DatasetError(path, "is not a complete Parquet file: \(arrowMessage())")
    }
    var schema = ArrowSchema()
    guard ca_schema(&schema, file) == 0 else {
      ca_close(file)
      throw DatasetError(path, "has a schema that cannot be read: \(arrowMessage())")
    }
    let columns = (0..<Int(schema.n_children)).map { UnsafePointer(schema.children[$0]!) }
    self.path = path
    self.file = file
    rowCount = Int(ca_row_count(file))
    columnNames = columns.map { String(cString: $0.pointee.name) }
    types = columns.map { ArrowType($0) }
    schema.release(&schema)
  }

  deinit { ca_close(file) }

  /// The numbers of a column, lists laid flat: [rows, width]. Null is NaN, or 0 for integers.
  package struct Numbers<T: HostNumber>: Sendable {
    package var values: [T] = []
    package var width = 1
    package var nulls = 0
  }

  package func numbers<T: HostNumber>(_ column: String, as: T.Type) throws -> Numbers<T> {
    var result = Numbers<T>()
    var rows = 0
    result.values.reserveCapacity(rowCount)
    try forEachBatch(column, rows: 65536) { part in
      let width = try part.appendNumbers(to: &result.values, nulls: &result.nulls)
      if rows > 0, width != result.width {
        throw ColumnProblem(
          "holds \(width) values in row \(rows) where others hold \(result.width)")
      }
      result.width = width
      rows += part.range.count
    }
    return result
  }

  /// The texts of a column; nil where it is null.
  package func strings(_ column: String) throws -> [String?] {
    var result: [String?] = []
    result.reserveCapacity(rowCount)
    try forEachBatch(column, rows: 65536) { part in
      try part.forEachBytes { _, bytes in
        result.append(bytes.map { String(decoding: $0, as: UTF8.self) })
      }
    }
    return result
  }

  func has(_ column: String) -> Bool { columnNames.contains(column) }

  private func forEachBatch(_ name: String, rows: Int, _ body: (ArrowColumn) throws -> Void) throws
  {
    let batches = try ColumnBatches(self, column: name, rows: rows)
    while let batch = try batches.next() {
      do {
        try body(batch.column)
      } catch let problem as ColumnProblem {
        throw DatasetError(path, "column '\(name)' \(problem.text)")
      }
    }
  }

  fileprivate func begin(_ column: String, rows: Int) throws -> (OpaquePointer, ArrowType) {
    guard let position = columnNames.firstIndex(of: column) else {
      throw DatasetError(path, "has no column '\(column)'; its columns are \(list(columnNames))")
    }
    var handle: OpaquePointer?
    guard ca_read(&handle, file, Int32(position), Int64(max(rows, 1))) == 0, let handle else {
      throw DatasetError(path, "column '\(column)' cannot be read: \(arrowMessage())")
    }
    return (handle, types[position])
  }
}

extension ParquetFile {
  /// Begins to read all columns from a row on.
  func beginRows(from row: Int) throws -> OpaquePointer {
    var rows: OpaquePointer?
    guard ca_rows_begin(&rows, file, Int64(row)) == 0, let rows else {
      throw DatasetError(path, "cannot be read from row \(row): \(arrowMessage())")
    }
    return rows
  }
}

/// One column of a Parquet file, a batch of rows at a time.
final class ColumnBatches {
  private let file: ParquetFile
  private let name: String
  private let handle: OpaquePointer
  private let type: ArrowType

  init(_ file: ParquetFile, column: String, rows: Int) throws {
    self.file = file
    name = column
    (handle, type) = try file.begin(column, rows: rows)
  }

  deinit { ca_end(handle) }

  /// The next rows; nil after the last.
  func next() throws -> ArrowBatch? {
    var array = ArrowArray()
    guard ca_next(&array, handle) == 0 else {
      throw DatasetError(
        file.path, "column '\(name)' is damaged or cut short: \(arrowMessage())")
    }
    guard array.release != nil else { return nil }
    let batch = ArrowBatch(array, type)
    guard batch.hasColumn else {
      throw DatasetError(file.path, "column '\(name)' cannot be read: it has no values")
    }
    return batch
  }
}

/// Rows of one column, in Arrow's memory.
final class ArrowBatch {
  private var array: ArrowArray
  private let type: ArrowType

  init(_ array: consuming ArrowArray, _ type: ArrowType) {
    self.array = array
    self.type = type
  }

  deinit { array.release(&array) }

  var hasColumn: Bool { array.n_children == 1 && array.children[0] != nil }

  /// Valid while the batch is.
  var column: ArrowColumn {
    ArrowColumn(type: type, array: UnsafePointer(array.children[0]!), range: 0..<Int(array.length))
  }
}

/// Arrow's own words on this thread's last failure, on one line.
func arrowMessage() -> String {
  String(cString: ca_last_error()).split(whereSeparator: \.isNewline).joined(separator: " ")
}

/// The version of the Arrow library that reads Parquet.
public func arrowVersion() -> String { String(cString: ca_version()) }
