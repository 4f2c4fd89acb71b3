import Foundation
import LeRobot
import Testing

@Suite struct ParquetWriterTests {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "parquet-\(UUID().uuidString)")

  /// Columns of every kind, three rows.
  let columns: ParquetWriter.Columns = [
    ("float32", .float32([0.5, -1, 3])), ("float64", .float64([0.1, 0.2, 0.3])),
    ("int64", .int64([1, -2, 1 << 40])), ("int32", .int32([1, -2, 3])),
    ("uint8", .uint8([0, 128, 255])), ("bool", .bool([true, false, true])),
    ("string", .string(["a", "ä", ""])),
    ("vector", .array(.float32([1, 2, 3, 4, 5, 6]), shape: [2])),
    ("matrix", .array(.float32((0..<18).map(Float.init)), shape: [2, 3])),
    ("lists", .list(.float64([1, 2, 3]), lengths: [2, 0, 1])),
    ("texts", .list(.string(["x", "y"]), lengths: [1, 1, 0])),
    (
      "picture",
      .structure([
        ("bytes", .bytes([[1, 2], [], [3]], text: false)), ("path", .string(["a", "b", "c"])),
      ])
    ),
    ("optional", .optional(.float32([1, 0, 3]), valid: [true, false, true])),
    ("nothing", .optional(.string(["", "", ""]), valid: [false, false, false])),
  ]

  @Test func everyTypeIsReadBack() throws {
    let path = folder.appending(path: "rows.parquet").path
    defer { try? FileManager.default.removeItem(at: folder) }
    try ParquetWriter.write(path, columns: columns)
    let file = try ParquetFile(path)
    #expect(file.rowCount == 3)
    #expect(file.columnNames == columns.map(\.name))
    func numbers(_ name: String) throws -> [Double] {
      try file.numbers(name, as: Double.self).values
    }
    #expect(try numbers("float32") == [0.5, -1, 3])
    #expect(try numbers("float64") == [0.1, 0.2, 0.3])
    #expect(try numbers("int64") == [1, -2, 1_099_511_627_776])
    #expect(try numbers("int32") == [1, -2, 3])
    #expect(try numbers("uint8") == [0, 128, 255])
    #expect(try numbers("bool") == [1, 0, 1])
    #expect(try file.strings("string") == ["a", "ä", ""])
    #expect(try numbers("vector") == [1, 2, 3, 4, 5, 6])
    #expect(try numbers("matrix") == (0..<18).map(Double.init))
    #expect(
      message { _ = try numbers("lists") }.hasSuffix("holds 0 values in row 1 where others hold 2"))
    let optional = try file.numbers("optional", as: Float.self)
    #expect(optional.nulls == 1 && optional.values[0] == 1 && optional.values[2] == 3)
    #expect(try file.strings("nothing") == [nil, nil, nil])
    #expect(try file.strings("picture") == ["\u{1}\u{2}", "", "\u{3}"])
  }

  @Test func nothingAppearsBeforeTheEnd() throws {
    let path = folder.appending(path: "rows.parquet").path
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      let writer = ParquetWriter(path)
      try writer.write(columns)
      try writer.write(columns)
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    let writer = ParquetWriter(path)
    try writer.write(columns)
    try writer.write(columns)
    try writer.finish()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["rows.parquet"])
    #expect(try ParquetFile(path).numbers("int32", as: Int.self).values == [1, -2, 3, 1, -2, 3])
  }
}
