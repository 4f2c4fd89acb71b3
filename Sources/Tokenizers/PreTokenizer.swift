/// A step that splits the text into the words a model sees.
indirect enum PreTokenizer: Sendable {
  /// At white space, and around each punctuation mark.
  case bert
  /// Runs of word characters, and runs of what is neither word nor space.
  case whitespace
  case whitespaceSplit
  case punctuation(Delimiter)
  case sequence([PreTokenizer])

  /// What becomes of a delimiter.
  enum Delimiter: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case contiguous = "Contiguous"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
  }

  /// Appends the words in `bytes[range]`; none is empty.
  func split(_ bytes: [UInt8], _ range: Range<Int>, into words: inout [Range<Int>]) {
    switch self {
    case .bert:
      Self.split(bytes, range, into: &words) { properties in
        if properties.isAny(of: ScalarProperties.whitespace) { return .space }
        return properties.isAny(of: ScalarProperties.punctuation) ? .single : .word
      }
    case .whitespace:
      Self.split(bytes, range, into: &words) { properties in
        if properties.isAny(of: ScalarProperties.whitespace) { return .space }
        return properties.isAny(of: ScalarProperties.word) ? .word : .other
      }
    case .whitespaceSplit:
      Self.split(bytes, range, into: &words) { properties in
        properties.isAny(of: ScalarProperties.whitespace) ? .space : .word
      }
    case .punctuation(let delimiter):
      Self.splitAtPunctuation(bytes, range, delimiter, into: &words)
    case .sequence(let steps):
      var parts = [range]
      for step in steps {
        var smaller: [Range<Int>] = []
        for part in parts { step.split(bytes, part, into: &smaller) }
        parts = smaller
      }
      words += parts
    }
  }

  private enum Kind { case space, single, word, other }

  /// Scalars of kind `word` or `other` gather in runs, `single` ones stand alone, space goes.
  @inline(__always)
  private static func split(
    _ bytes: [UInt8], _ range: Range<Int>, into words: inout [Range<Int>],
    kind: (ScalarProperties) -> Kind
  ) {
    let tables = UnicodeTables.shared
    var start = range.lowerBound
    var last = Kind.space
    var index = start
    while index < range.upperBound {
      let (scalar, next) = bytes.scalar(at: index)
      let kind = kind(tables[scalar])
      if kind != last || kind == .single {
        if last != .space { words.append(start..<index) }
        start = index
        last = kind
      }
      index = next
    }
    if last != .space && start < index { words.append(start..<index) }
  }

  private static func splitAtPunctuation(
    _ bytes: [UInt8], _ range: Range<Int>, _ delimiter: Delimiter, into words: inout [Range<Int>]
  ) {
    let tables = UnicodeTables.shared
    var lastWasMark: Bool?
    func extendLast(to end: Int) {
      words[words.count - 1] = words[words.count - 1].lowerBound..<end
    }
    var index = range.lowerBound
    while index < range.upperBound {
      let (scalar, next) = bytes.scalar(at: index)
      let isMark = tables[scalar].isAny(of: ScalarProperties.punctuation)
      let joins =
        switch delimiter {
        case .removed, .isolated: !isMark && lastWasMark == false
        case .contiguous: isMark == lastWasMark
        case .mergedWithPrevious: lastWasMark == false
        case .mergedWithNext: !isMark && lastWasMark != nil
        }
      if joins {
        extendLast(to: next)
      } else if !(isMark && delimiter == .removed) {
        words.append(index..<next)
      }
      lastWasMark = isMark
      index = next
    }
  }
}
