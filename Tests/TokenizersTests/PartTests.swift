import Foundation
import Testing

import Tokenizers

/// Parts of `tokenizer.json` that files get wrong, or that few have.
@Suite struct PartTests {
  /// A BPE tokenizer over single letters and some merges, with other parts as given.
  func tokenizer(_ parts: String = "", model: String = "") throws -> Tokenizer {
    let tokens = [
      "<unk>", "a", "b", "c", "▁", "ab", "abc", "▁ab", "<0x0A>", "Ġ", "Ġa", "é", "e", "\\u0301",
    ]
    let vocabulary = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    return try Tokenizer(
      file: try Fixture.write(
        """
        {\(parts.isEmpty ? "" : parts + ",") "model": {"type": "BPE", "vocab": {\(vocabulary)},
         "merges": [["a", "b"], ["ab", "c"], ["▁", "ab"], "Ġ a"], "unk_token": "<unk>"\(model)}}
        """))
  }

  func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "(no error)"
  }

  @Test func mergesComeInTheirOrder() throws {
    let tokenizer = try tokenizer()
    #expect(try tokenizer.encode("abcab").ids == [6, 5])
    #expect(try tokenizer.encode("▁abc").ids == [4, 6])
    #expect(try tokenizer.encode("axxb").ids == [1, 0, 0, 2])
    #expect(try tokenizer.encode("axxb").offsets == [0..<1, 1..<2, 2..<3, 3..<4])
    // One scalar and two, which a Swift String holds for equal.
    #expect(try tokenizer.encode("\u{e9}e\u{301}").ids == [11, 12, 13])
    let fused = try self.tokenizer(model: ", \"fuse_unk\": true")
    #expect(try fused.encode("axxb").ids == [1, 0, 2] && fused.encode("axxb").offsets[1] == 1..<3)
    let bytes = try self.tokenizer(model: ", \"byte_fallback\": true")
    #expect(try bytes.encode("a\nx").ids == [1, 8, 0])
    let whole = try self.tokenizer(model: ", \"ignore_merges\": true")
    #expect(try whole.encode("▁ab").ids == [7] && whole.encode("▁abc").ids == [4, 6])
  }

  @Test func aLongWordTakesTheQueue() throws {
    // From 64 symbols on, merges wait in a queue: the same ids as the few at a time.
    let tokenizer = try tokenizer()
    let part = try tokenizer.encode("abcabxab").ids
    let text = String(repeating: "abcabxab", count: 1000)
    #expect(try tokenizer.encode(text).ids == Array(repeatElement(part, count: 1000).joined()))
  }

  @Test func metaspacePrependsByScheme() throws {
    func ids(_ scheme: String, _ text: String) throws -> [Int] {
      let metaspace =
        "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"\(scheme)\"}"
      return try tokenizer(
        """
        "added_tokens": [{"content": "<x>", "id": 14, "special": true}],
        "pre_tokenizer": \(metaspace)
        """
      ).encode(text).ids
    }
    #expect(try ids("always", "ab<x>ab") == [7, 14, 7])
    #expect(try ids("first", "ab<x>ab") == [7, 14, 5])
    #expect(try ids("never", "ab ab") == [5, 7])
  }

  @Test func offsetsCountScalarsOfTheGivenText() throws {
    let tokenizer = try tokenizer(
      """
      "normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": "ä"},
         "content": "ab"}, {"type": "Lowercase"}]}
      """)
    let encoding = try tokenizer.encode("ä💙ABc")
    #expect(encoding.ids == [7, 0, 6])
    #expect(encoding.offsets == [0..<1, 1..<2, 2..<5])
    #expect(encoding.tokens == ["▁ab", "<unk>", "abc"] && encoding.wordIDs == [0, 0, 0])
  }

  @Test(arguments: [
    (
      "\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}",
      "without rules"
    ),
    (
      "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {}, \"content\": \"\"}",
      "neither String"
    ),
    (
      "\"pre_tokenizer\": {\"type\": \"Split\", \"behavior\": \"Kept\", \"pattern\": {\"String\": \"a\"}}",
      "with behavior Kept"
    ),
    (
      "\"pre_tokenizer\": {\"type\": \"Split\", \"behavior\": \"Isolated\", \"invert\": false, "
        + "\"pattern\": {\"Regex\": \"[a&&b]\"}}", "&& within a class"
    ),
    (
      "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": "
        + "{\"id\": \"<s>\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}}",
      "special token <s> has no ids"
    ),
    ("\"decoder\": {\"type\": \"Strip\", \"content\": \"ab\"}", "decoder Strip without content"),
    ("\"truncation\": {\"max_length\": 3, \"strategy\": \"Middle\"}", "strategy Middle"),
    ("\"version\": \"2.0\"", "version 2.0"),
  ])
  func aWrongPartIsNamed(part: String, problem: String) throws {
    let text = message { _ = try tokenizer(part) }
    #expect(text.contains("not understood: ") && text.contains(problem) && !text.contains("\n"))
  }

  @Test(arguments: [
    ("{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}", "merge 1 has b"),
    ("{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a  b\"]}", "is not two tokens"),
    ("{\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}", "id of a is not a number"),
    ("{\"type\": \"BPE\", \"vocab\": [], \"merges\": []}", "the vocabulary is not an object"),
    ("{\"type\": \"BPE\", \"vocab\": {}, \"merges\": [], \"dropout\": 0.1}", "dropout"),
    ("{\"type\": \"Unigram\", \"vocab\": [[\"a\", 0.0]]}", "without an unk_id"),
    ("{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"a\"]]}", "vocab[0] is not a token"),
    ("{\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}}", "unk_token <unk> is not in"),
    ("null", "no model"),
  ])
  func aWrongModelIsNamed(model: String, problem: String) throws {
    let path = try Fixture.write("{\"model\": \(model)}")
    let text = message { _ = try Tokenizer(file: path) }
    #expect(text.hasPrefix("\(path): not understood: ") && text.contains(problem))
  }

  @Test func vocabularyAndMergesNameWhatTheyLack() throws {
    let vocabulary = try Fixture.write("{\"a\": 0, \"b\": 1, \"ab\": 2}", name: "vocab.json")
    let folder = (vocabulary as NSString).deletingLastPathComponent
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    try write("merges.txt", "#version: 0.2\na b\n")
    #expect(message { _ = try Tokenizer(folder: folder) }.contains("says of what class"))
    try write("config.json", "{\"model_type\": \"xlnet\"}")
    #expect(message { _ = try Tokenizer(folder: folder) }.contains("are of xlnet; those of CLIP"))
    try write("config.json", "{\"model_type\": \"clip\"}")
    #expect(message { _ = try Tokenizer(folder: folder) }.contains("lacks <|startoftext|>"))
    try write("config.json", "{\"model_type\": \"gpt2\"}")
    #expect(try Tokenizer(folder: folder).encode("abb").ids == [2, 1])
    try write("merges.txt", "a b\na c\n")
    #expect(message { _ = try Tokenizer(folder: folder) }.contains("merge 2 has c"))
    try write("merges.txt", "a b c\n")
    #expect(message { _ = try Tokenizer(folder: folder) }.contains("merges.txt:1: is not two"))
  }

  @Test func threadsShareATokenizer() async throws {
    let texts = try Fixture.read("corpus.json", as: [String].self)
    let tokenizer = try Tokenizer(folder: Fixture.path("families/qwen2"))
    let alone = try texts.map { try tokenizer.encodeFast($0).ids }
    try await withThrowingTaskGroup(of: [[Int]].self) { group in
      for _ in 0..<4 { group.addTask { try texts.map { try tokenizer.encodeFast($0).ids } } }
      for try await ids in group { #expect(ids == alone) }
    }
  }

  @Test func aBatchIsPaddedWithItsFamilysToken() throws {
    let clip = try Tokenizer(folder: Fixture.path("merges/clip"))
    #expect(clip.padID == clip.id(of: "<|endoftext|>"))
    let roberta = try Tokenizer(folder: Fixture.path("merges/roberta"))
    #expect(roberta.padID == roberta.id(of: "<pad>"))
    let batch = try clip.encodeBatch(["red", "red up"], maxLength: 77)
    #expect(batch.ids[0].count == 4 && batch.attentionMask[0] == [1, 1, 1, 0])
  }

  /// Whatever a text repeats.
  @Test(arguments: [
    "gpt2", "qwen2", "o200k", "deepseek", "clip", "gemma", "llama", "t5", "siglip", "roberta",
  ])
  func noTextTakesQuadraticTime(family: String) throws {
    let tokenizer = try Tokenizer(folder: Fixture.path("families/\(family)"))
    for unit in ["a", " ", "\n", " \n", "!", "1", "e\u{301}", "\u{301}", "▁", "'", "<", "<mask> "] {
      func seconds(_ bytes: Int) throws -> Double {
        let text = String(repeating: unit, count: bytes / unit.utf8.count)
        let start = ContinuousClock.now
        _ = try tokenizer.encodeFast(text)
        return (ContinuousClock.now - start) / .seconds(1)
      }
      // Quadratic time would be minutes.
      let time = try seconds(200_000)
      #expect(time < 2, "\(unit.debugDescription): \(time) s")
    }
  }
}
