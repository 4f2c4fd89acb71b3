/// A step that makes text of tokens: each rewrites the list, and what is left is joined.
///
/// Source: huggingface/tokenizers 3ba8ad0, src/decoders.
indirect enum Decoder: Sendable {
  /// A space between any two tokens; what the library does without a decoder.
  case spaces
  /// A space before each token that does not begin with `prefix`, which is taken off; `cleanup`
  /// takes back the spaces that splitting at punctuation made.
  case wordPiece(prefix: [UInt8], cleanup: Bool)
  /// Bytes spelled in the byte alphabet; what is not UTF-8 becomes U+FFFD.
  case byteLevel
  /// Tokens `<0x00>` to `<0xFF>` in a row; if they are not UTF-8, each becomes U+FFFD.
  case byteFallback
  case metaspace(Metaspace)
  /// All in one.
  case fuse
  /// A scalar, so many times, off each token's ends.
  case strip(content: UInt32, start: Int, stop: Int)
  /// White space off the text's ends, as Python's `strip` takes it.
  case trim
  case replace(Pattern, by: [UInt8])
  /// `suffix` ends a word.
  case bpe(suffix: [UInt8])
  /// Connectionist temporal classification: repeated tokens are one.
  case ctc(padding: [UInt8], delimiter: [UInt8], cleanup: Bool)
  case sequence([Decoder])

  /// Rewrites a list of tokens.
  ///
  /// - Parameter room: how many bytes a file's own replacements may still add.
  /// - Throws: ``TextError`` when a replacement takes too long or adds more.
  func apply(_ tokens: inout [[UInt8]], room: inout Int) throws {
    switch self {
    case .spaces:
      for place in tokens.indices.dropFirst() { tokens[place].insert(0x20, at: 0) }
    case .wordPiece(let prefix, let cleanup):
      for place in tokens.indices {
        if place > 0 {
          if tokens[place].starts(with: prefix) {
            tokens[place].removeFirst(prefix.count)
          } else {
            tokens[place].insert(0x20, at: 0)
          }
        }
        if cleanup { try Self.clean(&tokens[place], &room) }
      }
    case .byteLevel:
      let bytes = tokens.flatMap { ByteAlphabet.bytes(of: $0) ?? $0 }
      tokens = [Array(String(decoding: bytes, as: UTF8.self).utf8)]
    case .byteFallback: Self.joinBytes(&tokens)
    case .metaspace(let metaspace):
      for place in tokens.indices {
        tokens[place] = metaspace.decode(tokens[place], isFirst: place == 0)
      }
    case .fuse: tokens = [Array(tokens.joined())]
    case .strip(let content, let start, let stop):
      for place in tokens.indices { Self.strip(&tokens[place], content, start, stop) }
    case .trim:
      let text = Array(tokens.joined())
      func isKept(_ scalar: UInt32) -> Bool {
        !UnicodeTables.shared[scalar].isAny(of: ScalarProperties.whitespace)
          && !(0x1C...0x1F).contains(scalar)
      }
      var kept: Range<Int>?
      text.forEachScalar { scalar, range in
        if isKept(scalar) { kept = (kept?.lowerBound ?? range.lowerBound)..<range.upperBound }
      }
      tokens = [Array(text[kept ?? 0..<0])]
    case .replace(let pattern, let content):
      for place in tokens.indices {
        try Self.replace(pattern, by: content, in: &tokens[place], &room)
      }
    case .bpe(let suffix):
      for place in tokens.indices {
        let isLast = place == tokens.count - 1
        try Self.replace(.text(suffix), by: isLast ? [] : [0x20], in: &tokens[place], &room)
      }
    case .ctc(let padding, let delimiter, let cleanup):
      var result: [[UInt8]] = []
      for (place, token) in tokens.enumerated() where place == 0 || tokens[place - 1] != token {
        var token = token
        try Self.replace(.text(padding), by: [], in: &token, &room)
        if cleanup {
          try Self.clean(&token, &room)
          try Self.replace(.text(delimiter), by: [0x20], in: &token, &room)
        }
        if !token.isEmpty { result.append(token) }
      }
      tokens = result
    case .sequence(let steps):
      for step in steps { try step.apply(&tokens, room: &room) }
    }
  }

  private static func joinBytes(_ tokens: inout [[UInt8]]) {
    var result: [[UInt8]] = []
    var bytes: [UInt8] = []
    func flush() {
      guard !bytes.isEmpty else { return }
      if String(validating: bytes, as: UTF8.self) != nil {
        result.append(bytes)
      } else {
        result += repeatElement([0xEF, 0xBF, 0xBD], count: bytes.count)
      }
      bytes = []
    }
    for token in tokens {
      if token.count == 6, token.starts(with: [0x3C, 0x30, 0x78]), token[5] == 0x3E,
        let byte = UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
      } else {
        flush()
        result.append(token)
      }
    }
    flush()
    tokens = result
  }

  private static func strip(_ token: inout [UInt8], _ content: UInt32, _ start: Int, _ stop: Int) {
    let length = utf8Length(content)
    let kept = token.withUnsafeBufferPointer { bytes in
      var (first, last) = (0, bytes.count)
      var (start, stop) = (start, stop)
      while start > 0, first < last, bytes.scalar(at: first).scalar == content {
        first += length
        start -= 1
      }
      while stop > 0, first < last, bytes.scalar(before: last).scalar == content {
        last -= length
        stop -= 1
      }
      return first..<last
    }
    if kept.count < token.count { token = Array(token[kept]) }
  }

  private static func replace(
    _ pattern: Pattern, by content: [UInt8], in token: inout [UInt8], _ room: inout Int
  ) throws {
    var result: [UInt8] = []
    try token.withUnsafeBufferPointer { bytes in
      var done = 0
      try pattern.forEachMatch(in: bytes, 0..<bytes.count) { match in
        room -= max(0, content.count - match.count)
        guard room >= 0 else {
          throw TextError(
            reason: "the decoder's replacements make far more of the tokens than they are; wanted "
              + "replacements that do not explode")
        }
        result += bytes[done..<match.lowerBound]
        result += content
        done = match.upperBound
      }
      if done > 0 || !result.isEmpty { result += bytes[done...] } else { result = token }
    }
    token = result
  }

  /// The library cleans token by token, so that a pattern never spans two.
  private static func clean(_ token: inout [UInt8], _ room: inout Int) throws {
    guard token.contains(0x20) else { return }
    for (pattern, content) in cleanups where token.count >= pattern.count {
      try replace(.text(pattern), by: content, in: &token, &room)
    }
  }

  private static let cleanups: [(pattern: [UInt8], content: [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
}
