import CArrow
import Foundation
package import Platform

/// A Parquet file in the making: Snappy, dictionaries, data pages v1, format 2.6, as LeRobot writes
/// them. It has its name once `finish` returns; until then, and after an error, nothing has.
package final class ParquetWriter {
  package typealias Columns = [(name: String, values: ParquetColumn)]

  package let path: String
  private let metadata: [(String, String)]
  private let fieldMetadata: NameDictionary<[(String, String)]>
  private var writer: OpaquePointer?
  private var file: PartialFile?

  /// - Parameters:
  ///   - metadata: keys and values of the file.
  ///   - fieldMetadata: keys and values of columns.
  package init(
    _ path: String, metadata: [(String, String)] = [],
    fieldMetadata: NameDictionary<[(String, String)]> = [:]
  ) {
    self.path = path
    self.metadata = metadata
    self.fieldMetadata = fieldMetadata
  }

  /// A file of one row group.
  package static func write(
    _ path: String, columns: Columns, metadata: [(String, String)] = [],
    fieldMetadata: NameDictionary<[(String, String)]> = [:]
  ) throws {
    let writer = ParquetWriter(path, metadata: metadata, fieldMetadata: fieldMetadata)
    try writer.write(columns)
    try writer.finish()
  }

  deinit {
    if let writer { ca_writer_free(writer) }
  }

  /// Bytes of the file so far; rows that are not yet encoded count as they are in memory.
  package var byteCount: Int { writer.map { Int(ca_writer_file_bytes($0)) } ?? 0 }

  /// Bytes in memory of the rows of the group at hand.
  var groupByteCount: Int { writer.map { Int(ca_writer_group_bytes($0)) } ?? 0 }

  /// Writes rows as a row group of their own, or appends them to the one at hand. All columns have
  /// as many rows, and the same names and types in every call.
  package func write(_ columns: Columns, inNewGroup: Bool = true) throws {
    for column in columns where column.values.count != columns[0].values.count {
      fatalError(
        "column '\(column.name)' has \(column.values.count) rows, '\(columns[0].name)' \(columns[0].values.count)"
      )
    }
    if writer == nil { try open(ArrowExport.schema(columns, fieldMetadata)) }
    if inNewGroup { try beginGroup() }
    var array = ArrowExport.array(columns)
    try check(ca_write(writer, &array))
  }

  /// Whether rows have the columns of the first call, in the same types; so have any before it.
  func takes(_ rows: ParquetRows) -> Bool {
    writer.map { ca_writer_takes($0, rows.table) != 0 } ?? true
  }

  /// Appends rows to the group at hand, or to a new one; they have the columns of the first call.
  func write(_ rows: ParquetRows, inNewGroup: Bool) throws {
    if writer == nil { try open(rows.schema()) }
    if inNewGroup { try beginGroup() }
    try check(ca_write_table(writer, rows.table))
  }

  /// Completes the file and gives it its name.
  package func finish() throws {
    try close()
    try publish()
    try AtomicFile.synchronize(parentFolder(of: path))
  }

  /// Completes the file, which `publish` then gives its name.
  func close() throws {
    guard let writer else { fatalError("\(path): no rows were written") }
    try check(ca_writer_close(writer))
    ca_writer_free(writer)
    self.writer = nil
    try file!.synchronize()
  }

  /// Gives the file its name, which the folder's next synchronisation makes last.
  func publish() throws {
    try file!.rename()
  }

  private func beginGroup() throws { try check(ca_writer_begin_group(writer)) }

  private func open(_ schema: consuming ArrowSchema) throws {
    try makeFolder(parentFolder(of: path))
    var schema = schema
    let texts = metadata.flatMap { [strdup($0.0), strdup($0.1)] }
    defer { for text in texts { free(text) } }
    let pointers = texts.map { UnsafePointer($0) } + [nil]
    let file = try PartialFile(path)
    try check(ca_writer_open(&writer, file.temporary, &schema, pointers))
    self.file = file
  }

  private func check(_ status: Int32) throws {
    if status != 0 { throw DatasetError(path, "cannot be written: \(arrowMessage())") }
  }
}

extension ArrowExport {
  /// A struct with one child a column, each with its metadata.
  fileprivate static func schema(
    _ columns: ParquetWriter.Columns, _ metadata: NameDictionary<[(String, String)]>
  ) -> ArrowSchema {
    let schema = schema(columns)
    for (i, column) in columns.enumerated() {
      guard let metadata = metadata[column.name] else { continue }
      let child = schema.children[i]!
      child.pointee.release(child)
      child.pointee = ArrowExport.schema(column.values, name: column.name, metadata: metadata)
    }
    return schema
  }
}
