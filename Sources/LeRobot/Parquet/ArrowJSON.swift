extension ArrowColumn {
  /// The value at a position as JSON: numbers, texts, lists and structs as they are, bytes as their
  /// number.
  func json(_ i: Int) throws -> JSON {
    if isNull(i) { return .null }
    switch type {
    case .list(let element, let wide):
      let (from, to) = wide ? bounds(i, Int64.self) : bounds(i, Int32.self)
      let inner = child(0, element, from..<to)
      return .array(try (from..<to).map(inner.json))
    case .fixedList(let element, let width):
      let from = physical(i) * width
      let inner = child(0, element, from..<from + width)
      return .array(try (from..<from + width).map(inner.json))
    case .structure(let members, let order):
      let values = try order.enumerated().map { index, name in
        (
          key: name,
          value: try child(index, members[name]!, physical(i)..<physical(i) + 1).json(physical(i))
        )
      }
      return .object(JSONObject(values))
    case .bool:
      return .bool(bit(buffer(1, of: UInt8.self)!, physical(i)))
    case .bytes(_, let text):
      return try bytes(i) {
        text ? .string(String(decoding: $0, as: UTF8.self)) : .object(["bytes": .integer($0.count)])
      }
    case .dictionary(_, let values) where values.isText:
      return try bytes(i) { .string(String(decoding: $0, as: UTF8.self)) }
    case .dictionary(let index, let values) where values.isNumber:
      var positions: [Int] = [], nulls = 0
      _ = try ArrowColumn(type: index, array: array, range: i..<i + 1)
        .appendNumbers(to: &positions, nulls: &nulls)
      let dictionary = UnsafePointer(array.pointee.dictionary!)
      let all = 0..<Int(dictionary.pointee.length)
      guard all.contains(positions[0]) else {
        throw ColumnProblem("has no value \(positions[0]) in its dictionary, row \(origin + i)")
      }
      return try ArrowColumn(type: values, array: dictionary, range: all).json(positions[0])
    case .float32:
      // The shortest decimal that reads back as the same number.
      let value = buffer(1, of: Float.self)![physical(i)]
      return .number(Double("\(value)") ?? Double(value))
    case .float16, .float64:
      var values: [Double] = [], nulls = 0
      _ = try one(i).appendNumbers(to: &values, nulls: &nulls)
      return .number(values[0])
    case .uint64: return JSON(buffer(1, of: UInt64.self)![physical(i)])
    case .other: return .string("\(type)")
    default:
      var values: [Int] = [], nulls = 0
      _ = try one(i).appendNumbers(to: &values, nulls: &nulls)
      return .integer(values[0])
    }
  }

  private func one(_ i: Int) -> ArrowColumn {
    ArrowColumn(type: type, array: array, range: i..<i + 1, origin: origin)
  }

  private func bytes(_ i: Int, _ body: (UnsafeRawBufferPointer) -> JSON) throws -> JSON {
    var result = JSON.null
    try one(i).forEachBytes { _, bytes in if let bytes { result = body(bytes) } }
    return result
  }

  private func bounds<Offset: BinaryInteger>(_ i: Int, _: Offset.Type) -> (Int, Int) {
    guard let offsets = buffer(1, of: Offset.self) else { return (0, 0) }
    return (Int(offsets[physical(i)]), Int(offsets[physical(i) + 1]))
  }
}
