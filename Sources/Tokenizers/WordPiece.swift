/// Splits a word into the longest pieces of a vocabulary, from left to right; a word that cannot be
/// covered is one unknown token.
///
/// Source: Schuster and Nakajima 2012, with the greedy matching of BERT (Devlin et al. 2019).
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  let unknown: Int
  /// Longer words are unknown, in scalars.
  let longestWord: Int
  /// The trie's node for the prefix of pieces that continue a word, −1 when no token has it.
  private let continuation: Int32

  init(vocabulary: Vocabulary, unknown: Int, prefix: [UInt8], longestWord: Int) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    self.longestWord = longestWord
    continuation = vocabulary.trie.node(prefix)
  }

  /// Appends the ids of one word, `bytes[range]`.
  func encode(_ bytes: [UInt8], _ range: Range<Int>, into ids: inout [Int]) {
    if range.count > longestWord {
      var scalars = 0
      for index in range where bytes[index] & 0xC0 != 0x80 { scalars += 1 }
      if scalars > longestWord { return ids.append(unknown) }
    }
    let first = ids.count
    var start = range.lowerBound
    var node = ByteTrie.root
    while start < range.upperBound {
      guard node >= 0,
        let piece = vocabulary.trie.longest(
          in: bytes, at: start, before: range.upperBound, from: node)
      else {
        ids.removeLast(ids.count - first)
        return ids.append(unknown)
      }
      ids.append(Int(piece.value))
      start = piece.end
      node = continuation
    }
  }
}
