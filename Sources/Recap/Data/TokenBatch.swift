package import Encoders
package import Tokenizers
package import Torch

// N texts, L tokens of the longest.

/// Texts as a text encoder takes them.
package struct TokenBatch {
  /// int64 [N, L].
  package let ids: Tensor
  /// int64 [N, L], 0 where a token is padding.
  package let mask: Tensor
  /// The same, [N · L].
  let isText: [Bool]

  /// Cuts texts into tokens.
  ///
  /// - Parameter length: tokens of a text at most, if the encoder takes so many.
  /// - Throws: where a token has an id that the encoder has no embedding for, or where the special tokens
  ///   alone are more than it takes.
  package init(
    _ texts: [String], _ tokenizer: Tokenizer, for encoder: any TextEncoder,
    length: Int = .max, device: Device = .cpu
  ) throws {
    let most = min(length, encoder.maximumLength)
    let batch = try tokenizer.encodeBatch(texts, maxLength: most)
    let (count, size) = (batch.ids[0].count, encoder.vocabularySize)
    guard count <= encoder.maximumLength else {
      throw ConfigurationError(problems: [
        "the text encoder takes \(encoder.maximumLength) tokens, and the tokenizer's special tokens alone "
          + "are \(count); correct max_position_embeddings in its config.json"
      ])
    }
    let ids = batch.ids.flatMap { $0 }
    if let id = ids.first(where: { !(0..<size).contains($0) }) {
      throw ConfigurationError(problems: [
        "the tokenizer makes token \(id)\(tokenizer.token(of: id).map { " ('\($0.prefix(40))')" } ?? "") of "
          + "a text, and the text encoder has \(size) tokens, 0 to \(size - 1); give the tokenizer that "
          + "came with it (tokenizer.text_model_name)"
      ])
    }
    let shape = [texts.count, count]
    let mask = batch.attentionMask.flatMap { $0 }
    self.ids = Tensor(ids, shape: shape, device: device)
    self.mask = Tensor(mask, shape: shape, device: device)
    isText = mask.map { $0 != 0 }
  }
}

extension Tokenizer {
  /// Refuses an encoder that has no embedding for some of the tokens.
  ///
  /// Added tokens may lie beyond its embeddings, as the picture's in Gemma's tokenizers does: they are
  /// refused where a text has them.
  package func check(for encoder: LoadedText) throws {
    let size = encoder.model.vocabularySize
    guard largestID >= size else { return }
    throw ConfigurationError(problems: [
      "the tokenizer has \(largestID + 1) tokens, 0 to \(largestID), and the text encoder in "
        + "\(encoder.folder.path) has embeddings for \(size), 0 to \(size - 1); give the tokenizer that "
        + "came with it (tokenizer.text_model_name), or correct vocab_size in its config.json"
    ])
  }
}
