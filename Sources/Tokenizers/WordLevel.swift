/// A word is a token, or unknown.
struct WordLevel: Sendable {
  let vocabulary: Vocabulary
  let unknown: Int

  func encode(_ bytes: Bytes, _ range: Range<Int>, into tokens: inout ModelTokens) {
    let id = vocabulary.id(Bytes(rebasing: bytes[range]))
    tokens.append(id < 0 ? unknown : id, range.lowerBound, range.upperBound)
  }
}
