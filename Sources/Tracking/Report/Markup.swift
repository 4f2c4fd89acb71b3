import Foundation

/// HTML's spelling of texts and numbers.
enum Markup {
  /// The text as content or attribute: markup characters are named, and what neither HTML nor XML
  /// may hold becomes U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Paragraphs of a text, with empty lines between them in the text.
  static func paragraphs(_ text: String) -> String {
    text.replacing("\r\n", with: "\n").split(separator: "\n\n")
      .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      .filter { !$0.isEmpty }
      .map { "<p>\(escaped($0))</p>\n" }.joined()
  }

  /// A length in a drawing: at most two digits after the point.
  static func length(_ value: Double) -> String {
    let hundredths = (value * 100).rounded()
    guard hundredths.isFinite, abs(hundredths) < 1e12 else { return "0" }
    let whole = Int(hundredths)
    let rest = abs(whole % 100)
    let sign = whole < 0 ? "-" : ""
    let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
    return sign + "\(abs(whole) / 100)" + (rest == 0 ? "" : "." + digits)
  }

  /// A number to be read: so many digits after the point, thousands set off, a real minus sign.
  static func number(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    guard abs(value) < 1e15 else { return String(format: "%.3g", value) }
    let digits = String(format: "%.\(decimals)f", abs(value))
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    var whole = ""
    for (place, digit) in parts[0].enumerated() {
      if place > 0, (parts[0].count - place) % 3 == 0 { whole += "," }
      whole.append(digit)
    }
    let isZero = !digits.contains { $0 != "0" && $0 != "." }
    return (value < 0 && !isZero ? "−" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }
}
