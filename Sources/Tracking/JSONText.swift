/// JSON's spelling of strings and numbers.
enum JSONText {
  /// The text in quotes, escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\u{0}"..<"\u{20}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The shortest digits that read back as the same number; nil for what is not a finite number.
  static func number(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    if let integer = Int(exactly: value), integer.magnitude < 1 << 53 { return String(integer) }
    return value.description
  }
}
