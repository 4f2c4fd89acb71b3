/// A tokenizer's file that cannot be read or asks for what is not supported, in one line.
public struct TokenizerError: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}
