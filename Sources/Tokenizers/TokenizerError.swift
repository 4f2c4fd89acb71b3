/// A tokenizer's file that cannot be read or asks for what is not supported, or a text that it
/// cannot be used on, in one line.
public struct TokenizerError: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Why a text cannot be turned into tokens or back: the tokenizer adds the name of its file.
struct TextError: Error {
  let reason: String
}

/// The beginning of a text from a file, on one line, as an error quotes it.
func excerpt(_ text: String) -> String {
  let scalars = text.unicodeScalars
  let start = scalars.prefix(120).map { scalar -> String in
    scalar.properties.generalCategory == .control
      ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return start.joined() + (scalars.count > 120 ? "…" : "")
}
