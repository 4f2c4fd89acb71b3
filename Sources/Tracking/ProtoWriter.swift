/// Bytes of a Protocol Buffers message, field by field.
struct ProtoWriter {
  private(set) var bytes: [UInt8] = []

  /// A field of wire type 0; booleans are 0 and 1.
  mutating func integer(_ field: Int, _ value: Int) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func string(_ field: Int, _ text: String) { data(field, Array(text.utf8)) }

  /// A message within the message.
  mutating func message(_ field: Int, _ body: (inout ProtoWriter) -> Void) {
    var inner = ProtoWriter()
    body(&inner)
    data(field, inner.bytes)
  }

  private mutating func data(_ field: Int, _ content: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(content.count))
    bytes += content
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
