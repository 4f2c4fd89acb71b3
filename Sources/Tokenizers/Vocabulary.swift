/// A model's tokens and their ids, by their UTF-8 bytes.
struct Vocabulary: Sendable {
  let trie: ByteTrie
  let count: Int
  private let tokens: [Int: [UInt8]]

  /// - Returns: nil when the tokens need more room than a ``ByteTrie`` has.
  init?(_ entries: [(token: [UInt8], id: Int)]) {
    var trie = ByteTrie(edges: entries.count * 4)
    var tokens: [Int: [UInt8]] = [:]
    tokens.reserveCapacity(entries.count)
    var count = 0
    for (token, id) in entries {
      guard let before = trie.insert(token, Int32(id)) else { return nil }
      // A token that comes twice keeps its last id.
      if before < 0 { count += 1 } else { tokens[Int(before)] = nil }
      tokens[id] = token
    }
    self.trie = trie
    self.count = count
    self.tokens = tokens
  }

  func id(of token: [UInt8]) -> Int? {
    let value = trie.value(token)
    return value < 0 ? nil : Int(value)
  }

  func token(of id: Int) -> [UInt8]? { tokens[id] }
}
