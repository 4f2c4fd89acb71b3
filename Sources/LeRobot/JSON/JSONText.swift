extension JSON {
  /// The value as text: members in their order, numbers of their kind (30 or 30.0), NaN and
  /// infinities as Python writes them.
  ///
  /// - Parameter indent: spaces of each level, a member or element that holds others on its own line;
  ///   nil for one line.
  package func text(indent: Int? = nil) -> String {
    var out = ""
    write(to: &out, indent: indent, level: 0)
    return out
  }

  private func write(to out: inout String, indent: Int?, level: Int) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .integer(let value): out += "\(value)"
    case .unsigned(let value): out += "\(value)"
    case .number(let value): out += JSON.text(value)
    case .string(let value): JSON.write(value, to: &out)
    case .array(let elements):
      // Lists of plain values stay on one line, however long.
      let indent = elements.contains(where: \.isContainer) ? indent : nil
      JSON.write(elements, "[", "]", to: &out, indent, level) { element, out in
        element.write(to: &out, indent: indent, level: level + 1)
      }
    case .object(let members):
      JSON.write(members, "{", "}", to: &out, indent, level) { member, out in
        JSON.write(member.key, to: &out)
        out += ": "
        member.value.write(to: &out, indent: indent, level: level + 1)
      }
    }
  }

  private var isContainer: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }

  private static func write<S: Sequence>(
    _ elements: S, _ open: String, _ close: String, to out: inout String, _ indent: Int?,
    _ level: Int, _ body: (S.Element, inout String) -> Void
  ) {
    func newLine(_ level: Int) -> String {
      indent.map { "\n" + String(repeating: " ", count: $0 * level) } ?? ""
    }
    out += open
    var isEmpty = true
    for element in elements {
      if !isEmpty { out += indent == nil ? ", " : "," }
      isEmpty = false
      out += newLine(level + 1)
      body(element, &out)
    }
    if !isEmpty { out += newLine(level) }
    out += close
  }

  private static func text(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    return "\(number)"
  }

  private static func write(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let control where control.value < 0x20:
        out += "\\u00" + (control.value < 0x10 ? "0" : "") + String(control.value, radix: 16)
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
