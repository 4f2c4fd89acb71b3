import Foundation
import Platform

/// A JSON document whose keys at one depth are numbers, "0", "1", …, and what they were.
///
/// Foundation's decoder takes keys for one that differ in their bytes and look alike; under numbers
/// none is lost. What is no JSON stays none.
struct NumberedKeys {
  private(set) var json = Data()
  private(set) var names: [String] = []
  private let depth: Int

  /// - Parameter depth: 1 for the keys of the document itself.
  /// - Returns: nil where a key is no text.
  init?(_ bytes: UnsafeRawBufferPointer, depth: Int) {
    self.depth = depth
    var (level, position, copied) = (0, 0, 0)
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): level += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): level -= 1
      case UInt8(ascii: "\""):
        let start = position
        position = Self.end(ofStringAt: start, bytes)
        guard position < bytes.count else { break }  // not JSON
        let next = bytes[(position + 1)...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard level == depth, next == UInt8(ascii: ":") else { break }
        guard let name = try? JSONDecoder().decode(String.self, from: Data(bytes[start...position]))
        else { return nil }
        json += bytes[copied..<start]
        json += Data("\"\(names.count)\"".utf8)
        copied = position + 1
        names.append(name)
      default: break
      }
      position += 1
    }
    json += bytes[copied...]
  }

  /// Where the closing quotation mark is, else the end of the bytes.
  private static func end(ofStringAt start: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
    var position = start + 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(position, bytes.count)
  }

  /// What is wrong with the document, in words.
  func fault(_ error: any Error) -> String {
    jsonFault(error) { level, key in level == depth - 1 ? name(key) : nil }
  }

  private func name(_ key: any CodingKey) -> String? { name(key.stringValue) }

  /// What a numbered key was.
  func name(_ key: String) -> String? {
    Int(key).flatMap { names.indices.contains($0) ? names[$0] : nil }
  }
}
