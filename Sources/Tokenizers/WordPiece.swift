/// Splits a word into the longest pieces of a vocabulary, from left to right; a word that cannot be
/// covered is one unknown token.
///
/// Source: Schuster and Nakajima 2012, with the greedy matching of BERT (Devlin et al. 2019).
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  let unknown: Int
  /// Longer words are unknown, in scalars.
  let longestWord: Int
  private let trie: ByteTrie
  /// The trie's node for the prefix of pieces that continue a word, −1 when no token has it.
  private let continuation: Int32

  /// - Returns: nil when the vocabulary needs more room than a ``ByteTrie`` has.
  init?(vocabulary: Vocabulary, unknown: Int, prefix: [UInt8], longestWord: Int) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    self.longestWord = longestWord
    let entries = vocabulary.entries
    var trie = ByteTrie(edges: entries.count * 4)
    for (token, id) in entries where trie.insert(token, Int32(id)) == nil { return nil }
    self.trie = trie
    continuation = trie.node(prefix)
  }

  /// Appends the tokens of one word, `bytes[range]`.
  func encode(_ bytes: Bytes, _ range: Range<Int>, into tokens: inout ModelTokens) {
    if range.count > longestWord {
      var scalars = 0
      for index in range where bytes[index] & 0xC0 != 0x80 { scalars += 1 }
      if scalars > longestWord {
        return tokens.append(unknown, range.lowerBound, range.upperBound)
      }
    }
    let first = tokens.ids.count
    var start = range.lowerBound
    var node = ByteTrie.root
    while start < range.upperBound {
      guard node >= 0,
        let piece = trie.longest(in: bytes, at: start, before: range.upperBound, from: node)
      else {
        tokens.removeAll(from: first)
        return tokens.append(unknown, range.lowerBound, range.upperBound)
      }
      tokens.append(Int(piece.value), start, piece.end)
      start = piece.end
      node = continuation
    }
  }
}
