extension ArrowColumn {
  /// The value at a logical position, of whatever type: for metadata, whose columns are not known
  /// beforehand.
  ///
  /// - Throws: `ColumnProblem` where it has no counterpart in JSON.
  func json(at i: Int) throws -> JSON {
    if isNull(i) { return .null }
    switch type {
    case .bool: return .bool(bit(buffer(1, of: UInt8.self)!, physical(i)))
    case .int8: return integer(i, Int8.self)
    case .uint8: return integer(i, UInt8.self)
    case .int16: return integer(i, Int16.self)
    case .uint16: return integer(i, UInt16.self)
    case .int32: return integer(i, Int32.self)
    case .uint32: return integer(i, UInt32.self)
    case .int64: return integer(i, Int64.self)
    case .uint64: return integer(i, UInt64.self)
    case .float16: return .number(Double(buffer(1, of: Float16.self)![physical(i)]))
    case .float32: return .number(Double(buffer(1, of: Float.self)![physical(i)]))
    case .float64: return .number(buffer(1, of: Double.self)![physical(i)])
    case .bytes(_, true), .dictionary:
      var text: String?
      try ArrowColumn(type: type, array: array, range: i..<i + 1, origin: origin).forEachBytes {
        text = $1.map { String(decoding: $0, as: UTF8.self) }
      }
      return text.map(JSON.string) ?? .null
    case .list(let element, let wide):
      let range = wide ? bounds(i, Int64.self) : bounds(i, Int32.self)
      return try elements(element, range)
    case .fixedList(let element, let width):
      return try elements(element, physical(i) * width..<(physical(i) + 1) * width)
    case .structure(let members, let order):
      return .object(
        JSONObject(
          try order.enumerated().map { place, name in
            let range = physical(i)..<physical(i) + 1
            let member = child(place, members[name]!, range)
            return (key: name, value: try member.json(at: physical(i)))
          }))
    default: throw ColumnProblem("holds \(type), which metadata cannot")
    }
  }

  private func elements(_ element: ArrowType, _ range: Range<Int>) throws -> JSON {
    let column = child(0, element, range)
    return .array(try range.map { try column.json(at: $0) })
  }

  private func bounds<Offset: BinaryInteger>(_ i: Int, _: Offset.Type) -> Range<Int> {
    let offsets = buffer(1, of: Offset.self)!
    return Int(offsets[physical(i)])..<Int(offsets[physical(i) + 1])
  }

  private func integer<T: BinaryInteger>(_ i: Int, _: T.Type) -> JSON {
    let value = buffer(1, of: T.self)![physical(i)]
    return Int(exactly: value).map(JSON.integer) ?? .number(Double(value))
  }
}
