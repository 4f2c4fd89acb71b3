/// Numbers in base 32, least significant digit first: make_unicode_tables.py's `varint`.
struct CodedNumbers {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  init(_ text: StaticString) {
    bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  var isAtEnd: Bool { index == bytes.count }

  mutating func next() -> Int {
    var value = 0
    var shift = 0
    while true {
      let digit = Self.digit(bytes[index])
      index += 1
      value |= (digit & 31) << shift
      if digit < 32 { return value }
      shift += 5
    }
  }

  mutating func nextSigned() -> Int {
    let value = next()
    return value & 1 == 0 ? value / 2 : -(value / 2) - 1
  }

  /// The set that a text codes, as ascending ranges.
  static func ranges(_ text: StaticString) -> [Range<UInt32>] {
    var reader = CodedNumbers(text)
    var ranges: [Range<UInt32>] = []
    var end = 0
    while !reader.isAtEnd {
      let start = end + reader.next()
      end = start + reader.next() + 1
      ranges.append(UInt32(start)..<UInt32(end))
    }
    return ranges
  }

  private static func digit(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48 + 52
    case UInt8(ascii: "-"): 62
    default: 63
    }
  }
}
