extension JSON {
  /// The value as Python's json.dumps writes it: on one line, or with `indent` spaces a level.
  ///
  /// Numbers keep their kind (30 or 30.0) and their digits; text is UTF-8; NaN and Infinity are bare
  /// words, which is what Python reads.
  package func text(indent: Int? = nil) -> String {
    var text = ""
    append(to: &text, indent: indent, level: 0)
    return text
  }

  private func append(to text: inout String, indent: Int?, level: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .number(let value):
      text += value.isNaN ? "NaN" : value.isFinite ? "\(value)" : value < 0 ? "-Infinity" : "Infinity"
    case .string(let value): JSON.append(quoted: value, to: &text)
    case .array(let elements):
      JSON.append(elements, "[", "]", to: &text, indent: indent, level: level) {
        $0.append(to: &$1, indent: indent, level: level + 1)
      }
    case .object(let members):
      JSON.append(members, "{", "}", to: &text, indent: indent, level: level) {
        JSON.append(quoted: $0.key, to: &$1)
        $1 += ": "
        $0.value.append(to: &$1, indent: indent, level: level + 1)
      }
    }
  }

  private static func append<S: Sequence>(
    _ elements: S, _ open: String, _ close: String, to text: inout String, indent: Int?, level: Int,
    _ body: (S.Element, inout String) -> Void
  ) {
    let newline = indent.map { "\n" + String(repeating: " ", count: $0 * (level + 1)) }
    text += open
    var isEmpty = true
    for element in elements {
      if !isEmpty { text += newline == nil ? ", " : "," }
      if let newline { text += newline }
      isEmpty = false
      body(element, &text)
    }
    if let indent, !isEmpty { text += "\n" + String(repeating: " ", count: indent * level) }
    text += close
  }

  private static func append(quoted value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
