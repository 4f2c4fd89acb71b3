import Foundation
import Mutations
import Testing

import Tokenizers

/// A tokenizer's files, damaged in any way, are read or refused in one line.
@Suite struct MutatedTokenizersTests {
  @Test func idsAndLengthsHaveBounds() throws {
    let tests = TokenizerTests()
    func refusal(_ rest: String) -> String { tests.message { _ = try tests.tokenizer(rest: rest) } }
    #expect(
      refusal(#", "truncation": {"max_length": -9223372036854775808}"#)
        .contains("truncation without a max_length of 0 or more"))
    #expect(
      refusal(
        #", "padding": {"strategy": "BatchLongest", "pad_to_multiple_of": 4611686018427387904}"#
      )
      .contains("padding with a pad_to_multiple_of that is no whole number from 0"))
    #expect(
      refusal(#", "padding": {"strategy": "BatchLongest", "pad_id": -1}"#)
        .contains("padding with a pad_id that is no whole number from 0"))
    #expect(
      refusal(#", "padding": {"strategy": {"Fixed": 1e18}}"#)
        .contains("padding with a strategy that is neither BatchLongest nor Fixed"))
    // The last of two post-processors counts.
    #expect(
      refusal(
        #", "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", -3], "cls": ["[CLS]", 2]}"#
      )
      .contains("BertProcessing without tokens and ids of cls and sep"))
  }

  @Test func theLargestIDIsThatOfWhateverATextCanGet() throws {
    let tests = TokenizerTests()
    #expect(try tests.tokenizer().largestID == 10)
    let far =
      #", "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 77], "cls": ["[CLS]", 2]}"#
    #expect(try tests.tokenizer(rest: far).largestID == 77)
    // Of a token that is added to the vocabulary only where it is spelled.
    let added = #"{"id": 11, "content": "<picture>", "special": false}"#
    #expect(try tests.tokenizer(added: added).largestID == 10)
  }

  /// `RECAP_MUTANTS` says how many there are, `RECAP_SEED` which.
  @Test func mutants() throws {
    let manager = FileManager.default
    let kinds =
      ["families", "merges"].flatMap { kind in
        ((try? manager.contentsOfDirectory(atPath: Fixture.path(kind))) ?? []).map {
          "\(kind)/\($0)"
        }
      }.sorted() + ["vocab"]
    #expect(kinds.count > 15)
    let count = mutantCount(300) / (2 * kinds.count) + 1
    var (tried, refused) = (0, 0)
    var mutation = Mutation(seed: mutationSeed)
    for kind in kinds {
      let folder = manager.temporaryDirectory.appendingPathComponent("mutants-\(UUID().uuidString)")
      try manager.copyItem(atPath: Fixture.path(kind), toPath: folder.path)
      defer { try? manager.removeItem(at: folder) }
      func read() throws {
        let tokenizer = try Tokenizer(folder: folder.path)
        let texts = ["Pick up the réd block, 12 times! ▁x", ""]
        let batch = try tokenizer.encodeBatch(texts, maxLength: 7)
        _ = try tokenizer.encode(texts[0]).tokens
        _ = try tokenizer.decode(batch.ids[0])
        guard tokenizer.storedPadding.map({ $0.length != .longest }) != true else { return }
        _ = try tokenizer.encodeBatch(
          texts, truncation: tokenizer.storedTruncation, padding: tokenizer.padding)
      }
      for file in try manager.contentsOfDirectory(atPath: folder.path).sorted() {
        let url = folder.appendingPathComponent(file)
        guard let data = try? Data(contentsOf: url), data.count < 1 << 20 else { continue }
        var mutants = (0..<count).map { _ in mutation.mutant(of: [UInt8](data)) }
        if file.hasSuffix(".json") {
          mutants += try forgedJSON(String(decoding: data, as: UTF8.self), count: count)
        }
        tried += mutants.count
        refused += try refusals(of: mutants, at: url, read: read) { Issue.record("\(kind): \($0)") }
      }
    }
    print("tokenizers: \(tried) mutants, \(refused) refused")
    #expect(tried >= mutantCount(300) && refused > tried / 8 && refused < tried)
  }
}
