/// A model folder that cannot be used, in one line: the file, the key, what it is, what was wanted.
public struct EncoderError: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}
