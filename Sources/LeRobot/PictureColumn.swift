/// A Parquet column of compressed pictures, all of one size, decoded a batch at a time.
final class PictureColumn {
  let width: Int
  let height: Int
  let rowCount: Int
  private let name: String
  private let batches: ColumnBatches
  private var batch: ArrowBatch?
  private var first: ImageDecoder?
  private var position = 0

  init(_ path: String, column: String, rowsAtOnce: Int) throws {
    let file = try ParquetFile(path)
    let name = "\(path): column '\(column)'"
    self.name = name
    rowCount = file.rowCount
    batches = try ColumnBatches(file, column: column, rows: rowsAtOnce)
    batch = try batches.next()
    let head = batch?.column
    guard let head, !head.range.isEmpty else { throw DatasetError(name, "has no rows") }
    var first: ImageDecoder?
    try PictureColumn.forEach(head, name, from: 0) { row, bytes in
      if first == nil { first = try ImageDecoder(bytes, name: "\(name) row \(row)") }
    }
    self.first = first
    (width, height) = (first!.width, first!.height)
  }

  /// The next pictures: [N, height, width, 3]; empty after the last.
  func read() throws -> [UInt8] {
    guard let batch = try batch ?? batches.next() else { return [] }
    self.batch = nil
    let rows = batch.column.range.count
    let frameBytes = width * height * 3
    let pixels = try [UInt8](unsafeUninitializedCapacity: rows * frameBytes) { buffer, filled in
      try PictureColumn.forEach(batch.column, name, from: position) { row, bytes in
        let decoder = try first ?? ImageDecoder(bytes, name: "\(name) row \(row)")
        first = nil
        guard decoder.width == width, decoder.height == height else {
          throw DatasetError(
            name, "row \(row) is \(decoder.width)×\(decoder.height), others \(width)×\(height)")
        }
        let slot = UnsafeMutableBufferPointer(rebasing: buffer[filled..<filled + frameBytes])
        try decoder.write(to: UnsafeMutableRawBufferPointer(slot))
        filled += frameBytes
      }
    }
    position += rows
    return pixels
  }

  private static func forEach(
    _ column: ArrowColumn, _ name: String, from start: Int,
    _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    do {
      try column.forEachBytes { row, bytes in
        guard let bytes else {
          throw DatasetError(name, "row \(start + row) is null, the bytes of a picture are wanted")
        }
        try body(start + row, bytes)
      }
    } catch let problem as ColumnProblem {
      throw DatasetError(name, problem.text)
    }
  }
}
