import Foundation
import Testing

import Tokenizers

/// Against the Python library: a tokenizer for each family of models, on the hard texts of corpus.py.
@Suite struct FamilyTests {
  /// Hashes as expected.py writes them, six characters each.
  struct Expected: Decodable {
    var single: String, pairs: String, cuts: String

    static let cuts = [(9, Side.right), (16, .right), (9, .left), (16, .left)]
  }

  static let families = [
    "bloom", "clip", "deepseek", "gemma", "gpt2", "llama", "llama-first", "llama3", "o200k",
    "partial",
    "qwen2", "qwen3.5", "roberta", "siglip", "t5", "word-ends", "words", "xlm-roberta",
  ]

  @Test(arguments: families)
  func everyTextGivesTheSame(family: String) throws {
    let texts = try Fixture.read("corpus.json", as: [String].self)
    let different = try differences(Fixture.path("families/\(family)"), texts)
    #expect(different.isEmpty, "\(family): \(different.prefix(5))")
    #expect(texts.count == 1000)
  }

  /// What transformers builds of the same files.
  @Test(arguments: ["clip", "gpt2", "qwen2", "roberta"])
  func vocabularyAndMergesGiveTheSame(family: String) throws {
    let texts = try Fixture.read("corpus.json", as: [String].self)
    let different = try differences(Fixture.path("merges/\(family)"), texts)
    #expect(different.isEmpty, "\(family): \(different.prefix(5))")
  }

  /// 6,000 texts for every family, and for every real vocabulary that a package ships.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECAP_TOKENIZERS_PYTHON"] != nil))
  func everyTextOfTheFullCheck() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tokenizers-check-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let python = Process()
    let path = ProcessInfo.processInfo.environment["RECAP_TOKENIZERS_PYTHON"]!
    python.executableURL = URL(fileURLWithPath: path)
    python.arguments = [Fixture.path("full_check.py"), folder]
    try python.run()
    python.waitUntilExit()
    try #require(python.terminationStatus == 0)
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/texts.json"))
    let texts = try JSONDecoder().decode([String].self, from: data)
    #expect(texts.count == 6000)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    for name in names where name != "texts.json" {
      let different = try differences("\(folder)/\(name)", texts)
      #expect(different.isEmpty, "\(name): \(different.prefix(5))")
      print("\(name): \(texts.count) texts, \(different.count) differ")
    }
    #expect(names.count > Self.families.count)
  }

  /// What is not as expected, by its number.
  func differences(_ folder: String, _ texts: [String]) throws -> [String] {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/expected.json"))
    let expected = try JSONDecoder().decode(Expected.self, from: data)
    let tokenizer = try Tokenizer(folder: folder)
    var different: [String] = []
    let single = Self.hashes(expected.single)
    for (index, text) in texts.enumerated() {
      let encoding = try tokenizer.encode(text)
      let decoded = try [true, false].map {
        Array(try tokenizer.decode(encoding.ids, skipSpecialTokens: $0).utf8)
      }
      let spelled = Self.spelled(encoding) + [0x7C] + decoded[0] + [0x7C] + decoded[1]
      if Self.short(spelled) != single[index] { different.append("text \(index)") }
      if try tokenizer.encodeFast(text).ids != encoding.ids { different.append("fast \(index)") }
    }
    let pairs = Self.hashes(expected.pairs)
    let cuts = Self.hashes(expected.cuts)
    for index in pairs.indices {
      let (first, second) = (texts[index], texts[index + pairs.count])
      let pair = try tokenizer.encode(first, pair: second)
      if Self.short(Self.spelled(pair)) != pairs[index] { different.append("pair \(index)") }
      for (place, (length, side)) in Expected.cuts.enumerated() {
        let cut = try tokenizer.encode(
          first, pair: second, truncation: Truncation(maxLength: length, side: side))
        if Self.short(Self.spelled(cut)) != cuts[place * pairs.count + index] {
          different.append("cut \(index) to \(length)")
        }
      }
    }
    return different
  }

  static func hashes(_ packed: String) -> [[UInt8]] {
    let bytes = Array(packed.utf8)
    return stride(from: 0, to: bytes.count, by: 6).map { Array(bytes[$0..<$0 + 6]) }
  }

  /// Mirrors `spelled` in expected.py.
  static func spelled(_ encoding: Encoding) -> [UInt8] {
    func numbers(_ values: [Int]) -> [UInt8] {
      Array(values.map(String.init).joined(separator: ",").utf8)
    }
    let words = encoding.wordIDs.map { $0.map(String.init) ?? "" }
    return Array(
      [
        numbers(encoding.ids), numbers(encoding.typeIDs),
        Array(encoding.tokens.map { Array($0.utf8) }.joined(separator: [0])),
        numbers(encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }),
        Array(words.joined(separator: ",").utf8), numbers(encoding.specialTokensMask),
      ].joined(separator: [0x7C]))
  }

  /// Mirrors `short` in expected.py: CRC-32.
  static func short(_ bytes: [UInt8]) -> [UInt8] {
    var value: UInt32 = .max
    for byte in bytes {
      value = crcTable[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
    }
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    return (0..<6).map { alphabet[Int(~value >> (6 * UInt32($0)) & 63)] }
  }

  private static let crcTable = (UInt32(0)..<256).map { byte in
    (0..<8).reduce(byte) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
  }
}
