import Encoders
import Foundation
import Recap
import Testing
import Tokenizers

/// A tokenizer and a text encoder that do not belong together are told so before a number is looked up.
@Suite struct TokenBatchTests {
  private let folder = ClassicFixture.path("text")

  /// The fixtures' encoder of 36 tokens, its folder changed.
  private func changed(_ change: (String) throws -> Void) throws -> (String, TrainingScratch) {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let copy = try scratch.copy(folder, to: "text")
    try change(copy)
    return (copy, scratch)
  }

  private func append(_ file: String, _ text: String) throws {
    let old = try String(contentsOfFile: file, encoding: .utf8)
    try Data((old + text).utf8).write(to: URL(fileURLWithPath: file))
  }

  @Test func theirOwnIDsAreWithin() throws {
    let text = try Text.load(folder, seed: 0)
    let tokenizer = try Tokenizer(folder: folder)
    try tokenizer.check(for: text)
    let batch = try TokenBatch(["push the block", ""], tokenizer, for: text.model)
    #expect(batch.ids.shape == batch.mask.shape && batch.ids.shape[0] == 2)
    #expect(batch.mask.doubles.contains(0))
  }

  /// With and without the tokenizer.json that would come first.
  @Test(arguments: ["classic", "flow"])
  func aVocabularyThatIsLongerThanTheEmbeddings(type: String) throws {
    let (copy, scratch) = try changed { copy in
      try FileManager.default.removeItem(atPath: copy + "/tokenizer.json")
      try append(copy + "/vocab.txt", "block\nred\n")
    }
    let configuration = try scratch.configuration(
      "policy.type=\(type)", "model.text_model_name=\(copy)")
    let wanted =
      "the tokenizer has 38 tokens, 0 to 37, and the text encoder in \(copy) has embeddings for 36, 0 to "
      + "35; give the tokenizer that came with it (tokenizer.text_model_name), or correct vocab_size in "
      + "its config.json"
    #expect(message { _ = try train(configuration) } == wanted)
    // Nor does another encoder's tokenizer do.
    let other = try scratch.configuration(
      "policy.type=\(type)", "tokenizer.text_model_name=\(copy)")
    #expect(
      message { _ = try train(other) }.contains(
        "the tokenizer has 38 tokens, 0 to 37, and the text encoder in "))
  }

  @Test func anAddedTokenBeyondTheEmbeddingsIsRefusedWhereATextHasIt() throws {
    let (copy, scratch) = try changed { copy in
      try FileManager.default.removeItem(atPath: copy + "/tokenizer.json")
      try Data(
        #"{"added_tokens_decoder": {"36": {"content": "<image>", "special": true}}}"#.utf8
      ).write(to: URL(fileURLWithPath: copy + "/tokenizer_config.json"))
    }
    let text = try Text.load(copy, seed: 0)
    let tokenizer = try Tokenizer(folder: copy)
    try tokenizer.check(for: text)
    _ = try TokenBatch(["push the block"], tokenizer, for: text.model)
    #expect(
      message { _ = try TokenBatch(["push the <image>"], tokenizer, for: text.model) }
        == "the tokenizer makes token 36 ('<image>') of a text, and the text encoder has 36 tokens, 0 to "
        + "35; give the tokenizer that came with it (tokenizer.text_model_name)")
    withExtendedLifetime(scratch) {}
  }

  @Test func anEncoderOfFewerPositionsThanSpecialTokens() throws {
    let (copy, scratch) = try changed { copy in
      try FileManager.default.removeItem(atPath: copy + "/model.safetensors")
      let file = copy + "/config.json"
      let text = try String(contentsOfFile: file, encoding: .utf8)
        .replacing("\"max_position_embeddings\": 16", with: "\"max_position_embeddings\": 1")
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }
    let text = try Text.load(copy, seed: 0)
    #expect(
      message { _ = try TokenBatch(["push"], Tokenizer(folder: copy), for: text.model) }
        == "the text encoder takes 1 tokens, and the tokenizer's special tokens alone are 2; correct "
        + "max_position_embeddings in its config.json")
    withExtendedLifetime(scratch) {}
  }
}
