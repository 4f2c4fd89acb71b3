/// The tokens of one text, before special ones are put around them.
struct TextTokens {
  /// What only some callers ask for.
  struct Detail {
    var token: [UInt8]
    /// In scalars of the given text.
    var offsets: Range<Int>
    /// The number of the word it is of, added tokens counted as words.
    var word: Int
  }

  var ids: [Int] = []
  /// As many as ``ids`` if ``isDetailed``.
  var details: [Detail] = []
  let isDetailed: Bool

  /// Keeps `count` tokens at most.
  mutating func cut(to count: Int, _ side: Side) {
    let excess = ids.count - count
    guard excess > 0 else { return }
    switch side {
    case .left:
      ids.removeFirst(excess)
      if isDetailed { details.removeFirst(excess) }
    case .right:
      ids.removeLast(excess)
      if isDetailed { details.removeLast(excess) }
    }
  }

  /// Source: huggingface/tokenizers 3ba8ad0, `process_offsets` in src/pre_tokenizers/byte_level.rs.
  mutating func trim(_ trim: PostProcessor.Trim, hasFirst: Bool) {
    for place in details.indices {
      let token = details[place].token
      var leading = 0
      var trailing = 0
      token.forEachScalar { scalar, _ in
        let isSpace =
          scalar == ByteAlphabet.scalars[0x20]
          || UnicodeTables.shared[scalar].isAny(of: ScalarProperties.whitespace)
        trailing = isSpace ? trailing + 1 : 0
        if isSpace && leading >= 0 { leading += 1 } else if leading >= 0 { leading = ~leading }
      }
      if leading < 0 { leading = ~leading }
      var (start, end) = (details[place].offsets.lowerBound, details[place].offsets.upperBound)
      if leading > 0 {
        let isFirst = place == 0 && !hasFirst || start == 0
        if isFirst && trim.addsPrefixSpace && leading == 1 { leading = 0 }
        start = min(start + leading, end)
      }
      if trailing > 0 && end >= trailing { end = max(end - trailing, start) }
      details[place].offsets = start..<end
    }
  }
}
