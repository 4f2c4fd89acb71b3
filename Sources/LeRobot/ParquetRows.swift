import CArrow
import Foundation

/// Rows of all columns of a file, whatever their types, in Arrow's memory.
final class ParquetRows {
  let table: OpaquePointer

  init(_ table: OpaquePointer) { self.table = table }

  deinit { ca_table_free(table) }

  var count: Int { Int(ca_table_row_count(table)) }

  /// Replaces the column of this name, or appends it.
  func set(_ name: String, _ values: ParquetColumn) {
    var schema = ArrowExport.schema(values, name: name)
    var array = ArrowExport.array(values)
    guard ca_table_set(table, &schema, &array) == 0 else {
      fatalError("column '\(name)' cannot be set: \(arrowMessage())")
    }
  }

  /// The bytes of every row of a column of bytes; nil for null.
  func bytes(_ name: String, _ type: ArrowType) throws -> [[UInt8]?] {
    var array = ArrowArray()
    guard ca_table_column(&array, table, name) == 0 else {
      fatalError("column '\(name)' cannot be read: \(arrowMessage())")
    }
    defer { array.release(&array) }
    var result: [[UInt8]?] = []
    try withUnsafePointer(to: array) {
      try ArrowColumn(type: type, array: $0, range: 0..<count).forEachBytes { _, bytes in
        result.append(bytes.map { Array($0) })
      }
    }
    return result
  }

  /// Keeps these columns, in this order.
  func select(_ names: [String]) {
    let copies = names.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    guard ca_table_select(table, copies.map { UnsafePointer($0) }, Int64(names.count)) == 0 else {
      fatalError("columns cannot be chosen: \(arrowMessage())")
    }
  }

  /// The columns; the caller releases it.
  func schema() -> ArrowSchema {
    var schema = ArrowSchema()
    guard ca_table_schema(&schema, table) == 0 else {
      fatalError("columns cannot be described: \(arrowMessage())")
    }
    return schema
  }

  /// The columns' names and types.
  func columns() -> [(name: String, type: ArrowType)] {
    var schema = schema()
    defer { schema.release(&schema) }
    return (0..<Int(schema.n_children)).map {
      let child = UnsafePointer(schema.children[$0]!)
      return (String(cString: child.pointee.name), ArrowType(child))
    }
  }
}

/// The rows of a file from one on, in order.
final class ParquetRowReader {
  let file: ParquetFile
  /// The next row's number.
  private(set) var position: Int
  private let rows: OpaquePointer

  init(_ file: ParquetFile, from row: Int) throws {
    self.file = file
    position = row
    rows = try file.beginRows(from: row)
  }

  deinit { ca_rows_end(rows) }

  /// The next rows, at most `count`; nil after the last.
  func next(_ count: Int) throws -> ParquetRows? {
    var table: OpaquePointer?
    guard ca_rows_next(&table, rows, Int64(count)) == 0 else {
      throw DatasetError(file.path, "is damaged or cut short: \(arrowMessage())")
    }
    guard let table else { return nil }
    let result = ParquetRows(table)
    position += result.count
    return result
  }
}
