#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a file to its end, a pipe as well; a pipe that nobody writes into is empty.
///
/// - Parameters:
///   - wanted: what the file should have been, for errors: "a YAML file".
///   - limit: how many bytes it may have, so that no device fills the memory.
/// - Throws: `FileError` that names the file.
package func readFile(
  _ path: String, wanted: String, limit: Int = 1 << 30
) throws(FileError) -> [UInt8] {
  func failure(_ problem: String) -> FileError { FileError(path, "\(problem); wanted \(wanted)") }
  // Not to wait for somebody who opens the other end of a pipe.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw failure("cannot be read: \(errorText(errno))") }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &part, part.count)
    if count == 0 {
      if GitLFS.isPointer(bytes) { throw FileError(path, GitLFS.problem) }
      return bytes
    }
    guard count > 0 else {
      switch errno {
      case EINTR: break
      case EAGAIN:
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, -1)
      case EISDIR: throw failure("is a folder")
      default: throw failure("cannot be read: \(errorText(errno))")
      }
      continue
    }
    guard bytes.count + count <= limit else { throw failure("has more than \(limit) bytes") }
    bytes += part[..<count]
  }
}
