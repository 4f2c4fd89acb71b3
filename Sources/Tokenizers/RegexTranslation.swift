/// Spells a regular expression of Oniguruma's (in Ruby's syntax, Unicode 16) for PCRE2, where the two
/// read it differently: classes of another Unicode version, white space, words, hexadecimal digits,
/// flags.
struct RegexTranslation {
  private let pattern: [Unicode.Scalar]
  private var index = 0
  private var result = ""
  private var isInClass = false
  /// How many classes there are open within a class.
  private var innerClasses = 0

  static func translated(_ pattern: String) throws(RegexError) -> String {
    var translation = RegexTranslation(pattern: Array(pattern.unicodeScalars))
    try translation.run()
    return translation.result
  }

  private init(pattern: [Unicode.Scalar]) { self.pattern = pattern }

  private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
    index + distance < pattern.count ? pattern[index + distance] : nil
  }

  private mutating func copy(_ count: Int = 1) {
    for scalar in pattern[index..<min(pattern.count, index + count)] {
      result.unicodeScalars.append(scalar)
    }
    index = min(pattern.count, index + count)
  }

  private mutating func run() throws(RegexError) {
    while let scalar = peek() {
      switch scalar {
      case "\\": try escape()
      case "[" where isInClass && peek(1) == ":":
        while let scalar = peek(), scalar != "]" { copy() }
        copy()
      case "[" where isInClass:
        // A class in a class adds its members to it.
        guard peek(1) != "^" else { throw RegexError(reason: "a negated class within a class") }
        innerClasses += 1
        index += 1
      case "]" where innerClasses > 0:
        innerClasses -= 1
        index += 1
      case "[":
        isInClass = true
        copy()
        if peek() == "^" { copy() }
        if peek() == "]" {
          result += #"\]"#
          index += 1
        }
      case "]":
        isInClass = false
        copy()
      case "&" where isInClass && peek(1) == "&":
        throw RegexError(reason: "&& within a class")
      case "(" where !isInClass && peek(1) == "?": try group()
      case "{" where !isInClass: try interval()
      default: copy()
      }
    }
  }

  /// `(?im-x)` and `(?im-x:`: Ruby's m lets a dot match line ends, which is s to PCRE2.
  private mutating func group() throws(RegexError) {
    var end = index + 2
    while end < pattern.count, "imx-".unicodeScalars.contains(pattern[end]) { end += 1 }
    guard end > index + 2, end < pattern.count, pattern[end] == ":" || pattern[end] == ")" else {
      return copy(2)
    }
    for scalar in pattern[index..<end] {
      result.unicodeScalars.append(scalar == "m" ? "s" : scalar)
    }
    index = end
  }

  private mutating func interval() throws(RegexError) {
    var end = index + 1
    while end < pattern.count, "0123456789,".unicodeScalars.contains(pattern[end]) { end += 1 }
    let isInterval = end > index + 1 && end < pattern.count && pattern[end] == "}"
    guard isInterval else { return copy() }
    // Ruby repeats a{1,2}+ as a group, PCRE2 takes it for possessive.
    if end + 1 < pattern.count, pattern[end + 1] == "+" {
      throw RegexError(reason: "+ behind an interval")
    }
    if pattern[index + 1] == "," { result += "{0" } else { result += "{" }
    index += 1
    copy(end - index + 1)
  }

  private mutating func escape() throws(RegexError) {
    guard let next = peek(1) else { throw RegexError(reason: #"\ at end of pattern"#) }
    switch next {
    case "s": try put(Self.space, isNegated: false)
    case "S": try put(Self.space, isNegated: true)
    case "h": try put("0-9A-Fa-f", isNegated: false)
    case "H": try put("0-9A-Fa-f", isNegated: true)
    case "w": try put(Self.word, isNegated: false)
    case "W": try put(Self.word, isNegated: true)
    case "b" where !isInClass, "B" where !isInClass:
      let (word, edge) = ("[\(Self.word)]", next == "b")
      result +=
        edge
        ? "(?:(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word)))"
        : "(?:(?<=\(word))(?=\(word))|(?<!\(word))(?!\(word)))"
    case "p", "P":
      return try property(isNegated: next == "P")
    case "u":
      let digits = pattern[min(pattern.count, index + 2)..<min(pattern.count, index + 6)]
      guard digits.count == 4 else { throw RegexError(reason: #"\u without four digits"#) }
      result += #"\x{"# + String(String.UnicodeScalarView(digits)) + "}"
      index += 4
    case "X", "R", "K", "y", "Y", "N", "O", "C", "M", "c", "g", "k":
      throw RegexError(reason: "\\\(next)")
    default: return copy(2)
    }
    index += 2
  }

  /// Appends a set of scalars, in or outside a class.
  private mutating func put(_ set: String, isNegated: Bool) throws(RegexError) {
    if !isInClass {
      result += isNegated ? "[^\(set)]" : "[\(set)]"
    } else if !isNegated {
      result += set
    } else if set == Self.space {
      result += Self.nonSpace
    } else {
      throw RegexError(reason: "a negated class within a class")
    }
  }

  private mutating func property(isNegated: Bool) throws(RegexError) {
    guard peek(2) == "{", let end = pattern[index...].firstIndex(of: "}") else {
      throw RegexError(reason: #"\p without braces"#)
    }
    var name = String(String.UnicodeScalarView(pattern[(index + 3)..<end]))
    var isNegated = isNegated
    if name.hasPrefix("^") {
      name.removeFirst()
      isNegated.toggle()
    }
    index = end + 1
    if let set = RegexClass(name) {
      if isInClass && isNegated {
        result += set.complement
      } else {
        try put(set.spelling, isNegated: isNegated)
      }
    } else {
      let isScript = name.count > 2 && name != "Any"
      result += (isNegated ? #"\P{"# : #"\p{"#) + (isScript ? "sc:" : "") + name + "}"
    }
  }

  private static let space =
    #"\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}"#
    + #"\x{3000}"#

  /// Alphabetic scalars, marks, decimal digits and connecting punctuation.
  private static let word =
    ["L", "M", "Nd"].compactMap { RegexClass($0)?.spelling }.joined()
    + #"\p{Nl}\p{Pc}\x{24b6}-\x{24e9}\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}"#
    + #"\x{1f170}-\x{1f189}"#

  private static let nonSpace =
    #"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}"#
    + #"\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}"#
    + #"\x{3001}-\x{10ffff}"#
}
