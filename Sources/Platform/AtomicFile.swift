#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files that appear under their name whole and on disk, or not at all.
///
/// The one way in which a file is written that somebody may read or that a killed process may leave:
/// checkpoints, datasets, reports, caches.
package enum AtomicFile {
  /// Calls `body` with a temporary path (an empty file in the same folder), then gives what it wrote
  /// its name. When `body` throws, nothing remains of it and what had the name before keeps it.
  ///
  /// - Throws: what `body` throws, or a `FileError` for the system's refusals.
  package static func write(_ path: String, _ body: (String) throws -> Void) throws {
    let file = try PartialFile(path)
    try body(file.temporary)
    try file.publish()
  }

  /// Writes bytes.
  package static func write(_ path: String, bytes: some Sequence<UInt8>) throws {
    try stage(path, bytes: bytes).publish()
  }

  /// Writes bytes; the `rename` of what is returned will then be all that is missing.
  package static func stage(_ path: String, bytes: some Sequence<UInt8>) throws -> PartialFile {
    let file = try PartialFile(path)
    let sink = try FileSink(file.temporary, for: path)
    Array(bytes).withUnsafeBytes { sink.append($0) }
    try sink.finish()
    try file.synchronize()
    return file
  }

  /// Copies a file, byte for byte.
  package static func copy(_ source: String, to path: String) throws {
    let from = open(source, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard from >= 0 else { throw FileError(source, "cannot be read: \(errorText(errno))") }
    defer { close(from) }
    try write(path) { temporary in
      let sink = try FileSink(temporary, for: path)
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      while true {
        let count = read(from, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw FileError(source, "cannot be read: \(errorText(errno))") }
        if count == 0 { break }
        buffer.withUnsafeBytes { sink.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        try sink.throwIfFailed()
      }
      try sink.finish()
    }
  }

  /// Waits until a file's bytes, or a folder's names, are on disk.
  package static func synchronize(_ path: String) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw writeFailure(path) }
    defer { close(file) }
    // Some file systems cannot do it for folders, and say so by EINVAL.
    guard fsync(file) == 0 || errno == EINVAL else { throw writeFailure(path) }
  }

  /// Exchanges the names of two files or folders; whoever looks finds one or the other.
  ///
  /// - Returns: false, and nothing is changed, where the file system cannot do it.
  package static func exchange(_ a: String, _ b: String) throws -> Bool {
    // glibc has it since 2.28, but Swift's module of glibc does not.
    typealias Function =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "renameat2") else { return false }
    let renameat2 = unsafeBitCast(symbol, to: Function.self)
    let exchange: UInt32 = 1 << 1  // RENAME_EXCHANGE
    if renameat2(AT_FDCWD, a, AT_FDCWD, b, exchange) == 0 {
      try synchronize(parentFolder(of: a))
      try synchronize(parentFolder(of: b))
      return true
    }
    if errno == EINVAL || errno == ENOSYS { return false }
    throw writeFailure(b)
  }
}
