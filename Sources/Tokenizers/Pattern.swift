/// What Split and Replace look for.
enum Pattern: Sendable {
  case text([UInt8])
  /// Runs of white space.
  case whitespace
  /// Runs of at least so many spaces.
  case spaces(Int)
  case words(WordPattern)
  case regex(Regex)

  /// A regular expression: one of those that are known, or any other by PCRE2.
  ///
  /// - Throws: ``RegexError`` when it is not one, or not one that PCRE2 understands as the library
  ///   does.
  static func regex(_ pattern: String) throws(RegexError) -> Pattern {
    if let words = WordPattern.known(pattern) { return .words(words) }
    switch pattern {
    case #"\s+"#: return .whitespace
    case " +": return .spaces(1)
    case " {2,}": return .spaces(2)
    default: return .regex(try Regex(pattern))
    }
  }

  /// Calls `body` with every match in `bytes[range]`, of which nothing outside is seen.
  ///
  /// - Throws: ``TextError`` when a regular expression takes too long, and what `body` throws.
  @inline(__always)
  func forEachMatch(
    in bytes: Bytes, _ range: Range<Int>, _ body: (Range<Int>) throws -> Void
  ) throws {
    switch self {
    case .text(let text):
      var index = range.lowerBound
      while index < range.upperBound {
        if bytes[index] == text[0], bytes.has(text, at: index, before: range.upperBound) {
          try body(index..<index + text.count)
          index += text.count
        } else {
          index += 1
        }
      }
    case .whitespace:
      var index = range.lowerBound
      while index < range.upperBound {
        let end = WordPattern.endOfSpace(bytes, from: index, before: range.upperBound)
        if end > index {
          try body(index..<end)
          index = end
        } else {
          index = bytes.scalar(at: index).next
        }
      }
    case .spaces(let least):
      var index = range.lowerBound
      while index < range.upperBound {
        let start = index
        while index < range.upperBound, bytes[index] == 0x20 { index += 1 }
        if index - start >= least { try body(start..<index) } else { index = max(index, start + 1) }
      }
    case .words(let pattern):
      var index = range.lowerBound
      while index < range.upperBound {
        let end = pattern.end(bytes, from: index, before: range.upperBound)
        if end > index {
          try body(index..<end)
          index = end
        } else {
          index = bytes.scalar(at: index).next
        }
      }
    case .regex(let regex): try regex.forEachMatch(in: bytes, range, body)
    }
  }
}

/// What becomes of what a pattern matches.
enum DelimiterBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case contiguous = "Contiguous"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
}

/// Gathers the matches of a delimiter, and what lies between them, into words.
///
/// Source: huggingface/tokenizers 3ba8ad0, `split` in src/tokenizer/normalizer.rs.
struct DelimiterSplitter {
  let behavior: DelimiterBehavior
  /// Matches are the words, and what lies between them the delimiters.
  let isInverted: Bool
  private var words: [Range<Int>] = []
  private var lastWasDelimiter: Bool?
  private var done: Int

  init(_ behavior: DelimiterBehavior, isInverted: Bool = false, from start: Int) {
    self.behavior = behavior
    self.isInverted = isInverted
    done = start
  }

  /// Takes in a match; they come in order.
  @inline(__always)
  mutating func add(_ match: Range<Int>, into words: inout [Range<Int>]) {
    if done < match.lowerBound { put(done..<match.lowerBound, isInverted, &words) }
    put(match, !isInverted, &words)
    done = match.upperBound
  }

  /// Takes in what lies behind the last match.
  mutating func finish(_ end: Int, into words: inout [Range<Int>]) {
    if done < end { put(done..<end, isInverted, &words) }
  }

  @inline(__always)
  private mutating func put(_ part: Range<Int>, _ isDelimiter: Bool, _ words: inout [Range<Int>]) {
    let joins: Bool
    switch behavior {
    case .isolated: joins = false
    case .removed:
      if isDelimiter { return }
      joins = false
    case .contiguous: joins = isDelimiter == (lastWasDelimiter ?? false) && lastWasDelimiter != nil
    case .mergedWithPrevious: joins = isDelimiter && lastWasDelimiter == false
    case .mergedWithNext: joins = !isDelimiter && lastWasDelimiter == true
    }
    lastWasDelimiter = isDelimiter
    if joins {
      words[words.count - 1] = words[words.count - 1].lowerBound..<part.upperBound
    } else {
      words.append(part)
    }
  }
}
