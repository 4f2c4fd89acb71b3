/// A token found in the text itself, before the model sees it.
struct AddedToken: Sendable {
  var content: [UInt8]
  /// Matches only between scalars that are not of a word.
  var isWholeWord = false
  /// Takes in the white space before it.
  var stripsLeft = false
  /// Takes in the white space after it.
  var stripsRight = false
  /// Is looked for in the normalised text, itself normalised.
  var isNormalized = true
  /// Is left out when decoding, if so asked.
  var isSpecial = false
}

/// The added tokens of a tokenizer: found in the text, and spelled when decoding.
struct AddedTokens: Sendable {
  private(set) var tokens: [Int: AddedToken] = [:]
  private(set) var ids: [[UInt8]: Int] = [:]
  private var specials: Set<[UInt8]> = []
  /// How tokens that the normaliser changes are spelled in normalised text.
  private var normalizedSpellings: [Int: [UInt8]] = [:]
  private var raw = Finder()
  private var normalized = Finder()

  /// Gives each token the id that the vocabulary has for it, else the next free one.
  init(_ list: [AddedToken], model: Model, normalizer: Normalizer?) throws {
    let vocabulary = model.vocabulary
    var next = model.size
    for token in list where !token.content.isEmpty {
      let id: Int
      if let known = ids[token.content] ?? vocabulary.id(of: token.content) {
        id = known
      } else {
        id = next
        next += 1
      }
      ids[token.content] = id
      tokens[id] = token
      if token.isSpecial { specials.insert(token.content) }
      if token.isNormalized, let normalizer {
        var text = token.content.withUnsafeBufferPointer {
          NormalizedText($0, 0..<$0.count, tracksOrigins: false)
        }
        try normalizer.apply(&text)
        if text.bytes != token.content { normalizedSpellings[id] = text.bytes }
      }
    }
    for (id, token) in tokens.sorted(by: { $0.key < $1.key }) {
      if token.isNormalized {
        normalized.add(normalizedSpellings[id] ?? token.content, id)
      } else {
        raw.add(token.content, id)
      }
    }
  }

  func id(of content: [UInt8]) -> Int? { ids[content] }

  /// How the decoder is to spell an id; nil for an id of the model's own.
  func spelling(of id: Int) -> [UInt8]? {
    tokens[id].map { normalizedSpellings[id] ?? $0.content }
  }

  func isSpecial(_ spelling: [UInt8]) -> Bool { specials.contains(spelling) }

  /// A stretch of text, or a token found in it.
  struct Part {
    var range: Range<Int>
    var id: Int?
  }

  func partsOfRawText(_ bytes: Bytes) -> [Part] { parts(bytes, raw) }
  func partsOfNormalizedText(_ bytes: Bytes) -> [Part] { parts(bytes, normalized) }

  /// Leftmost tokens first, the longest of those that begin at one place; a match that is refused
  /// uses up its text all the same, as in the library.
  private func parts(_ bytes: Bytes, _ finder: Finder) -> [Part] {
    guard !bytes.isEmpty else { return [] }
    guard !finder.isEmpty else { return [Part(range: 0..<bytes.count)] }
    let tables = UnicodeTables.shared
    func isSpace(_ scalar: UInt32) -> Bool {
      tables[scalar].isAny(of: ScalarProperties.whitespace)
    }
    func isWord(_ scalar: UInt32) -> Bool { tables[scalar].isAny(of: ScalarProperties.word) }

    var result: [Part] = []
    var done = 0
    var from = 0
    while let match = finder.next(in: bytes, from: from) {
      from = match.range.upperBound
      guard let token = tokens[match.id] else { continue }
      var (start, end) = (match.range.lowerBound, match.range.upperBound)
      if token.isWholeWord {
        let joinsLeft = start > 0 && isWord(bytes.scalar(before: start).scalar)
        let joinsRight = end < bytes.count && isWord(bytes.scalar(at: end).scalar)
        if joinsLeft || joinsRight { continue }
      }
      if token.stripsLeft {
        while start > done {
          let before = bytes.scalar(before: start)
          guard isSpace(before.scalar) else { break }
          start = before.start
        }
      }
      if token.stripsRight {
        while end < bytes.count, case let (scalar, next) = bytes.scalar(at: end), isSpace(scalar) {
          end = next
        }
      }
      if done < start { result.append(Part(range: done..<start)) }
      result.append(Part(range: start..<end, id: match.id))
      done = end
    }
    if done < bytes.count { result.append(Part(range: done..<bytes.count)) }
    return result
  }
}

/// Finds the leftmost-longest of a set of byte strings.
private struct Finder: Sendable {
  private var trie = ByteTrie()
  private var firstBytes = [Bool](repeating: false, count: 256)
  private(set) var isEmpty = true

  mutating func add(_ bytes: [UInt8], _ id: Int) {
    guard let first = bytes.first, trie.value(bytes) < 0 else { return }
    firstBytes[Int(first)] = true
    isEmpty = false
    _ = trie.insert(bytes, Int32(id))
  }

  func next(in bytes: Bytes, from start: Int) -> (range: Range<Int>, id: Int)? {
    var index = start
    return firstBytes.withUnsafeBufferPointer { firstBytes in
      while index < bytes.count {
        if firstBytes[Int(bytes[index])],
          let match = trie.longest(in: bytes, at: index, before: bytes.count)
        {
          return (index..<match.end, Int(match.value))
        }
        index += 1
      }
      return nil
    }
  }
}
