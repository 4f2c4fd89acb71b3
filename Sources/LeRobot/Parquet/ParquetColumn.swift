/// The values of a column to be written, of any type that datasets hold: leaves, and lists and
/// structures of them.
package indirect enum ParquetColumn: Sendable {
  /// Numbers of one type, as Arrow's letter for it and their bytes; made by `float32` and the like.
  case numbers(format: String, count: Int, bytes: [UInt8])
  case bool([Bool])
  /// Texts (UTF-8) or bytes.
  case bytes([[UInt8]], text: Bool)
  /// Rows of `length` elements each, laid flat.
  case fixedList(ParquetColumn, length: Int)
  /// Rows of any number of elements, laid flat, and how many each row has.
  case list(ParquetColumn, lengths: [Int])
  case structure([(name: String, values: ParquetColumn)])
  /// A column that is null where `valid` is false; it holds a value there nevertheless.
  case optional(ParquetColumn, valid: [Bool])

  package static func float32(_ values: [Float]) -> Self { .numbers("f", values) }
  package static func float64(_ values: [Double]) -> Self { .numbers("g", values) }
  package static func int8(_ values: [Int8]) -> Self { .numbers("c", values) }
  package static func int16(_ values: [Int16]) -> Self { .numbers("s", values) }
  package static func int32(_ values: [Int32]) -> Self { .numbers("i", values) }
  package static func int64(_ values: [Int]) -> Self { .numbers("l", values) }
  package static func uint8(_ values: [UInt8]) -> Self { .numbers("C", values) }
  package static func uint16(_ values: [UInt16]) -> Self { .numbers("S", values) }
  package static func uint32(_ values: [UInt32]) -> Self { .numbers("I", values) }
  package static func uint64(_ values: [UInt64]) -> Self { .numbers("L", values) }
  package static func string(_ values: [String]) -> Self {
    .bytes(values.map { Array($0.utf8) }, text: true)
  }

  /// Rows of an array of this shape each, laid flat: nested lists but for a shape of [n].
  package static func array(_ values: ParquetColumn, shape: [Int]) -> Self {
    if shape.count == 1 { return .fixedList(values, length: shape[0]) }
    return shape.reversed().reduce(values) { inner, length in
      .list(inner, lengths: [Int](repeating: length, count: length > 0 ? inner.count / length : 0))
    }
  }

  private static func numbers<T>(_ format: String, _ values: [T]) -> Self {
    .numbers(
      format: format, count: values.count,
      bytes: values.withUnsafeBytes { Array($0) })
  }

  /// Rows.
  package var count: Int {
    switch self {
    case .numbers(_, let count, _): count
    case .bool(let values): values.count
    case .bytes(let values, _): values.count
    case .fixedList(let elements, let length): length > 0 ? elements.count / length : 0
    case .list(_, let lengths): lengths.count
    case .structure(let members): members.first?.values.count ?? 0
    case .optional(let values, _): values.count
    }
  }
}
