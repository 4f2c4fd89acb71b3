/// SentencePiece's way with spaces: each is spelled ▁ and begins a word.
struct Metaspace: Sendable {
  /// Which words get a ▁ of their own in front.
  enum PrependScheme: String, Sendable { case first, never, always }

  var replacement: [UInt8]
  var prependScheme: PrependScheme
  var splits: Bool

  func apply(_ text: inout NormalizedText, _ words: inout [Range<Int>]) throws {
    try text.rewrite(&words) { word, bytes, new, old in
      guard !word.isEmpty else { return }
      let isMarked =
        bytes[word.lowerBound] == 0x20
        || bytes.has(replacement, at: word.lowerBound, before: word.upperBound)
      if !isMarked,
        prependScheme == .always
          || prependScheme == .first && old.origin(of: word.lowerBound) == 0
      {
        try new.append(replacement, before: word.lowerBound + 1, of: old)
      }
      var done = word.lowerBound
      for index in word where bytes[index] == 0x20 {
        new.append(done..<index, of: old)
        try new.append(replacement, before: index + 1, of: old)
        done = index + 1
      }
      new.append(done..<word.upperBound, of: old)
    }
    guard splits else { return }
    let step = PreTokenizer.split(.text(replacement), .mergedWithNext, isInverted: false)
    try step.apply(&text, &words)
  }

  /// Spells a token's spaces as spaces; at the start of a text there are none.
  func decode(_ token: [UInt8], isFirst: Bool) -> [UInt8] {
    var result: [UInt8] = []
    token.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        if bytes.has(replacement, at: index, before: bytes.count) {
          if !isFirst || prependScheme == .never { result.append(0x20) }
          index += replacement.count
        } else {
          result.append(bytes[index])
          index += 1
        }
      }
    }
    return result
  }
}
