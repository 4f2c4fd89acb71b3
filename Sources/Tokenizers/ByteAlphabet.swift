/// The visible scalar that stands for each byte in byte-level vocabularies, as GPT-2 chose them: the
/// printable ones of Latin-1 stand for themselves, the rest follow from U+0100 on.
enum ByteAlphabet {
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
      default:
        next += 1
        return next - 1
      }
    }
  }()

  /// The byte that each scalar below U+0144 stands for, −1 where none does.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  static func byte(of scalar: UInt32) -> UInt8? {
    guard scalar < bytes.count, bytes[Int(scalar)] >= 0 else { return nil }
    return UInt8(bytes[Int(scalar)])
  }

  /// The bytes that a token stands for; nil when a scalar of it stands for none.
  static func bytes(of token: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var isWhole = true
    token.forEachScalar { scalar, _ in
      if let byte = byte(of: scalar) { result.append(byte) } else { isWhole = false }
    }
    return isWhole ? result : nil
  }
}
