/// A step that splits the text into the words a model sees. Some rewrite it as well.
indirect enum PreTokenizer: Sendable {
  /// At white space, and around each punctuation mark.
  case bert
  /// Runs of word characters, and runs of what is neither word nor space.
  case whitespace
  case whitespaceSplit
  case punctuation(DelimiterBehavior)
  case digits(individually: Bool)
  case split(Pattern, DelimiterBehavior, isInverted: Bool)
  /// Words of so many scalars.
  case fixedLength(Int)
  /// GPT-2's words if it uses them; spells them in the byte alphabet unless the model reads bytes.
  case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool, spells: Bool)
  case metaspace(Metaspace)
  case sequence([PreTokenizer])

  /// Splits each of `words`, stretches of `text`; none that comes out is empty.
  ///
  /// - Throws: ``TextError`` when a step of a file's own takes too long or makes too much of the text.
  func apply(_ text: inout NormalizedText, _ words: inout [Range<Int>]) throws {
    switch self {
    case .sequence(let steps):
      for step in steps { try step.apply(&text, &words) }
    case .metaspace(let metaspace):
      try metaspace.apply(&text, &words)
    case .byteLevel(let addsPrefixSpace, let usesPattern, let spells):
      if addsPrefixSpace { try Self.addPrefixSpaces(&text, &words) }
      if usesPattern {
        let step = PreTokenizer.split(.words(.gpt2), .isolated, isInverted: false)
        try step.apply(&text, &words)
      }
      if spells {
        text.rewrite(&words) { word, bytes, new, old in
          for index in word {
            new.append(ByteAlphabet.scalars[Int(bytes[index])], at: index, of: old)
          }
        }
      }
    default:
      var result: [Range<Int>] = []
      result.reserveCapacity(max(words.count, text.bytes.count / 4))
      try text.bytes.withUnsafeBufferPointer { bytes in
        for word in words where !word.isEmpty { try split(bytes, word, into: &result) }
      }
      words = result
    }
  }

  private static func addPrefixSpaces(
    _ text: inout NormalizedText, _ words: inout [Range<Int>]
  ) throws {
    func lacksSpace(_ word: Range<Int>) -> Bool { text.bytes[word.lowerBound] != 0x20 }
    guard words.contains(where: { !$0.isEmpty && lacksSpace($0) }) else { return }
    try text.rewrite(&words) { word, bytes, new, old in
      if !word.isEmpty, bytes[word.lowerBound] != 0x20 {
        try new.append([0x20], before: word.lowerBound + 1, of: old)
      }
      new.append(word, of: old)
    }
  }

  /// Appends the words in `bytes[range]`, for steps that rewrite nothing.
  private func split(
    _ bytes: Bytes, _ range: Range<Int>, into words: inout [Range<Int>]
  ) throws {
    let tables = UnicodeTables.shared
    switch self {
    case .bert:
      Self.split(bytes, range, into: &words, ascii: Self.bertKinds) { properties in
        if properties.isAny(of: ScalarProperties.whitespace) { return .space }
        return properties.isAny(of: ScalarProperties.punctuation) ? .single : .word
      }
    case .whitespace:
      Self.split(bytes, range, into: &words, ascii: Self.wordKinds) { properties in
        if properties.isAny(of: ScalarProperties.whitespace) { return .space }
        return properties.isAny(of: ScalarProperties.word) ? .word : .other
      }
    case .whitespaceSplit:
      Self.split(bytes, range, into: &words, ascii: Self.spaceKinds) { properties in
        properties.isAny(of: ScalarProperties.whitespace) ? .space : .word
      }
    case .punctuation(let behavior):
      Self.split(bytes, range, behavior, into: &words) {
        tables[$0].isAny(of: ScalarProperties.punctuation)
      }
    case .digits(let individually):
      Self.split(bytes, range, individually ? .isolated : .contiguous, into: &words) {
        tables[$0].isAny(of: ScalarProperties.numeric)
      }
    case .split(let pattern, let behavior, let isInverted):
      var splitter = DelimiterSplitter(behavior, isInverted: isInverted, from: range.lowerBound)
      try pattern.forEachMatch(in: bytes, range) { splitter.add($0, into: &words) }
      splitter.finish(range.upperBound, into: &words)
    case .fixedLength(let length):
      var index = range.lowerBound
      while index < range.upperBound {
        let start = index
        var count = 0
        while count < length, index < range.upperBound {
          index = bytes.scalar(at: index).next
          count += 1
        }
        words.append(start..<index)
      }
    case .byteLevel, .metaspace, .sequence: break
    }
  }

  private enum Kind: UInt8 { case space, single, word, other }

  private static func asciiKinds(_ kind: (ScalarProperties) -> Kind) -> [Kind] {
    (UInt32(0)..<128).map { kind(UnicodeTables.shared[$0]) }
  }
  private static let bertKinds = asciiKinds { properties in
    if properties.isAny(of: ScalarProperties.whitespace) { return .space }
    return properties.isAny(of: ScalarProperties.punctuation) ? .single : .word
  }
  private static let wordKinds = asciiKinds { properties in
    if properties.isAny(of: ScalarProperties.whitespace) { return .space }
    return properties.isAny(of: ScalarProperties.word) ? .word : .other
  }
  private static let spaceKinds = asciiKinds { properties in
    properties.isAny(of: ScalarProperties.whitespace) ? .space : .word
  }

  /// Scalars of kind `word` or `other` gather in runs, `single` ones stand alone, space goes.
  @inline(__always)
  private static func split(
    _ bytes: Bytes, _ range: Range<Int>, into words: inout [Range<Int>], ascii: [Kind],
    kind: (ScalarProperties) -> Kind
  ) {
    let tables = UnicodeTables.shared
    ascii.withUnsafeBufferPointer { ascii in
      var start = range.lowerBound
      var last = Kind.space
      var index = start
      while index < range.upperBound {
        var (scalar, next) = (UInt32(bytes[index]), index + 1)
        let own: Kind
        if scalar < 0x80 {
          own = ascii[Int(scalar)]
        } else {
          (scalar, next) = bytes.scalar(at: index)
          own = kind(tables[scalar])
        }
        if own != last || own == .single {
          if last != .space { words.append(start..<index) }
          start = index
          last = own
        }
        index = next
      }
      if last != .space && start < index { words.append(start..<index) }
    }
  }

  /// Scalars that `isDelimiter` are matches, one by one.
  private static func split(
    _ bytes: Bytes, _ range: Range<Int>, _ behavior: DelimiterBehavior,
    into words: inout [Range<Int>], _ isDelimiter: (UInt32) -> Bool
  ) {
    var splitter = DelimiterSplitter(behavior, from: range.lowerBound)
    var index = range.lowerBound
    while index < range.upperBound {
      let (scalar, next) = bytes.scalar(at: index)
      if isDelimiter(scalar) { splitter.add(index..<next, into: &words) }
      index = next
    }
    splitter.finish(range.upperBound, into: &words)
  }
}

extension NormalizedText {
  /// Writes a new text of the words alone, each as `body` appends it.
  @inline(__always)
  mutating func rewrite(
    _ words: inout [Range<Int>],
    _ body: (Range<Int>, Bytes, inout NormalizedText, NormalizedText) throws -> Void
  ) rethrows {
    var result = words
    try rewrite { bytes, new, old in
      for (place, word) in result.enumerated() {
        let start = new.bytes.count
        try body(word, bytes, &new, old)
        result[place] = start..<new.bytes.count
      }
    }
    words = result
  }
}
