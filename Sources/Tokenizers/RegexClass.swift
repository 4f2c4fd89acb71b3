internal import CPCRE2
import Foundation

/// A general category or a script as the library's regular expressions have it, spelled for a PCRE2 whose Unicode
/// version may be another.
struct RegexClass {
  private let members: [Range<UInt32>]
  private let name: String

  /// nil for a class that is left to PCRE2.
  init?(_ name: String) {
    let coded: [String: StaticString] = [
      "L": UnicodeData.letter, "N": UnicodeData.number, "M": UnicodeData.regexMark,
      "Lu": UnicodeData.regexLu, "Ll": UnicodeData.regexLl, "Lt": UnicodeData.regexLt,
      "Lm": UnicodeData.regexLm, "Nd": UnicodeData.regexNd, "P": UnicodeData.regexP,
      "S": UnicodeData.regexS, "Arabic": UnicodeData.regexArabic,
      "Cyrillic": UnicodeData.regexCyrillic, "Greek": UnicodeData.regexGreek,
      "Han": UnicodeData.regexHan, "Hangul": UnicodeData.regexHangul,
      "Hebrew": UnicodeData.regexHebrew, "Hiragana": UnicodeData.regexHiragana,
      "Katakana": UnicodeData.regexKatakana, "Latin": UnicodeData.regexLatin,
      "Thai": UnicodeData.regexThai,
    ]
    if name == "Lo" {
      let cased = ["Lu", "Ll", "Lt", "Lm"].flatMap { CodedNumbers.ranges(coded[$0]!) }
      members = Self.difference(CodedNumbers.ranges(UnicodeData.letter), cased)
    } else {
      guard let text = coded[name] else { return nil }
      members = CodedNumbers.ranges(text)
    }
    // The name of a script alone means more to PCRE2: all that the script's texts use.
    self.name = name.count > 2 ? "sc:\(name)" : name
  }

  /// Its inside as a class: PCRE2's own with what that lacks, else every range.
  var spelling: String {
    let known = Self.known(name)
    let surplus = Self.difference(known, members)
    if !surplus.isEmpty { return Self.spelling(members) }
    return "\\p{\(name)}" + Self.spelling(Self.difference(members, known))
  }

  /// The inside of a class of everything else.
  var complement: String {
    Self.spelling(Self.difference([0..<0xD800, 0xE000..<0x110000], members))
  }

  private static func spelling(_ ranges: [Range<UInt32>]) -> String {
    func hex(_ value: UInt32) -> String { "\\x{" + String(value, radix: 16) + "}" }
    return ranges.map { range in
      range.count == 1
        ? hex(range.lowerBound) : hex(range.lowerBound) + "-" + hex(range.upperBound - 1)
    }.joined()
  }

  /// What PCRE2 takes for the category.
  private static func known(_ name: String) -> [Range<UInt32>] {
    lock.withLock {
      if let ranges = knownClasses[name] { return ranges }
      let ranges = find(name)
      knownClasses[name] = ranges
      return ranges
    }
  }

  private static let lock = NSLock()
  private nonisolated(unsafe) static var knownClasses: [String: [Range<UInt32>]] = [:]

  private static func find(_ name: String) -> [Range<UInt32>] {
    var (error, offset): (Int32, Int) = (0, 0)
    let pattern = Array("\\p{\(name)}+".utf8)
    let code = pcre2_compile_8(pattern, pattern.count, UInt32(PCRE2_UTF), &error, &offset, nil)
    let match = pcre2_match_data_create_8(1, nil)
    defer {
      pcre2_code_free_8(code)
      pcre2_match_data_free_8(match)
    }
    guard let code, let ends = pcre2_get_ovector_pointer_8(match) else { return [] }
    pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    var ranges: [Range<UInt32>] = []
    // The other planes are empty or private.
    for plane in [UInt32(0), 1, 2, 3, 14] {
      var text: [UInt8] = []
      var scalars: [UInt32] = []
      for scalar in plane << 16..<(plane + 1) << 16 where scalar & 0x1FF800 != 0xD800 {
        text.append(utf8: scalar)
        while scalars.count < text.count { scalars.append(scalar) }
      }
      var start = 0
      let options = UInt32(PCRE2_NO_UTF_CHECK)
      while pcre2_match_8(code, text, text.count, start, options, match, nil) >= 0 {
        var from = scalars[ends[0]]
        let last = scalars[ends[1] - 1]
        // Scalars on both sides of the surrogates are neighbours in the text.
        if from < 0xD800 && last > 0xD800 {
          ranges.append(from..<0xD800)
          from = 0xE000
        }
        ranges.append(from..<last + 1)
        start = ends[1]
      }
    }
    return ranges
  }

  /// What is in the one and not in the other.
  private static func difference(
    _ ranges: [Range<UInt32>], _ others: [Range<UInt32>]
  ) -> [Range<UInt32>] {
    let others = others.sorted { $0.lowerBound < $1.lowerBound }
    var result: [Range<UInt32>] = []
    var place = 0
    for range in ranges {
      var start = range.lowerBound
      while place < others.count, others[place].upperBound <= start { place += 1 }
      var next = place
      while next < others.count, others[next].lowerBound < range.upperBound {
        if start < others[next].lowerBound { result.append(start..<others[next].lowerBound) }
        start = max(start, others[next].upperBound)
        next += 1
      }
      if start < range.upperBound { result.append(start..<range.upperBound) }
    }
    return result
  }
}
