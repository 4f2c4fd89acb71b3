import Foundation

/// The files beside make_fixtures.py.
enum Fixture {
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  static func read<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let data = try Data(contentsOf: URL(fileURLWithPath: path(name)))
    return try JSONDecoder().decode(Value.self, from: data)
  }

  /// Ids as make_fixtures.py packs them: two characters each.
  static func ids(_ packed: String) -> [Int] {
    let digits = packed.utf8.map { byte -> Int in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 97 + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48 + 52
      case UInt8(ascii: "-"): 62
      default: 63
      }
    }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] * 64 + digits[$0 + 1] }
  }

  /// FNV-1a of the UTF-8 bytes in 16 hexadecimal digits.
  static func fnv(_ text: String) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Writes a `tokenizer.json` (or another file) in a folder of its own and returns its path.
  static func write(_ text: String, name: String = "tokenizer.json") throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tokenizers-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
