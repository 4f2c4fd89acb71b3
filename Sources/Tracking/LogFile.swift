import Foundation
import Platform

/// A file that grows by whole records: each goes out in one `write`, unbuffered.
final class LogFile {
  private let descriptor: Int32
  private let path: String

  /// Opens or creates a file for appending; `exclusive` refuses one that is there.
  init(_ path: String, exclusive: Bool = false) throws(TrackingError) {
    self.path = path
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (exclusive ? O_EXCL : 0)
    descriptor = open(path, flags, 0o644)
    if descriptor < 0 { throw Self.error(path, "cannot be opened for writing") }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws(TrackingError) {
    let number = bytes.withUnsafeBytes { writeAll(descriptor, $0) }
    if number != 0 {
      errno = number
      throw Self.error(path, "cannot be written")
    }
  }

  static func error(_ path: String, _ what: String) -> TrackingError {
    TrackingError("\(path): \(what): \(String(cString: strerror(errno))).")
  }
}
