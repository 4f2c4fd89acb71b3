import Foundation

/// A file that grows until it is whole and gets its name.
final class PartialFile {
  let path: String
  private(set) var byteCount: Int
  private let descriptor: Int32

  /// Opens a file to go on where its bytes end, or makes it.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw Self.error(path) }
    byteCount = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { close(descriptor) }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(byteCount))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.error(path) }
      byteCount += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  func truncate() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw Self.error(path) }
    byteCount = 0
  }

  /// Gives all bytes in order, a piece at a time.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    var offset = 0
    while offset < byteCount {
      let count = pread(descriptor, piece.baseAddress, piece.count, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.error(path) }
      body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      offset += count
    }
  }

  /// Makes sure that the bytes are on the disk, then gives them their name.
  func finish(as name: String) throws {
    guard fsync(descriptor) == 0, rename(path, name) == 0 else { throw Self.error(path) }
  }

  /// The system's last error, as what it means for the download.
  static func error(_ path: String) -> HubError {
    let code = errno
    switch code {
    case ENOSPC, EDQUOT:
      return HubError(
        "\(path): there is no room left for it; what came is kept. Free some, or set HF_HOME to "
          + "a larger disk, and run again: it goes on from there.")
    default:
      return HubError("\(path): cannot be written: \(String(cString: strerror(code))).")
    }
  }
}
