import Foundation
import Platform

/// Rows of Parquet files by number, in little memory whatever the files' size.
///
/// A row group has to be decoded as a whole, so a file's columns are decoded once, when the first
/// of its rows is asked for, and laid out in a temporary file that has no name and goes with the
/// process. It takes 4 bytes a number, and the size of the pictures and texts that are asked for;
/// the environment's `TMPDIR` says where (/tmp when it says nothing, which should be a disk).
///
/// `@unchecked`: the tables are used with `lock` held; places of the file are written once, before
/// they are in a table.
package final class RowStore: @unchecked Sendable {
  private let numberColumns: [String]
  private let byteColumns: [String]
  private let condition = NSCondition()
  private let folder: String
  private let descriptor: Int32
  private var end = 0
  private var files: NameDictionary<Contents> = [:]

  private enum Contents {
    case beingRead
    case rows(count: Int, columns: NameDictionary<Column>)
    case failed(any Error)
  }

  /// Where a column lies: `width` floats a row, or for bytes their place and length.
  private struct Column {
    var start: Int
    var width: Int
  }

  /// - Parameters:
  ///   - numbers: the columns to keep as numbers; a file may lack some.
  ///   - bytes: the columns to keep as bytes, pictures and texts.
  /// - Throws: `DatasetError` when there is no room for temporary files.
  package init(numbers: [String], bytes: [String] = []) throws {
    (numberColumns, byteColumns) = (numbers, bytes)
    folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var name = Array("\(folder)/recap-rows-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw RowStore.failure(folder) }
    unlink(name)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Numbers a row; nil when the file has no such column.
  package func width(of column: String, in path: String) throws -> Int? {
    try table(path).columns[column]?.width
  }

  /// The numbers of a column in some rows: [rows, width]. Null is NaN.
  package func numbers(_ column: String, in path: String, rows: Range<Int>) throws -> [Float] {
    let place = try find(column, path, rows)
    let count = rows.count * place.width
    return try [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      try read(
        UnsafeMutableRawBufferPointer(buffer), place.start + rows.lowerBound * place.width * 4)
      filled = count
    }
  }

  /// The bytes of a column in a row; nil where it is null.
  package func bytes(_ column: String, in path: String, row: Int) throws -> [UInt8]? {
    let place = try find(column, path, row..<row + 1)
    var span = Span(start: 0, count: 0)
    try withUnsafeMutableBytes(of: &span) {
      try read($0, place.start + row * MemoryLayout<Span>.stride)
    }
    if span.count < 0 { return nil }
    return try [UInt8](unsafeUninitializedCapacity: span.count) { buffer, filled in
      try read(UnsafeMutableRawBufferPointer(buffer), span.start)
      filled = span.count
    }
  }

  private struct Span {
    var start, count: Int
  }

  private func find(_ column: String, _ path: String, _ rows: Range<Int>) throws -> Column {
    let (count, columns) = try table(path)
    guard let place = columns[column] else {
      throw DatasetError(path, "has no column '\(column)'")
    }
    guard rows.lowerBound >= 0, rows.upperBound <= count else {
      throw DatasetError(
        path, "holds \(count) rows, rows \(rows.lowerBound) to \(rows.upperBound - 1) are wanted")
    }
    return place
  }

  // MARK: Decoding a file once

  /// A file's columns, decoded by the first thread that asks while others wait.
  private func table(_ path: String) throws -> (count: Int, columns: NameDictionary<Column>) {
    condition.lock()
    while true {
      switch files[path] {
      case .rows(let count, let columns):
        condition.unlock()
        return (count, columns)
      case .failed(let error):
        condition.unlock()
        throw error
      case .beingRead: condition.wait()
      case nil:
        files[path] = .beingRead
        condition.unlock()
        let contents: Contents
        do { contents = try load(path) } catch { contents = .failed(error) }
        condition.lock()
        files[path] = contents
        condition.broadcast()
      }
    }
  }

  private func load(_ path: String) throws -> Contents {
    let file = try ParquetFile(path)
    var columns: NameDictionary<Column> = [:]
    for name in numberColumns where file.has(name) {
      columns[name] = try loadNumbers(name, file)
    }
    for name in byteColumns where file.has(name) {
      columns[name] = try loadBytes(name, file)
    }
    return .rows(count: file.rowCount, columns: columns)
  }

  private func loadNumbers(_ name: String, _ file: ParquetFile) throws -> Column {
    var column = Column(start: 0, width: 0)
    var count = 0
    try file.forEachBatch(name, rowsAtOnce: 4096) { part in
      var values: [Float] = []
      var nulls = 0
      let width = try part.appendNumbers(to: &values, nulls: &nulls)
      if count == 0 {
        let (size, isTooLarge) = (file.rowCount * 4).multipliedReportingOverflow(by: width)
        guard !isTooLarge, size < 1 << 50 else {
          throw ColumnProblem("holds \(width) values in each of \(file.rowCount) rows")
        }
        column = Column(start: reserve(size), width: width)
      } else if width != column.width {
        throw ColumnProblem(
          "holds \(width) values in row \(count) where others hold \(column.width)")
      }
      try values.withUnsafeBytes { try write($0, column.start + count * width * 4) }
      count += part.range.count
    }
    return column
  }

  private func loadBytes(_ name: String, _ file: ParquetFile) throws -> Column {
    let stride = MemoryLayout<Span>.stride
    let column = Column(start: reserve(file.rowCount * stride), width: 0)
    var count = 0
    try file.forEachBatch(name, rowsAtOnce: 64) { part in
      var spans: [Span] = []
      try part.forEachBytes { _, bytes in
        guard let bytes else { return spans.append(Span(start: 0, count: -1)) }
        let span = Span(start: reserve(bytes.count), count: bytes.count)
        try write(bytes, span.start)
        spans.append(span)
      }
      try spans.withUnsafeBytes { try write($0, column.start + count * stride) }
      count += spans.count
    }
    return column
  }

  // MARK: The temporary file

  private func reserve(_ size: Int) -> Int {
    condition.lock()
    defer { condition.unlock() }
    defer { end += size }
    return end
  }

  private func write(_ bytes: UnsafeRawBufferPointer, _ place: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(place + done))
      guard count > 0 else { throw RowStore.failure(folder) }
      done += count
    }
  }

  private func read(_ bytes: UnsafeMutableRawBufferPointer, _ place: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(place + done))
      guard count > 0 else { throw RowStore.failure(folder) }
      done += count
    }
  }

  private static func failure(_ folder: String) -> DatasetError {
    let reason = String(cString: strerror(errno))
    return DatasetError(
      folder, "cannot hold a dataset's rows: \(reason); TMPDIR names another folder")
  }
}
