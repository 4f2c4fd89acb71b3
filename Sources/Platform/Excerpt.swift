/// The beginning of a text that a file or a person gave, on one line, as an error quotes it.
package func excerpt(_ text: some StringProtocol, _ most: Int = 100) -> String {
  let scalars = text.unicodeScalars
  let shown = printable(String(String.UnicodeScalarView(scalars.prefix(most))))
  return scalars.dropFirst(most).isEmpty ? shown : shown + "…"
}

/// A text on one line and without control characters, which a file may have put into a name.
package func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isInvisible) else { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.map { isInvisible($0) ? "?" : $0 }))
}

private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}
