import Platform

/// A model, dataset or file that could not be found or read, in one line that says what to do.
public struct HubError: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = excerpt(description, 4096) }
}
