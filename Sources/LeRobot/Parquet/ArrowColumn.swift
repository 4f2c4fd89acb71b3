import CArrow

/// A part of one column in Arrow's buffers, valid while its batch is.
struct ArrowColumn {
  let type: ArrowType
  let array: UnsafePointer<ArrowArray>
  /// Logical positions, before the array's own offset.
  let range: Range<Int>
  /// The row of the file at position 0, for messages.
  let origin: Int

  init(type: ArrowType, array: UnsafePointer<ArrowArray>, range: Range<Int>, origin: Int = 0) {
    self.type = type
    self.array = array
    self.range = range
    self.origin = origin
  }

  /// What this position is in the buffers.
  func physical(_ i: Int) -> Int { i + Int(array.pointee.offset) }

  func buffer<T>(_ index: Int, of: T.Type) -> UnsafePointer<T>? {
    array.pointee.buffers[index]?.assumingMemoryBound(to: T.self)
  }

  func isNull(_ i: Int) -> Bool {
    if case .null = type { return true }
    guard array.pointee.null_count != 0, let bits = buffer(0, of: UInt8.self) else { return false }
    return !bit(bits, physical(i))
  }

  func bit(_ bits: UnsafePointer<UInt8>, _ i: Int) -> Bool {
    bits[i >> 3] & (1 << UInt8(i & 7)) != 0
  }

  func child(_ i: Int, _ type: ArrowType, _ range: Range<Int>) -> ArrowColumn {
    ArrowColumn(type: type, array: UnsafePointer(array.pointee.children[i]!), range: range)
  }

  var firstNull: Int? {
    guard array.pointee.null_count != 0 else { return nil }
    return range.first(where: isNull)
  }

  // MARK: Numbers

  /// Appends the numbers of every row, lists laid flat; returns how many a row holds. Null becomes
  /// NaN, or 0 for integers, and is counted by `nulls`. Throws a phrase that says what is wrong.
  func appendNumbers<T: HostNumber>(to out: inout [T], nulls: inout Int) throws -> Int {
    switch type {
    case .list(let element, let wide):
      let offsets = wide ? bounds(Int64.self) : bounds(Int32.self)
      guard !range.isEmpty, let first = offsets.first, let last = offsets.last else { return 0 }
      let width = offsets[1] - first
      if let row = zip(offsets, offsets.dropFirst()).enumerated()
        .first(where: { $0.element.1 - $0.element.0 != width })?.offset
      {
        if let null = firstNull { throw ColumnProblem("is null in row \(origin + null)") }
        throw ColumnProblem(
          "holds \(offsets[row + 1] - offsets[row]) values in row \(origin + range.lowerBound + row) where others hold \(width)"
        )
      }
      if firstNull != nil { nulls += 1 }
      let inner = try child(0, element, first..<last).appendNumbers(to: &out, nulls: &nulls)
      return width * inner
    case .fixedList(let element, let width):
      if firstNull != nil { nulls += 1 }
      let from = physical(range.lowerBound) * width, to = physical(range.upperBound) * width
      return try width * child(0, element, from..<to).appendNumbers(to: &out, nulls: &nulls)
    case .bool:
      let bits = buffer(1, of: UInt8.self)
      for i in range { out.append(T(integer: bit(bits!, physical(i)) ? 1 : 0)!) }
    case .int8: try append(Int8.self, to: &out)
    case .uint8: try append(UInt8.self, to: &out)
    case .int16: try append(Int16.self, to: &out)
    case .uint16: try append(UInt16.self, to: &out)
    case .int32: try append(Int32.self, to: &out)
    case .uint32: try append(UInt32.self, to: &out)
    case .int64: try append(Int64.self, to: &out)
    case .uint64: try append(UInt64.self, to: &out)
    case .float16: try append(floating: Float16.self, to: &out)
    case .float32: try append(floating: Float.self, to: &out)
    case .float64: try append(floating: Double.self, to: &out)
    case .dictionary(let index, let values) where values.isNumber:
      try appendNumbers(of: index, values, to: &out)
    default: throw ColumnProblem("holds \(type), numbers are wanted")
    }
    if firstNull != nil {
      let start = out.count - range.count
      for i in range where isNull(i) {
        out[start + i - range.lowerBound] = T.missing
        nulls += 1
      }
    }
    return 1
  }

  /// Appends the numbers of a dictionary-encoded column; those of null rows mean nothing.
  private func appendNumbers<T: HostNumber>(
    of index: ArrowType, _ values: ArrowType, to out: inout [T]
  ) throws {
    var positions: [Int] = [], numbers: [T] = [], nulls = 0
    _ = try ArrowColumn(type: index, array: array, range: range)
      .appendNumbers(to: &positions, nulls: &nulls)
    let dictionary = UnsafePointer(array.pointee.dictionary!)
    let all = 0..<Int(dictionary.pointee.length)
    _ = try ArrowColumn(type: values, array: dictionary, range: all)
      .appendNumbers(to: &numbers, nulls: &nulls)
    for (row, position) in zip(range, positions) {
      guard all.contains(position) else {
        if isNull(row) {
          out.append(T.missing)
          continue
        }
        throw ColumnProblem("has no value \(position) in its dictionary, row \(origin + row)")
      }
      out.append(numbers[position])
    }
  }

  private func append<S: BinaryInteger, T: HostNumber>(_: S.Type, to out: inout [T]) throws {
    guard let values = buffer(1, of: S.self) else { return }
    for i in range {
      guard let value = T(integer: values[physical(i)]) else {
        if isNull(i) {
          out.append(T.missing)
          continue
        }
        throw ColumnProblem(
          "holds \(values[physical(i)]) in row \(origin + i), at most \(Int.max) is wanted")
      }
      out.append(value)
    }
  }

  private func append<S: BinaryFloatingPoint, T: HostNumber>(
    floating: S.Type, to out: inout [T]
  ) throws {
    guard let values = buffer(1, of: S.self) else { return }
    for i in range {
      guard let value = T(floating: values[physical(i)]) else {
        if isNull(i) {
          out.append(T.missing)
          continue
        }
        throw ColumnProblem(
          "holds \(values[physical(i)]) in row \(origin + i), a whole number is wanted")
      }
      out.append(value)
    }
  }

  /// The list boundaries of the range: one more than it has rows.
  private func bounds<Offset: BinaryInteger>(_: Offset.Type) -> [Int] {
    guard let offsets = buffer(1, of: Offset.self) else { return [] }
    return (range.lowerBound...range.upperBound).map { Int(offsets[physical($0)]) }
  }

  /// The lengths of the lists in the first row, outermost first; none for a scalar.
  func firstShape() -> [Int] {
    guard !range.isEmpty else { return [] }
    switch type {
    case .list(let element, let wide):
      let first = ArrowColumn(
        type: type, array: array, range: range.lowerBound..<range.lowerBound + 1)
      let offsets = wide ? first.bounds(Int64.self) : first.bounds(Int32.self)
      guard offsets.count == 2 else { return [0] }
      return [offsets[1] - offsets[0]] + child(0, element, offsets[0]..<offsets[1]).firstShape()
    case .fixedList(let element, let width):
      let from = physical(range.lowerBound) * width
      return [width] + child(0, element, from..<from + width).firstShape()
    default: return []
    }
  }

  // MARK: Text and bytes

  /// Calls `body` with each row's bytes, nil for null; a struct gives its member `bytes`.
  func forEachBytes(_ body: (Int, UnsafeRawBufferPointer?) throws -> Void) throws {
    switch type {
    case .bytes(let wide, _):
      let offsets = wide ? bounds(Int64.self) : bounds(Int32.self)
      let data = UnsafeRawPointer(buffer(2, of: UInt8.self))
      for (row, (from, to)) in zip(range, zip(offsets, offsets.dropFirst())) {
        let bytes = UnsafeRawBufferPointer(
          start: data.map { $0 + from }, count: data == nil ? 0 : to - from)
        try body(row, isNull(row) ? nil : bytes)
      }
    case .structure(let members, let order):
      guard let index = order.firstIndex(of: "bytes") else {
        throw ColumnProblem("holds \(type), a struct with a member 'bytes' is wanted")
      }
      let from = physical(range.lowerBound), to = physical(range.upperBound)
      try child(index, members["bytes"]!, from..<to).forEachBytes { row, bytes in
        try body(row - Int(array.pointee.offset), bytes)
      }
    case .dictionary(let index, let values):
      var positions: [Int] = [], nulls = 0
      _ = try ArrowColumn(type: index, array: array, range: range)
        .appendNumbers(to: &positions, nulls: &nulls)
      let dictionary = UnsafePointer(array.pointee.dictionary!)
      for (row, position) in zip(range, positions) {
        if isNull(row) {
          try body(row, nil)
        } else {
          let one = ArrowColumn(type: values, array: dictionary, range: position..<position + 1)
          try one.forEachBytes { _, bytes in try body(row, bytes) }
        }
      }
    default: throw ColumnProblem("holds \(type), bytes are wanted")
    }
  }

  /// Appends each row's list of texts; a text alone is a list of one.
  func appendTextLists(to out: inout [[String]]) throws {
    func text(_ bytes: UnsafeRawBufferPointer?) -> [String] {
      bytes.map { [String(decoding: $0, as: UTF8.self)] } ?? []
    }
    guard case .list(let element, let wide) = type else {
      return try forEachBytes { _, bytes in out.append(text(bytes)) }
    }
    let offsets = wide ? bounds(Int64.self) : bounds(Int32.self)
    for (row, (from, to)) in zip(range, zip(offsets, offsets.dropFirst())) {
      var texts: [String] = []
      if !isNull(row) {
        try child(0, element, from..<to).forEachBytes { _, bytes in texts += text(bytes) }
      }
      out.append(texts)
    }
  }
}

extension ArrowColumn {
  /// The numbers that a member of the structs in the rows' lists holds; null is NaN. Throws a phrase that says
  /// what is wrong.
  func memberNumbers(_ name: String) throws -> [Double] {
    guard case .list(.structure(let members, let order), wide: false) = type,
      let index = order.firstIndex(of: name)
    else { throw ColumnProblem("holds \(type), lists of structs with \(name) are wanted") }
    let offsets = bounds(Int32.self)
    guard let first = offsets.first, let last = offsets.last else { return [] }
    let structs = child(0, type.leaf, first..<last)
    var numbers: [Double] = [], nulls = 0
    let part = structs.physical(first)..<structs.physical(last)
    _ = try structs.child(index, members[name]!, part).appendNumbers(to: &numbers, nulls: &nulls)
    return numbers
  }
}

/// What is wrong with a column, to be completed with the file's and column's names.
struct ColumnProblem: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

/// A number of the host that columns of any numeric type convert to.
package protocol HostNumber: Sendable {
  /// Nil where a whole number is out of range.
  init?<S: BinaryInteger>(integer: S)
  init?<S: BinaryFloatingPoint>(floating: S)
  static var missing: Self { get }
}

extension Float: HostNumber {
  package init?<S: BinaryInteger>(integer: S) { self.init(integer) }
  package init?<S: BinaryFloatingPoint>(floating: S) { self.init(floating) }
  package static var missing: Float { .nan }
}

extension Double: HostNumber {
  package init?<S: BinaryInteger>(integer: S) { self.init(integer) }
  package init?<S: BinaryFloatingPoint>(floating: S) { self.init(floating) }
  package static var missing: Double { .nan }
}

extension Int: HostNumber {
  package init?<S: BinaryInteger>(integer: S) { self.init(exactly: integer) }
  package init?<S: BinaryFloatingPoint>(floating: S) { self.init(exactly: floating) }
  package static var missing: Int { 0 }
}
