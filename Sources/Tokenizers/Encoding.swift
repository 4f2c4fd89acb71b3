/// The tokens of one text, or of a pair.
public struct Encoding: Sendable, Equatable {
  /// Vocabulary ids, special tokens included when they were asked for.
  public internal(set) var ids: [Int] = []
  /// The sequence each token belongs to, as the model's token types; as many as ``ids``.
  public internal(set) var typeIDs: [Int] = []
  /// Each token as the vocabulary spells it, a token found in the text as it stands there.
  ///
  /// As many as ``ids``, like what follows; all are empty after ``Tokenizer/encodeFast(_:pair:addSpecialTokens:maxLength:)``.
  public internal(set) var tokens: [String] = []
  /// Where each token lies in its text, in Unicode scalars, as Python counts; 0..<0 for special ones.
  public internal(set) var offsets: [Range<Int>] = []
  /// The word each token is of; nil for special ones.
  public internal(set) var wordIDs: [Int?] = []
  /// 1 for tokens that were put around the text, else 0.
  public internal(set) var specialTokensMask: [Int] = []
}

/// Texts of one batch, padded to one length L.
public struct BatchEncoding: Sendable, Equatable {
  /// Vocabulary ids, `[texts][L]`.
  public internal(set) var ids: [[Int]]
  /// Token types, `[texts][L]`.
  public internal(set) var typeIDs: [[Int]]
  /// 1 for a token and 0 for padding, `[texts][L]`.
  public internal(set) var attentionMask: [[Int]]
}

/// At which end tokens are cut off or added.
public enum Side: Sendable {
  case left, right
}
