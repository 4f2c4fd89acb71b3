import Foundation
import Testing

import Tokenizers

/// Against the Python libraries, on the hard texts of corpus.py.
@Suite struct ParityTests {
  struct Expected: Decodable {
    var single: [String], decoded: [String], decodedWhole: [String]
    var pair: [String], pairTypes: [String], cut: [String]
    var stored: String
    var size: Int
  }

  @Test(arguments: ["uncased", "cased", "simple"])
  func everyTextGivesTheSameIDs(name: String) throws {
    let texts = try Fixture.read("corpus.json", as: [String].self)
    let expected = try Fixture.read("\(name)-ids.json", as: Expected.self)
    let tokenizer = try Tokenizer(file: Fixture.path("\(name).json"))
    #expect(texts.count == 1000 && expected.single.count == 1000)
    #expect(tokenizer.vocabularySize == expected.size)
    for (index, text) in texts.enumerated() {
      let ids = try tokenizer.encode(text).ids
      #expect(ids == Fixture.ids(expected.single[index]), "text \(index)")
      #expect(try Fixture.fnv(tokenizer.decode(ids)) == expected.decoded[index], "text \(index)")
      let whole = try tokenizer.decode(ids, skipSpecialTokens: false)
      #expect(Fixture.fnv(whole) == expected.decodedWhole[index], "text \(index)")
    }
    for index in 0..<100 {
      let (first, second) = (texts[index], texts[index + 100])
      let pair = try tokenizer.encode(first, pair: second)
      #expect(pair.ids == Fixture.ids(expected.pair[index]), "pair \(index)")
      let types = pair.typeIDs.map(String.init).joined()
      #expect(types == expected.pairTypes[index], "pair \(index)")
      let cut = try tokenizer.encode(first, pair: second, maxLength: 9)
      #expect(cut.ids == Fixture.ids(expected.cut[index]), "pair \(index)")
    }
  }

  @Test func storedTruncationAndPaddingApplyOnlyWhenAsked() throws {
    let texts = try Fixture.read("corpus.json", as: [String].self)
    let expected = try Fixture.read("uncased-ids.json", as: Expected.self)
    let tokenizer = try Tokenizer(file: Fixture.path("uncased.json"))
    #expect(tokenizer.storedTruncation == Truncation(maxLength: 20))
    let padding = try #require(tokenizer.storedPadding)
    #expect(padding == Padding(length: .fixed(24), id: tokenizer.padID))
    let batch = try tokenizer.encodeBatch(
      [texts[40]], truncation: tokenizer.storedTruncation, padding: padding)
    #expect(batch.ids == [Fixture.ids(expected.stored)])
    #expect(batch.ids[0].count == 24)
  }

  @Test func aVocabularyFileGivesWhatBertTokenizerGives() throws {
    struct Expected: Decodable { var ids: [String], mask: [String] }
    let texts = try Fixture.read("corpus.json", as: [String].self)
    let expected = try Fixture.read("vocab-ids.json", as: Expected.self)
    let tokenizer = try Tokenizer(folder: Fixture.path("vocab"))
    #expect(tokenizer.padID == tokenizer.id(of: "[MASK]"))
    let batch = try tokenizer.encodeBatch(Array(texts[..<300]), maxLength: 32)
    for index in 0..<300 {
      #expect(batch.ids[index] == Fixture.ids(expected.ids[index]), "text \(index)")
      let mask = batch.attentionMask[index].map(String.init).joined()
      #expect(mask == expected.mask[index], "text \(index)")
    }
  }

  @Test func everyScalarGoesThroughEveryPartAlike() throws {
    struct Table: Decodable {
      var tokenizer: AnyJSON
      var hashes: [String]
    }
    let tables = try Fixture.read("scalars.json", as: [String: Table].self).mapValues {
      (try Tokenizer(file: try Fixture.write($0.tokenizer.text)), $0)
    }
    for plane in UInt32(0)..<17 {
      var scalars = String.UnicodeScalarView()
      for value in plane << 16..<(plane + 1) << 16 {
        guard let scalar = Unicode.Scalar(value) else { continue }
        scalars.append(scalar)
        scalars.append("a")
        scalars.append(scalar)
      }
      let text = String(scalars)
      for (name, (tokenizer, table)) in tables {
        let isSplitter = table.tokenizer.text.contains("\"pre_tokenizer\":{")
        let result =
          isSplitter
          ? try tokenizer.words(text).joined(separator: "\0") : try tokenizer.normalized(text)
        #expect(Fixture.fnv(result) == table.hashes[Int(plane)], "\(name), plane \(plane)")
      }
    }
  }

  /// A JSON value kept as text.
  struct AnyJSON: Decodable {
    var text: String

    init(from decoder: any Swift.Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        text = "null"
      } else if let value = try? container.decode(Bool.self) {
        text = "\(value)"
      } else if let value = try? container.decode(Int.self) {
        text = "\(value)"
      } else if let value = try? container.decode(String.self) {
        text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
      } else if let value = try? container.decode([AnyJSON].self) {
        text = "[" + value.map(\.text).joined(separator: ",") + "]"
      } else {
        let members = try container.decode([String: AnyJSON].self)
        text = "{" + members.map { "\"\($0)\":\($1.text)" }.joined(separator: ",") + "}"
      }
    }
  }
}
