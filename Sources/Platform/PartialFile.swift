import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file in the making, under a name of its own (`.NAME.<16 hex digits>.partial`) in the folder
/// where it will be. It gets its name once it is complete and on disk; until then what had the name
/// keeps it, and several processes may be writing files of one name, the last of which stays.
///
/// Names with a dot in front are nobody's data: LeRobot 0.3 takes every other file below `data` for
/// Parquet. What a killed process left is removed by the next that writes in the folder; it is known
/// from what is still being written by the lock (`flock`) that a living process has on it.
package final class PartialFile {
  package let path: String
  /// Where its bytes go until it has its name; an empty file to begin with.
  package let temporary: String
  private var descriptor: Int32 = -1

  /// - Throws: `FileError`; also where the name is that of a folder or a device.
  package init(_ path: String) throws {
    let folder = parentFolder(of: path)
    let name = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last!
    guard !name.isEmpty else { throw FileError(path, "names a folder; wanted a file to write") }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw FileError(path, "is \(isFolder ? "a folder" : "no plain file"); wanted a file to write")
    }
    self.path = path
    StalePartials.remove(in: folder)
    // 255 bytes is the longest name of a file.
    let start =
      String(decoding: path.utf8.dropLast(name.count), as: UTF8.self)
      + ".\(String(decoding: name.prefix(200), as: UTF8.self))."
    var temporary: String
    while true {
      temporary = start + hexadecimal(.random(in: 0...UInt64.max)) + StalePartials.suffix
      descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor < 0, errno == EEXIST { continue }
      guard descriptor >= 0 else { throw writeFailure(path) }
      lockWaiting(descriptor)
      // Whoever looked for stale files before it was locked may have removed it.
      if isNamed(descriptor, temporary) { break }
      close(descriptor)
    }
    self.temporary = temporary
  }

  /// Waits until the bytes are on disk, so that only the name is missing.
  package func synchronize() throws {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw writeFailure(path) }
  }

  /// Gives the file its name, which the folder's next synchronisation makes last.
  package func rename() throws {
    guard renameat(AT_FDCWD, temporary, AT_FDCWD, path) == 0 else { throw writeFailure(path) }
    close(descriptor)
    descriptor = -1
  }

  /// Gives the file its name for good.
  package func publish() throws {
    try synchronize()
    try rename()
    try AtomicFile.synchronize(parentFolder(of: path))
  }

  deinit {
    guard descriptor >= 0 else { return }
    unlink(temporary)
    close(descriptor)
  }
}

/// Partial files of processes that are no more.
enum StalePartials {
  static let suffix = ".partial"
  /// Folders that this process has looked through.
  private static let seen = Mutex<Set<String>>([])

  /// Removes them from a folder, the first time that this process writes there.
  static func remove(in folder: String) {
    guard seen.withLock({ $0.insert(folder).inserted }), let entries = opendir(folder) else {
      return
    }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.wholeMatch(of: /\..+\.[0-9a-f]{16}\.partial/) != nil {
        removeIfStale("\(folder)/\(name)")
      }
    }
  }

  private static func removeIfStale(_ path: String) {
    let descriptor = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isNamed(descriptor, path) { unlink(path) }
  }
}

/// Takes a lock that nobody keeps for long. Where the file system has none, goes on without.
func lockWaiting(_ descriptor: Int32) {
  while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
}

/// Whether the open file still has this name.
func isNamed(_ descriptor: Int32, _ path: String) -> Bool {
  var (held, named) = (stat(), stat())
  return fstat(descriptor, &held) == 0 && stat(path, &named) == 0
    && held.st_ino == named.st_ino && held.st_dev == named.st_dev
}

/// Sixteen digits.
private func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
