/// The family of regular expressions by which byte-level tokenizers make words, matched by hand in
/// linear time: contractions, letters, digits, other marks, white space, in this order.
struct WordPattern: Sendable, Equatable {
  enum Contractions: Sendable { case none, lowercase, anyCase }

  /// What one scalar may stand before letters as part of their word.
  enum LetterPrefix: Sendable { case none, space, anyButNewline }

  /// Texts that are words wherever they stand.
  var literals: [[UInt8]] = []
  var contractions = Contractions.lowercase
  var letterPrefix = LetterPrefix.space
  /// Marks count as letters.
  var joinsMarks = false
  /// Digits in a word at most.
  var digits = Int.max
  /// A space may stand before digits, and before other marks.
  var spaceBeforeDigits = true
  var spaceBeforeOthers = true
  /// Line ends may follow other marks; white space up to a line end is a word.
  var newlines = false
  /// White space makes words; the last of a run stays for the word after it.
  var spaces = true

  static let gpt2 = WordPattern()
  static let clip = WordPattern(
    letterPrefix: .none, digits: 1, spaceBeforeDigits: false, spaceBeforeOthers: false,
    spaces: false)
  static let clipWithSpecials: WordPattern = {
    var pattern = clip
    pattern.literals = [Array("<|startoftext|>".utf8), Array("<|endoftext|>".utf8)]
    return pattern
  }()
  static let qwen2 = WordPattern(
    contractions: .anyCase, letterPrefix: .anyButNewline, digits: 1, spaceBeforeDigits: false,
    newlines: true)

  /// The pattern that a regular expression spells; nil for one that is not of the family.
  static func known(_ text: String) -> WordPattern? {
    let cl100k = { (digits: String, letters: String) in
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\#(letters)+|\p{N}\#(digits)|"#
        + #" ?[^\s\p{L}\#(letters == #"\p{L}"# ? "" : #"\p{M}"#)\p{N}]+[\r\n]*|\s*[\r\n]+|"#
        + #"\s+(?!\S)|\s+"#
    }
    var threeDigits = qwen2
    threeDigits.digits = 3
    var marks = qwen2
    marks.joinsMarks = true
    switch text {
    case #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#:
      return gpt2
    case #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#: return clip
    case #"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|"#
      + #"[^\s\p{L}\p{N}]+"#:
      return clipWithSpecials
    case cl100k("", #"\p{L}"#): return qwen2
    case cl100k("{1,3}", #"\p{L}"#): return threeDigits
    case cl100k("", #"[\p{L}\p{M}]"#): return marks
    default: return nil
    }
  }

  private enum Kind: UInt8 { case letter, digit, space, other }

  private static let asciiKinds: [Kind] = (UInt8(0)..<128).map { byte in
    switch byte {
    case 0x41...0x5A, 0x61...0x7A: .letter
    case 0x30...0x39: .digit
    case 0x09...0x0D, 0x20: .space
    default: .other
    }
  }

  @inline(__always)
  private func kind(_ bytes: Bytes, at index: Int) -> (kind: Kind, next: Int) {
    if bytes[index] < 0x80 { return (Self.asciiKinds[Int(bytes[index])], index + 1) }
    let (scalar, next) = bytes.scalar(at: index)
    let properties = UnicodeTables.shared[scalar]
    if properties.isAny(of: ScalarProperties.letter) { return (.letter, next) }
    if properties.isAny(of: ScalarProperties.number) { return (.digit, next) }
    if properties.isAny(of: ScalarProperties.whitespace) { return (.space, next) }
    if joinsMarks, properties.isAny(of: ScalarProperties.regexMark) { return (.letter, next) }
    return (.other, next)
  }

  @inline(__always)
  private func end(of wanted: Kind, _ bytes: Bytes, from start: Int, before end: Int) -> Int {
    var index = start
    while index < end, case let (kind, next) = kind(bytes, at: index), kind == wanted {
      index = next
    }
    return index
  }

  static func endOfSpace(_ bytes: Bytes, from start: Int, before end: Int) -> Int {
    WordPattern().end(of: .space, bytes, from: start, before: end)
  }

  /// Where the match at `start` ends; `start` when there is none.
  @inline(__always)
  func end(_ bytes: Bytes, from start: Int, before end: Int) -> Int {
    let first = bytes[start]
    if first == UInt8(ascii: "'"), contractions != .none {
      let length = contraction(bytes, at: start + 1, before: end)
      if length > 0 { return start + 1 + length }
    }
    if !literals.isEmpty {
      for literal in literals where bytes.has(literal, at: start, before: end) {
        return start + literal.count
      }
    }
    let (kind, next) = kind(bytes, at: start)
    if kind == .letter { return self.end(of: .letter, bytes, from: next, before: end) }
    if kind == .digit && digits == 1 { return next }
    if kind == .digit {
      var index = next
      for _ in 1..<digits {
        guard index < end, case let (kind, next) = self.kind(bytes, at: index), kind == .digit
        else { break }
        index = next
      }
      return index
    }
    let isNewline = first == 0x0A || first == 0x0D
    if next < end, first == 0x20 || letterPrefix == .anyButNewline && !isNewline {
      let (following, after) = self.kind(bytes, at: next)
      switch following {
      case .letter where letterPrefix == .anyButNewline || letterPrefix == .space && first == 0x20:
        return self.end(of: .letter, bytes, from: after, before: end)
      case .digit where first == 0x20 && spaceBeforeDigits:
        return self.end(of: .digit, bytes, from: after, before: end)
      case .other where first == 0x20 && spaceBeforeOthers:
        return endOfOthers(bytes, from: after, before: end)
      default: break
      }
    }
    if kind == .other { return endOfOthers(bytes, from: next, before: end) }
    return spaces ? endOfSpaces(bytes, from: start, before: end) : start
  }

  private func endOfOthers(_ bytes: Bytes, from start: Int, before end: Int) -> Int {
    var index = self.end(of: .other, bytes, from: start, before: end)
    while newlines, index < end, bytes[index] == 0x0A || bytes[index] == 0x0D { index += 1 }
    return index
  }

  /// Up to the last line end of the run if those count, else all of it but the last scalar, which is
  /// left for the word that follows.
  private func endOfSpaces(_ bytes: Bytes, from start: Int, before end: Int) -> Int {
    var index = start
    var last = start
    var afterNewline = start
    while index < end, case let (kind, next) = kind(bytes, at: index), kind == .space {
      last = index
      if bytes[index] == 0x0A || bytes[index] == 0x0D { afterNewline = next }
      index = next
    }
    if newlines && afterNewline > start { return afterNewline }
    return index < end && last > start ? last : index
  }

  /// How long the contraction behind an apostrophe is, 0 when there is none.
  private func contraction(_ bytes: Bytes, at start: Int, before end: Int) -> Int {
    guard start < end else { return 0 }
    func letter(_ index: Int) -> UInt8 {
      guard index < end else { return 0 }
      let byte = bytes[index]
      return contractions == .anyCase && byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
    switch letter(start) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 1
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(start + 1) == UInt8(ascii: "e") ? 2 : 0
    case UInt8(ascii: "l"): return letter(start + 1) == UInt8(ascii: "l") ? 2 : 0
    case 0xC5 where contractions == .anyCase:
      return letter(start + 1) == 0xBF ? 2 : 0  // ſ is an s to whom case is nothing
    default: return 0
    }
  }
}
