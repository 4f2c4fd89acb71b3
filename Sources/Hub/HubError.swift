/// A model, dataset or file that could not be found or read, in one line that says what to do.
public struct HubError: Error, CustomStringConvertible, Sendable {
  public let description: String

  /// Control characters, which a server may have sent, become spaces.
  init(_ description: String) {
    self.description = String(
      String.UnicodeScalarView(
        description.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
