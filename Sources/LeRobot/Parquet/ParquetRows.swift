import CArrow
import Foundation
import Platform

/// Rows of all columns of a file, whatever their types, in Arrow's memory.
final class ParquetRows {
  let table: OpaquePointer

  init(_ table: OpaquePointer) { self.table = table }

  deinit {
    forget()
    ca_table_free(table)
  }

  private var exported:
    (whole: UnsafeMutablePointer<ArrowArray>, arrays: [UnsafePointer<ArrowArray>])?

  private func export() {
    let whole = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
    guard ca_table_export(whole, table) == 0 else {
      fatalError("columns cannot be read: \(arrowMessage())")
    }
    let count = Int(whole.pointee.n_children)
    exported = (whole, (0..<count).map { UnsafePointer(whole.pointee.children[$0]!) })
  }

  private func forget() {
    described = nil
    guard let whole = exported?.whole else { return }
    whole.pointee.release(whole)
    whole.deallocate()
    exported = nil
  }

  var count: Int { Int(ca_table_row_count(table)) }

  /// Replaces the column of this name, or appends it.
  func set(_ name: String, _ values: ParquetColumn) {
    forget()
    var schema = ArrowExport.schema(values, name: name)
    var array = ArrowExport.array(values)
    guard ca_table_set(table, &schema, &array) == 0 else {
      fatalError("column '\(name)' cannot be set: \(arrowMessage())")
    }
  }

  /// The columns, valid while this is and until one is set.
  var named: [(name: String, column: ArrowColumn)] {
    if exported == nil { export() }
    return zip(columns(), exported!.arrays).map { described, array in
      let column = ArrowColumn(type: described.type, array: array, range: 0..<count)
      return (described.name, column)
    }
  }

  /// Gives a column the type that a feature declares.
  ///
  /// - Parameters:
  ///   - firstRow: the number of the first row in the file, for errors.
  ///   - metadata: of the column.
  /// - Returns: how many values were null, and are NaN, 0, false or "" now.
  /// - Throws: `DatasetError` with this path where a row does not have the shape, or a value does not fit.
  func conform(
    _ name: String, dtype: String, shape: [Int], firstRow: Int, metadata: [(String, String)],
    path: String
  ) throws -> Int {
    forget()
    let texts = metadata.flatMap { [strdup($0.0), strdup($0.1)] }
    defer { for text in texts { free(text) } }
    let pointers = texts.map { UnsafePointer($0) } + [nil]
    var filled: Int64 = 0
    let status = ca_table_conform(
      &filled, table, name, dtype, shape.map(Int64.init), Int64(shape.count), Int64(firstRow),
      pointers)
    guard status == 0 else {
      throw DatasetError(
        path,
        "column '\(name)' is declared \(dtype) \(shape.isEmpty ? [1] : shape): \(arrowMessage())")
    }
    return Int(filled)
  }

  /// Replaces what a member of the structs in a column's lists holds: a number each, in the rows' order.
  func set(_ name: String, member: String, _ values: [Double]) throws {
    forget()
    guard ca_table_set_member(table, name, member, values, Int64(values.count)) == 0 else {
      throw ColumnProblem("cannot be given another \(member): \(arrowMessage())")
    }
  }

  /// The bytes of every row of a column of bytes; nil for null.
  func bytes(_ name: String) throws -> [[UInt8]?] {
    var result: [[UInt8]?] = []
    for (other, column) in named where other.isSameName(name) {
      try column.forEachBytes { _, bytes in result.append(bytes.map { Array($0) }) }
    }
    return result
  }

  /// Keeps these columns, in this order.
  func select(_ names: [String]) {
    forget()
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

  private var described: [(name: String, type: ArrowType)]?

  /// The columns' names and types.
  func columns() -> [(name: String, type: ArrowType)] {
    if let described { return described }
    var schema = schema()
    defer { schema.release(&schema) }
    let columns = (0..<Int(schema.n_children)).map {
      let child = UnsafePointer(schema.children[$0]!)
      return (String(cString: child.pointee.name), ArrowType(child))
    }
    described = columns
    return columns
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
