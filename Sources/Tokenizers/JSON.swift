/// A JSON value with its strings as UTF-8 bytes: Swift's String would take two spellings of one
/// character for the same vocabulary key.
enum JSON: Sendable {
  case object([(key: [UInt8], value: JSON)])
  case array([JSON])
  case string([UInt8])
  case number(Double)
  case bool(Bool)
  case null

  /// The last value under `key`; nil in anything but an object.
  subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    let bytes = Array(key.utf8)
    return members.last { $0.key == bytes }?.value
  }

  var bytes: [UInt8]? { if case .string(let value) = self { value } else { nil } }
  var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  var isNull: Bool { if case .null = self { true } else { false } }
  var double: Double? { if case .number(let value) = self { value } else { nil } }
  var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
  /// A whole number from 0 that a token's id, or a length in tokens, can be.
  var id: Int? { integer.flatMap { (0..<Int(Int32.max)).contains($0) ? $0 : nil } }
  var members: [(key: [UInt8], value: JSON)]? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Why a text is not JSON, and at which byte.
  struct SyntaxError: Error {
    let reason: String, offset: Int
  }

  static func parse(_ text: [UInt8]) throws(SyntaxError) -> JSON {
    guard String(validating: text, as: UTF8.self) != nil else {
      throw SyntaxError(reason: "the text is not UTF-8", offset: 0)
    }
    var parser = JSONParser(text: text)
    return try parser.parseDocument()
  }
}

private struct JSONParser {
  let text: [UInt8]
  var index = 0
  private var depth = 0

  init(text: [UInt8]) {
    self.text = text
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  private func error(_ reason: String) -> JSON.SyntaxError {
    JSON.SyntaxError(reason: index >= text.count ? "the text ends early" : reason, offset: index)
  }

  mutating func parseDocument() throws(JSON.SyntaxError) -> JSON {
    let value = try parseValue()
    skipSpace()
    guard index == text.count else { throw error("there is more after the value") }
    return value
  }

  private mutating func skipSpace() {
    while index < text.count {
      let byte = text[index]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      index += 1
    }
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < text.count, text[index] == UInt8(ascii: byte) else { return false }
    index += 1
    return true
  }

  private mutating func parseValue() throws(JSON.SyntaxError) -> JSON {
    skipSpace()
    guard index < text.count else { throw error("") }
    switch text[index] {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    default: return try parseNumber()
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSON.SyntaxError)
    -> JSON
  {
    let end = index + word.utf8CodeUnitCount
    let isThere = word.withUTF8Buffer { end <= text.count && text[index..<end].elementsEqual($0) }
    guard isThere else { throw error("this is not a value") }
    index = end
    return value
  }

  private mutating func enter() throws(JSON.SyntaxError) {
    depth += 1
    index += 1
    guard depth <= 128 else { throw error("values are nested too deeply") }
  }

  private mutating func parseObject() throws(JSON.SyntaxError) -> JSON {
    try enter()
    var members: [(key: [UInt8], value: JSON)] = []
    if !take("}") {
      repeat {
        skipSpace()
        guard index < text.count, text[index] == UInt8(ascii: "\"") else {
          throw error("a key was wanted")
        }
        let key = try parseString()
        guard take(":") else { throw error("a colon was wanted") }
        members.append((key, try parseValue()))
      } while take(",")
      guard take("}") else { throw error("a comma or } was wanted") }
    }
    depth -= 1
    return .object(members)
  }

  private mutating func parseArray() throws(JSON.SyntaxError) -> JSON {
    try enter()
    var values: [JSON] = []
    if !take("]") {
      repeat { values.append(try parseValue()) } while take(",")
      guard take("]") else { throw error("a comma or ] was wanted") }
    }
    depth -= 1
    return .array(values)
  }

  private mutating func parseNumber() throws(JSON.SyntaxError) -> JSON {
    let start = index
    let allowed = Array("+-.0123456789eE".utf8)
    var end = index
    while end < text.count, allowed.contains(text[end]) { end += 1 }
    guard let value = Double(String(decoding: text[start..<end], as: UTF8.self)), value.isFinite
    else { throw error("this is not a value") }
    index = end
    return .number(value)
  }

  private mutating func parseString() throws(JSON.SyntaxError) -> [UInt8] {
    index += 1
    var result: [UInt8] = []
    while true {
      let start = index
      while index < text.count, text[index] >= 0x20, text[index] != UInt8(ascii: "\""),
        text[index] != UInt8(ascii: "\\")
      {
        index += 1
      }
      result += text[start..<index]
      guard index < text.count, text[index] >= 0x20 else {
        throw error("a control character in a string")
      }
      index += 1
      if text[index - 1] == UInt8(ascii: "\"") { return result }
      guard index < text.count else { throw error("") }
      index += 1
      switch text[index - 1] {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
        result.append(text[index - 1])
      case UInt8(ascii: "u"): result.append(utf8: try parseEscapedScalar())
      default: throw error("this escape is not JSON's")
      }
    }
  }

  private mutating func parseEscapedScalar() throws(JSON.SyntaxError) -> UInt32 {
    let first = try parseFourDigits()
    if first & 0xF800 != 0xD800 { return first }
    guard first < 0xDC00, index + 2 <= text.count, text[index] == UInt8(ascii: "\\"),
      text[index + 1] == UInt8(ascii: "u")
    else { throw error("half a surrogate pair") }
    index += 2
    let second = try parseFourDigits()
    guard second & 0xFC00 == 0xDC00 else { throw error("half a surrogate pair") }
    return 0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)
  }

  private mutating func parseFourDigits() throws(JSON.SyntaxError) -> UInt32 {
    let end = index + 4
    guard end <= text.count,
      text[index..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: text[index..<end], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits were wanted") }
    index = end
    return value
  }
}
