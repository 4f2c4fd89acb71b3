/// A file that could not be read or written: which one, what is wrong, and what was wanted.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// The file as the caller named it.
  public let path: String
  /// What is wrong with it, in one line.
  public let problem: String

  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }
}
