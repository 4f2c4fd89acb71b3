/// What turns a word into ids. Another family of models is one more case here, and one more branch
/// in `TokenizerFile.model`.
enum Model: Sendable {
  case wordPiece(WordPiece)
  case bpe(BPE)
  case unigram(Unigram)
  case wordLevel(WordLevel)

  var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.vocabulary
    case .bpe(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    case .wordLevel(let model): model.vocabulary
    }
  }

  /// How many ids the model has; new tokens come after them.
  var size: Int {
    if case .unigram(let model) = self { model.size } else { vocabulary.count }
  }

  /// Appends the tokens of one word, `bytes[range]`.
  @inline(__always)
  func encode(
    _ bytes: Bytes, _ range: Range<Int>, into tokens: inout ModelTokens, _ work: Workspace
  ) {
    switch self {
    case .wordPiece(let model): model.encode(bytes, range, into: &tokens)
    case .bpe(let model): model.encode(bytes, range, into: &tokens, work)
    case .unigram(let model): model.encode(bytes, range, into: &tokens, work)
    case .wordLevel(let model): model.encode(bytes, range, into: &tokens)
    }
  }

  /// Whether words repeat, and cost more than to find them again.
  var isWorthRemembering: Bool {
    switch self {
    case .wordPiece, .unigram: true
    case .bpe(let model): !model.cutsAtMetaspace
    case .wordLevel: false
    }
  }

  /// Whether a token is spelled by the text it stands for, not by the vocabulary.
  func isSpelledByText(_ id: Int) -> Bool {
    if case .unigram(let model) = self { model.unknown == id } else { false }
  }
}
