import Platform

/// A JSON value.
///
/// Foundation's reader refuses the NaN and Infinity that Python writes into statistics, and costs
/// several times as much a line; metadata of large datasets is a line an episode.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits.
  case integer(Int)
  /// A whole number from 2^63 to below 2^64.
  case unsigned(UInt64)
  /// Any other number.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)

  /// Numbers are equal by value, 3 and 3.0.
  package static func == (a: JSON, b: JSON) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.unsigned(let a), .unsigned(let b)): a == b
    case (.string(let a), .string(let b)): a.isSameName(b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: a.double != nil && a.double == b.double
    }
  }

  package subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// A whole number, 3.0 too.
  package var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }
  /// A whole number that is not negative.
  var uint64: UInt64? {
    if case .unsigned(let value) = self { return value }
    return int.flatMap(UInt64.init(exactly:))
  }
  var isNull: Bool { self == .null }

  /// What it is, for an error message.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value): "\"\(excerpt(value, 40))\""
    case .array: "an array"
    case .object: "an object"
    }
  }

  init(_ value: UInt64) { self = Int(exactly: value).map(JSON.integer) ?? .unsigned(value) }

  /// Reads one value that fills `bytes`; `file` and `line` name it in errors.
  ///
  /// - Parameter hasUniqueKeys: an object that has a key twice is an error; else the last value counts.
  package init(
    _ bytes: some Collection<UInt8>, file: String, line: Int? = nil, hasUniqueKeys: Bool = false
  ) throws {
    let value: JSON? = try bytes.withContiguousStorageIfAvailable {
      var parser = JSONParser(bytes: $0, file: file, line: line, hasUniqueKeys: hasUniqueKeys)
      return try parser.document()
    }
    self =
      try value ?? JSON(Array(bytes), file: file, line: line, hasUniqueKeys: hasUniqueKeys)
  }

  /// Reads a file of one value.
  package init(path: String) throws {
    self = try JSON(readBytes(path), file: path)
  }

  /// Calls `body` with each line's value and number, from 1; blank lines are skipped.
  package static func lines(of path: String, _ body: (JSON, Int) throws -> Void) throws {
    let bytes = try readBytes(path)
    var rest = bytes[...]
    var number = 0
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      try body(JSON(line, file: path, line: number), number)
    }
  }
}

/// A recursive-descent reader of RFC 8259, plus NaN, Infinity and -Infinity.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let file: String
  let line: Int?
  let hasUniqueKeys: Bool
  var position = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, file: String, line: Int?, hasUniqueKeys: Bool) {
    self.hasUniqueKeys = hasUniqueKeys
    self.bytes = bytes
    self.file = file
    self.line = line
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ wanted: String) -> DatasetError {
    let found = position < bytes.count ? "byte \(position)" : "its end"
    let place = line.map { "\(file):\($0)" } ?? file
    return DatasetError(place, "is not valid JSON: \(wanted) wanted at \(found)")
  }

  func repetition(_ keys: [String]) -> DatasetError {
    let key =
      keys.enumerated().first { i, key in keys[..<i].contains(where: key.isSameName) }?.element
      ?? ""
    return DatasetError(
      line.map { "\(file):\($0)" } ?? file, "has the key '\(key.prefix(40))' twice")
  }

  mutating func document() throws -> JSON {
    let result = try value()
    skipSpace()
    guard position == bytes.count else { throw failure("the end") }
    return result
  }

  mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  mutating func accept(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for i in 0..<count where bytes[position + i] != word.utf8Start[i] { return false }
    position += count
    return true
  }

  mutating func value() throws -> JSON {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    default: break
    }
    if accept("true") { return .bool(true) }
    if accept("false") { return .bool(false) }
    if accept("null") { return .null }
    if accept("NaN") { return .number(.nan) }
    if accept("Infinity") { return .number(.infinity) }
    if accept("-Infinity") { return .number(-.infinity) }
    return try number()
  }

  mutating func nested(_ body: (inout JSONParser) throws -> JSON) throws -> JSON {
    depth += 1
    guard depth <= 128 else { throw failure("fewer than 128 levels") }
    position += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  mutating func object() throws -> JSON {
    try nested { parser in
      var members: [(key: String, value: JSON)] = []
      parser.skipSpace()
      if parser.accept("}") { return .object([:]) }
      while true {
        parser.skipSpace()
        guard parser.current == UInt8(ascii: "\"") else { throw parser.failure("a key") }
        let key = try parser.string()
        parser.skipSpace()
        guard parser.accept(":") else { throw parser.failure("':'") }
        members.append((key, try parser.value()))
        parser.skipSpace()
        if parser.accept("}") {
          let object = JSONObject(members)
          if parser.hasUniqueKeys, object.count < members.count {
            throw parser.repetition(members.map(\.key))
          }
          return .object(object)
        }
        guard parser.accept(",") else { throw parser.failure("',' or '}'") }
      }
    }
  }

  mutating func array() throws -> JSON {
    try nested { parser in
      var elements: [JSON] = []
      parser.skipSpace()
      if parser.accept("]") { return .array(elements) }
      while true {
        elements.append(try parser.value())
        parser.skipSpace()
        if parser.accept("]") { return .array(elements) }
        guard parser.accept(",") else { throw parser.failure("',' or ']'") }
      }
    }
  }

  mutating func number() throws -> JSON {
    let start = position
    while let byte = current, isNumberByte(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if text.utf8.first != UInt8(ascii: "+") {
      if let value = Int(text), text != "-0" { return .integer(value) }
      if let value = UInt64(text) { return .unsigned(value) }
      if let value = Double(text) { return .number(value) }
    }
    position = start
    throw failure("a value")
  }

  func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  mutating func string() throws -> String {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      position += 1
    }
    if current == UInt8(ascii: "\"") {  // the usual case: no escape
      defer { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
    var units = Array(bytes[start..<position])
    while let byte = current {
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        try appendEscape(to: &units)
      } else {
        units.append(byte)
      }
    }
    throw failure("'\"'")
  }

  mutating func appendEscape(to units: inout [UInt8]) throws {
    guard let byte = current else { throw failure("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): units.append(0x0A)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "r"): units.append(0x0D)
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexUnit())
      if (0xD800..<0xDC00).contains(code), accept("\\u") {
        let low = UInt32(try hexUnit())
        code = 0x10000 &+ (code - 0xD800) << 10 &+ (low & 0x3FF)
      }
      units.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    default: throw failure("an escape")
    }
  }

  mutating func hexUnit() throws -> UInt16 {
    guard position + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits") }
    position += 4
    return unit
  }
}
