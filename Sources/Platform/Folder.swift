#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder that a file is in.
package func parentFolder(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Makes a folder and those above it, where they are not there.
///
/// - Returns: the folders that were made, the outermost first.
@discardableResult
package func makeFolder(_ path: String) throws -> [String] {
  var status = stat()
  if stat(path, &status) == 0 {
    if status.st_mode & S_IFMT == S_IFDIR { return [] }
    throw FileError(path, "cannot be made a folder: it is a file")
  }
  let parent = parentFolder(of: path)
  var made = parent == path ? [] : try makeFolder(parent)
  if mkdir(path, 0o777) == 0 {
    made.append(path)
  } else if errno != EEXIST {
    throw FileError(path, "cannot be made: \(errorText(errno))")
  }
  return made
}
