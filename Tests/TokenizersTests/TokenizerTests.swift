import Foundation
import Testing

import Tokenizers

@Suite struct TokenizerTests {
  /// A tokenizer over a vocabulary of eleven tokens, ids in their order.
  func tokenizer(
    vocabulary: [String] = [
      "[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "##a", "the", ".", "e\u{301}",
    ], added: String = "", rest: String = ""
  ) throws -> Tokenizer {
    let entries = vocabulary.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let text = """
      {"version": "1.0", "added_tokens": [\(added)],
       "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}\(rest),
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                 "max_input_chars_per_word": 10, "vocab": {\(entries)}}}
      """
    return try Tokenizer(file: try Fixture.write(text))
  }

  func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "(no error)"
  }

  @Test func theLongestPiecesCoverAWord() throws {
    let tokenizer = try tokenizer()
    #expect(try tokenizer.encode("Unaffable", addSpecialTokens: false).ids == [4, 5, 6])
    #expect(try tokenizer.encode("unaffable the.").ids == [2, 4, 5, 6, 8, 9, 3])
    #expect(try tokenizer.encode("unx theunaaaaaaaa unaaaaaaaa").ids[1...3] == [1, 1, 4])
    #expect(try tokenizer.decode([4, 5, 6, 8, 9, 99]) == "unaffable the.")
    #expect(try tokenizer.decode([4, 4]) == "un un")
  }

  @Test func aVocabularyIsKeyedByBytes() throws {
    // é in one scalar is equal, for a Swift String, to the token e + U+0301.
    let tokenizer = try tokenizer()
    #expect(try tokenizer.encode("e\u{301}", addSpecialTokens: false).ids == [10])
    #expect(try tokenizer.encode("\u{e9}", addSpecialTokens: false).ids == [1])
    #expect(tokenizer.id(of: "e\u{301}") == 10 && tokenizer.id(of: "\u{e9}") == nil)
    #expect(tokenizer.token(of: 5) == "##aff" && tokenizer.token(of: 50) == nil)
    #expect(tokenizer.vocabularySize == 11)
  }

  @Test func addedTokensAreFoundInTheText() throws {
    func added(_ content: String, _ options: String = "") -> String {
      "{\"id\": 11, \"content\": \"\(content)\", \"special\": false\(options)}"
    }
    let strips = try tokenizer(added: added("<x>", ", \"lstrip\": true, \"rstrip\": true"))
    #expect(try strips.encode("the \t<X>  the", addSpecialTokens: false).ids == [8, 11, 8])
    let whole = try tokenizer(added: added("able", ", \"single_word\": true"))
    #expect(try whole.encode("unable able.", addSpecialTokens: false).ids == [4, 6, 11, 9])
    let raw = try tokenizer(added: added("The", ", \"normalized\": false"))
    #expect(try raw.encode("The the", addSpecialTokens: false).ids == [11, 8])
    #expect(raw.vocabularySize == 12)
  }

  @Test func textsAreCutAndPadded() throws {
    let tokenizer = try tokenizer()
    #expect(try tokenizer.encode("the the the the", maxLength: 4).ids == [2, 8, 8, 3])
    let left = Truncation(maxLength: 3, side: .left)
    #expect(try tokenizer.encode("the un", truncation: left).ids == [2, 4, 3])
    #expect(try tokenizer.encode("the", maxLength: 1).ids == [2, 3])
    let batch = try tokenizer.encodeBatch(["the", "the un the"])
    #expect(batch.ids == [[2, 8, 3, 0, 0], [2, 8, 4, 8, 3]])
    #expect(batch.attentionMask == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    #expect(batch.typeIDs == [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    let wide = try tokenizer.encodeBatch(
      ["the"], truncation: nil, padding: Padding(side: .left, multiple: 4, id: 7))
    #expect(wide.ids == [[7, 2, 8, 3]] && wide.attentionMask == [[0, 1, 1, 1]])
    #expect(try tokenizer.encodeBatch([]).ids.isEmpty)
  }

  @Test func oneErrorListsAllThatIsNotSupported() throws {
    let path = try Fixture.write(
      """
      {"normalizer": {"type": "Sequence", "normalizers": [
         {"type": "Uppercase"}, {"type": "NFC"}, {"type": "Replace", "content": "",
          "pattern": {"Regex": "(a"}}]},
       "pre_tokenizer": {"type": "UnicodeScripts"}, "decoder": {"type": "Sequence", "decoders": [
         {"type": "Rot13"}, {"type": "Fuse"}]},
       "post_processor": {"type": "ELMoProcessing"}, "model": {"type": "Neural"}}
      """)
    let text = message { _ = try Tokenizer(file: path) }
    #expect(
      text.hasPrefix(
        "\(path): not understood: normalizer Uppercase; normalizer Replace's expression (a "
          + "(missing closing parenthesis); pre-tokenizer UnicodeScripts; post-processor "
          + "ELMoProcessing; decoder Rot13; model Neural. Supported: models BPE, Unigram, "))
    #expect(!text.contains("\n"))
  }

  @Test func brokenFilesAreNamed() throws {
    let cut = try Fixture.write("{\"model\": ")
    #expect(
      message { _ = try Tokenizer(file: cut) }
        == "\(cut): is not JSON: the text ends early, at byte 10.")
    let deep = try Fixture.write(String(repeating: "[", count: 10_000))
    #expect(message { _ = try Tokenizer(file: deep) }.contains("nested too deeply"))
    let none = try Fixture.write("{}", name: "other.json")
    let folder = (none as NSString).deletingLastPathComponent
    #expect(
      message { _ = try Tokenizer(folder: folder) }.contains(
        "no tokenizer.json, no vocab.json with merges.txt and no vocab.txt"))
    let few = try Fixture.write("[PAD]\n[UNK]\n", name: "vocab.txt")
    let few2 = (few as NSString).deletingLastPathComponent
    #expect(message { _ = try Tokenizer(folder: few2) }.contains("lacks [SEP], [CLS];"))
    #expect(
      message { _ = try tokenizer(vocabulary: ["a"]) }.contains(
        "unk_token [UNK] is not in the vocabulary"))
  }
}
