#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file or folder that could not be read or written: which one, what is wrong, and what was wanted.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
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

/// The system's text for an error number, to stand in the middle of a sentence.
package func errorText(_ number: Int32) -> String {
  let text = String(cString: strerror(number))
  return text.prefix(1).lowercased() + text.dropFirst()
}

/// The error for a write to `path` that failed with the current `errno`.
package func writeFailure(_ path: String) -> FileError {
  FileError(path, "cannot be written: \(errorText(errno))")
}
