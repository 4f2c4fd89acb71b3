import Foundation

/// Files that appear under their name whole and on disk, or not at all: written under a temporary
/// name, synchronised, renamed.
package enum AtomicFile {
  /// The name that a file has until it is complete. Names with a dot in front are nobody's data:
  /// LeRobot 0.3 takes every other file below `data` for Parquet.
  package static func temporary(_ path: String) -> String {
    "\(folder(of: path))/.\(path.split(separator: "/").last ?? "").partial"
  }

  /// Calls `write` with a temporary path, then gives what it wrote its name. When `write` throws,
  /// nothing remains of it and what had the name before keeps it.
  ///
  /// - Throws: what `write` throws, or a `DatasetError` that names the file.
  package static func write(_ path: String, _ write: (String) throws -> Void) throws {
    let temporary = temporary(path)
    do {
      try write(temporary)
      try publish(temporary, as: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Writes bytes.
  package static func write(_ path: String, bytes: [UInt8]) throws {
    try stage(path, bytes: bytes)
    try publish(temporary(path), as: path)
  }

  /// Writes bytes under the temporary name of a file; a `rename` will then be all that is missing.
  static func stage(_ path: String, bytes: [UInt8]) throws {
    let temporary = temporary(path)
    do {
      guard let file = fopen(temporary, "wb") else { throw failure(path, errno) }
      let written = fwrite(bytes, 1, bytes.count, file)
      var code = written == bytes.count ? 0 : errno
      if fclose(file) != 0, code == 0 { code = errno }
      if code != 0 { throw failure(path, code) }
      try synchronize(temporary)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Gives a staged file its name, which the folder's next synchronisation makes last.
  static func rename(_ path: String) throws {
    guard Foundation.rename(temporary(path), path) == 0 else { throw failure(path, errno) }
  }

  /// Copies a file, byte for byte.
  package static func copy(_ source: String, to path: String) throws {
    try write(path) { temporary in
      guard let from = fopen(source, "rb") else {
        throw DatasetError(source, "cannot be read: \(String(cString: strerror(errno)))")
      }
      defer { fclose(from) }
      guard let to = fopen(temporary, "wb") else { throw failure(path, errno) }
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      var code: Int32 = 0
      while code == 0 {
        let count = fread(&buffer, 1, buffer.count, from)
        if count == 0 { break }
        if fwrite(buffer, 1, count, to) != count { code = errno }
      }
      if code == 0, ferror(from) != 0 {
        fclose(to)
        throw DatasetError(source, "cannot be read to its end")
      }
      if fclose(to) != 0, code == 0 { code = errno }
      if code != 0 { throw failure(path, code) }
    }
  }

  /// Gives a complete file its name, once its bytes are on disk.
  package static func publish(_ temporary: String, as path: String) throws {
    try synchronize(temporary)
    guard Foundation.rename(temporary, path) == 0 else { throw failure(path, errno) }
    try synchronize(folder(of: path))
  }

  /// Waits until a file's bytes, or a folder's names, are on disk.
  package static func synchronize(_ path: String) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(path, errno) }
    defer { close(file) }
    // Some file systems cannot do it for folders, and say so by EINVAL.
    guard fsync(file) == 0 || errno == EINVAL else { throw failure(path, errno) }
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
      try synchronize(folder(of: a))
      try synchronize(folder(of: b))
      return true
    }
    if errno == EINVAL || errno == ENOSYS { return false }
    throw failure(b, errno)
  }

  /// Creates a folder and those above it.
  package static func createFolder(_ path: String) throws {
    if folderExists(path) { return }
    let parent = folder(of: path)
    if parent != path { try createFolder(parent) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw DatasetError(path, "cannot be created: \(String(cString: strerror(errno)))")
    }
  }

  /// The folder that a file is in.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func failure(_ path: String, _ code: Int32) -> DatasetError {
    DatasetError(path, "cannot be written: \(String(cString: strerror(code)))")
  }
}
