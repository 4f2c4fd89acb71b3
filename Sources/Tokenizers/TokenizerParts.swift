extension Tokenizer.Parts {
  /// Lets a byte-level model read the text's own bytes, where the last step before it would only
  /// spell each byte in the byte alphabet.
  mutating func letModelReadBytes() {
    guard case .bpe(let bpe) = model, let step = preTokenizer?.withoutSpelling(),
      let model = bpe.readingBytes()
    else { return }
    self.model = .bpe(model)
    preTokenizer = step
  }
}

extension PreTokenizer {
  /// The same steps, of which the last no longer spells bytes; nil if it never did.
  fileprivate func withoutSpelling() -> PreTokenizer? {
    switch self {
    case .byteLevel(let addsPrefixSpace, let usesPattern, true):
      return .byteLevel(addsPrefixSpace: addsPrefixSpace, usesPattern: usesPattern, spells: false)
    case .sequence(let steps):
      guard let last = steps.last?.withoutSpelling() else { return nil }
      return .sequence(steps.dropLast() + [last])
    default: return nil
    }
  }

  /// Whether a word's place in the given text decides how it is split, and cannot be told without
  /// tracking origins.
  func asksForOrigins(isFirst: Bool, isNormalized: Bool) -> Bool {
    switch self {
    case .metaspace(let metaspace):
      return metaspace.prependScheme == .first && (!isFirst || isNormalized)
    case .sequence(let steps):
      return steps.enumerated().contains { place, step in
        step.asksForOrigins(isFirst: isFirst && place == 0, isNormalized: isNormalized)
      }
    default: return false
    }
  }
}
