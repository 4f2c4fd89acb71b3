/// How far the download of a model or dataset is.
public struct HubProgress: Sendable, Equatable {
  /// The repository's name.
  public let name: String
  public internal(set) var filesDone = 0
  public let filesTotal: Int
  /// Bytes that are here, those of an earlier, interrupted download included.
  public internal(set) var bytesDone = 0
  /// nil where the server did not say.
  public let bytesTotal: Int?

  /// Whether this is the last that is told of this download: it is whole, or it failed.
  public internal(set) var isLast = false
}
