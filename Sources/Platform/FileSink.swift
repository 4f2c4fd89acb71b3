#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file being written from start to end.
///
/// The first failure is kept and later writes do nothing, so that a writer in C++ between us and the
/// file can be brought to its end before ``finish()`` throws.
package final class FileSink {
  private let path: String
  private var descriptor: Int32
  private var failure: FileError?

  /// Opens `file`; errors name `path`, which may be the file's final name.
  package init(_ file: String, for path: String) throws {
    self.path = path
    descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw writeFailure(path) }
  }

  package func append(_ bytes: UnsafeRawBufferPointer) {
    guard var next = bytes.baseAddress, failure == nil else { return }
    var left = bytes.count
    while left > 0 {
      let written = write(descriptor, next, left)
      if written < 0 {
        if errno == EINTR { continue }
        failure = writeFailure(path)
        return
      }
      next += written
      left -= written
    }
  }

  /// Throws what went wrong so far; call it last, and between large writes.
  package func throwIfFailed() throws {
    if let failure { throw failure }
  }

  package func finish() throws {
    let status = close(descriptor)
    descriptor = -1
    if status != 0 && failure == nil { failure = writeFailure(path) }
    try throwIfFailed()
  }

  deinit { if descriptor >= 0 { _ = close(descriptor) } }
}
