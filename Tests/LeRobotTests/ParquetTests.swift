import LeRobot
import Testing

@Suite struct ParquetTests {
  let path = fixtures.appending(path: "columns.parquet").path

  @Test(arguments: [
    ("float32", [0, 0.25, 0.5, 0.75, 1]), ("float64", [0, 0.125, 0.25, 0.375, 0.5]),
    ("float16", [0, 0.5, 1, 1.5, 2]), ("int32", [0, 1, -2, 3, 4]), ("uint8", [0, 1, 255, 3, 4]),
    ("bool", [1, 0, 1, 1, 0]),
  ])
  func scalarColumnsBecomeFloats(column: String, values: [Float]) throws {
    let numbers = try ParquetFile(path).numbers(column, as: Float.self)
    #expect(numbers.values == values)
    #expect(numbers.width == 1)
  }

  @Test func wholeNumbersKeepTheirDigits() throws {
    #expect(
      try ParquetFile(path).numbers("int64", as: Int.self).values == [
        0, 1, -2, 1_099_511_627_776, 4,
      ])
  }

  @Test(arguments: ["list", "fixed_list", "matrix"])
  func listsAreLaidFlat(column: String) throws {
    let numbers = try ParquetFile(path).numbers(column, as: Float.self)
    switch column {
    case "list": #expect(numbers.values == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5])
    case "fixed_list": #expect(numbers.values == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    default: #expect(numbers.values.suffix(8) == [3, 1, 2, 3, 4, 1, 2, 3])
    }
    #expect(numbers.width == (column == "matrix" ? 4 : 2))
  }

  @Test func stringsOfEveryKind() throws {
    let file = try ParquetFile(path)
    #expect(try file.strings("string") == ["a", "ä", "", "d", "e"])
    #expect(try file.strings("large_string") == ["a", "b", "c", "d", "e"])
    #expect(try file.strings("dictionary") == ["x", "y", "x", "x", "y"])
    #expect(try file.strings("string_with_null") == ["a", nil, "c", "d", "e"])
  }

  @Test func nullIsNotANumber() throws {
    let numbers = try ParquetFile(path).numbers("float32_with_null", as: Float.self)
    #expect(numbers.nulls == 1)
    #expect(numbers.values[1].isNaN && numbers.values[2] == 2)
  }

  @Test func wrongColumnsAreNamed() throws {
    let file = try ParquetFile(path)
    #expect(
      message { _ = try file.numbers("list_uneven", as: Float.self) }
        == "\(path): column 'list_uneven' holds 2 values in row 1 where others hold 1")
    #expect(
      message { _ = try file.numbers("string", as: Float.self) }
        == "\(path): column 'string' holds string, numbers are wanted")
    #expect(
      message { _ = try file.numbers("float32", as: Int.self) }
        == "\(path): column 'float32' holds 0.25 in row 1, a whole number is wanted")
    #expect(message { _ = try file.strings("int64") }.hasSuffix("holds int64, bytes are wanted"))
    #expect(
      message { _ = try file.strings("nowhere") }.contains(
        "has no column 'nowhere'; its columns are float32, float64"))
  }
}
