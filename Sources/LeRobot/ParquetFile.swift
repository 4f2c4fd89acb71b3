import CArrow

/// A Parquet file: its columns by name, read in batches.
package final class ParquetFile {
  package let path: String
  package let rowCount: Int
  /// The names of the top-level columns, in the file's order.
  package let columnNames: [String]
  let types: [ArrowType]
  private let file: OpaquePointer

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
        throw ColumnProblem("holds \(width) values in row \(rows) where others hold \(result.width)")
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

  /// Calls `body` with the bytes of each row in turn, nil where it is null, and the row's number;
  /// at most `rowsAtOnce` rows are held. `body` returns false to stop.
  package func forEachBytes(
    _ column: String, rowsAtOnce: Int, _ body: (Int, UnsafeRawBufferPointer?) throws -> Bool
  ) throws {
    var start = 0
    do {
      try forEachBatch(column, rows: rowsAtOnce) { part in
        try part.forEachBytes { row, bytes in
          if try !body(start + row, bytes) { throw Stop() }
        }
        start += part.range.count
      }
    } catch is Stop {
    }
  }

  private struct Stop: Error {}

  func has(_ column: String) -> Bool { columnNames.contains(column) }

  private func forEachBatch(_ name: String, rows: Int, _ body: (ArrowColumn) throws -> Void) throws {
    guard let position = columnNames.firstIndex(of: name) else {
      throw DatasetError(path, "has no column '\(name)'; its columns are \(list(columnNames))")
    }
    var handle: OpaquePointer?
    guard ca_read(&handle, file, Int32(position), Int64(max(rows, 1))) == 0, let handle else {
      throw DatasetError(path, "column '\(name)' cannot be read: \(arrowMessage())")
    }
    defer { ca_end(handle) }
    while true {
      var batch = ArrowArray()
      guard ca_next(&batch, handle) == 0 else {
        throw DatasetError(path, "column '\(name)' is damaged or cut short: \(arrowMessage())")
      }
      guard let release = batch.release else { return }
      defer { release(&batch) }
      guard batch.n_children == 1, let child = batch.children[0] else {
        throw DatasetError(path, "column '\(name)' cannot be read: it has no values")
      }
      do {
        try body(
          ArrowColumn(
            type: types[position], array: UnsafePointer(child), range: 0..<Int(batch.length)))
      } catch let problem as ColumnProblem {
        throw DatasetError(path, "column '\(name)' \(problem.text)")
      }
    }
  }
}

/// Arrow's own words on this thread's last failure, on one line.
private func arrowMessage() -> String {
  String(cString: ca_last_error()).split(whereSeparator: \.isNewline).joined(separator: " ")
}

/// The version of the Arrow library that reads Parquet.
public func arrowVersion() -> String { String(cString: ca_version()) }
