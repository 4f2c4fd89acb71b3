import Platform

/// What is wrong with a dataset's files: one line that names the file and what was wanted.
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file or folder at fault, as a path.
  public let file: String
  /// What it is, what was wanted, what to do.
  public let problem: String

  package init(_ file: String, _ problem: String) {
    self.file = excerpt(file, 4096)
    self.problem = excerpt(problem, 2000)
  }

  public var description: String { "\(excerpt(file, 1000)): \(problem)" }
}

/// Names for an error message: at most twelve of them, in order.
func list(_ names: some Collection<String>) -> String {
  if names.isEmpty { return "none" }
  let shown = names.prefix(12).map { excerpt($0) }.joined(separator: ", ")
  return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
}
