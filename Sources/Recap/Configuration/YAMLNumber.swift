/// Numbers as PyYAML reads them, which is YAML 1.1: what a configuration of the PyTorch project means.
///
/// `010` is 8, `0x10` 16, `0b11` 3, `1_000` 1000 and `1:30` 90; `1e-4`, a text there, is made a number by whoever wants
/// one. In quotes a number is decimal.
enum YAMLNumber {
  /// The whole number that a plain scalar is; nil where it is none.
  static func integer(_ text: String) -> Int? {
    let sign = text.hasPrefix("-") ? -1 : 1
    let digits = text.drop { $0 == "-" || $0 == "+" }
    guard text.count - digits.count <= 1, let first = digits.first, first.isASCII,
      first.isWholeNumber
    else { return nil }
    func number(_ digits: Substring, radix: Int) -> Int? {
      let plain = digits.filter { $0 != "_" }
      guard !plain.isEmpty, plain.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
      return Int(plain, radix: radix)
    }
    let magnitude: Int?
    if digits.hasPrefix("0x") {
      magnitude = number(digits.dropFirst(2), radix: 16)
    } else if digits.hasPrefix("0b") {
      magnitude = number(digits.dropFirst(2), radix: 2)
    } else if digits.contains(":") {
      magnitude = sexagesimal(digits)
    } else if digits.count > 1, first == "0", let octal = number(digits.dropFirst(), radix: 8) {
      magnitude = octal
    } else {
      magnitude = number(digits, radix: 10)
    }
    return magnitude.map { sign * $0 }
  }

  /// Digits in groups of sixty: hours, minutes, seconds.
  private static func sexagesimal(_ digits: Substring) -> Int? {
    let parts = digits.split(separator: ":", omittingEmptySubsequences: false)
    var sum = 0
    for (place, part) in parts.enumerated() {
      let plain = part.filter { $0 != "_" }
      guard let number = Int(plain), number >= 0, place == 0 || (number < 60 && plain.count <= 2)
      else { return nil }
      let (shifted, overflow) = sum.multipliedReportingOverflow(by: 60)
      let (next, more) = shifted.addingReportingOverflow(number)
      if overflow || more { return nil }
      sum = next
    }
    return sum
  }

  /// The number that a scalar is; nil where it is none, or not finite.
  static func number(_ text: String, isQuoted: Bool) -> Double? {
    if !isQuoted, let whole = integer(text) { return Double(whole) }
    // Swift reads C's hexadecimal fractions, which no YAML has.
    guard !text.contains(where: { "xXpP".contains($0) }) else { return nil }
    let isGrouped = !isQuoted && text.contains(".") && text.first != "_" && text.last != "_"
    guard let value = Double(isGrouped ? text.filter { $0 != "_" } : text), value.isFinite else {
      return nil
    }
    return value
  }
}
