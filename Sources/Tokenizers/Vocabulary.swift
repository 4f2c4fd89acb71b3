/// A model's tokens and their ids, by their UTF-8 bytes.
struct Vocabulary: Sendable {
  private(set) var trie = ByteTrie()
  private var tokens: [Int: [UInt8]] = [:]
  private(set) var count = 0

  /// - Returns: nil when the tokens need more room than a ``ByteTrie`` has.
  init?(_ entries: [(token: [UInt8], id: Int)]) {
    tokens.reserveCapacity(entries.count)
    for (token, id) in entries {
      if trie.value(token) < 0 { count += 1 }
      guard trie.insert(token, Int32(id)) else { return nil }
    }
    // Of two tokens with one id, decoding gives one; of one token with two ids, the last counts.
    for (token, id) in entries where Int(trie.value(token)) == id { tokens[id] = token }
  }

  func id(of token: [UInt8]) -> Int? {
    let value = trie.value(token)
    return value < 0 ? nil : Int(value)
  }

  func token(of id: Int) -> [UInt8]? { tokens[id] }
}
