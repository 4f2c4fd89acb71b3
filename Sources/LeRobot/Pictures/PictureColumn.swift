/// Rows of a Parquet column of pictures, all of one size, decoded a few at a time.
final class PictureColumn {
  let width: Int
  let height: Int
  private let file: ParquetFile
  private let column: String
  private let feature: DatasetInfo.Feature
  private let name: String
  private let rowsAtOnce: Int
  /// The rows still to come.
  private var rest: Range<Int>
  private var first: Image?

  init(
    _ range: RowRange, column: String, _ feature: DatasetInfo.Feature, rowsAtOnce: Int
  ) throws {
    file = try ParquetFile(range.path)
    self.column = column
    self.feature = feature
    self.rowsAtOnce = rowsAtOnce
    name = "\(range.path): column '\(column)'"
    rest = range.rows
    var first: Image?
    try PictureColumn.forEach(file, column, feature, rest.prefix(1), rowsAtOnce) {
      first = try $1.image(feature, name: $0)
    }
    guard let first else { throw DatasetError(name, "has no rows") }
    self.first = first
    (width, height) = (first.width, first.height)
  }

  /// The next pictures: [N, height, width, 3]; empty after the last.
  func read() throws -> [UInt8] {
    let frameBytes = width * height * 3
    let rows = rest.prefix(framesAtOnceInMemory(rowsAtOnce, frameBytes))
    let pixels = try [UInt8](unsafeUninitializedCapacity: rows.count * frameBytes) { all, filled in
      try PictureColumn.forEach(file, column, feature, rows, rowsAtOnce) { name, stored in
        let image = try first ?? stored.image(feature, name: name)
        first = nil
        guard image.width == width, image.height == height else {
          throw DatasetError(
            name, "is \(image.width)×\(image.height), others are \(width)×\(height)")
        }
        let slot = UnsafeMutableBufferPointer(rebasing: all[filled..<filled + frameBytes])
        image.write(to: UnsafeMutableRawBufferPointer(slot))
        filled += frameBytes
      }
    }
    rest = rows.upperBound..<rest.upperBound
    return pixels
  }

  /// Calls `body` with each row's name in errors, and its picture.
  static func forEach(
    _ file: ParquetFile, _ column: String, _ feature: DatasetInfo.Feature, _ rows: Range<Int>,
    _ rowsAtOnce: Int, _ body: (String, StoredPicture) throws -> Void
  ) throws {
    var row = rows.lowerBound
    try file.forEachBatch(column, rows: rows, rowsAtOnce: rowsAtOnce) { part in
      if feature.isPictureArray {
        var values: [Int] = []
        var nulls = 0
        let width = try part.appendNumbers(to: &values, nulls: &nulls)
        for start in stride(from: 0, to: values.count, by: max(width, 1)) {
          let name = "\(file.path): column '\(column)' row \(row)"
          try body(name, .array(values[start..<start + width].map { UInt8(clamping: $0) }))
          row += 1
        }
        return
      }
      try part.forEachBytes { _, bytes in
        let name = "\(file.path): column '\(column)' row \(row)"
        guard let bytes else {
          throw DatasetError(name, "is null, the bytes of a picture are wanted")
        }
        try body(name, .file(bytes))
        row += 1
      }
    }
  }
}
