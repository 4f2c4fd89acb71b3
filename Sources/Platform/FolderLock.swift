import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Keeps other processes from writing in a folder, a run's or a dataset's, while this one does.
///
/// A lock (`flock`) on `.recap.lock` in the folder, which holds a line about its process: whoever comes
/// second is told whom to wait for. The system lets go of it when the process ends, however it ends. It is
/// the process's: taken again by the same process it is shared.
package final class FolderLock {
  package static let name = ".recap.lock"

  package private(set) var folder: String
  /// What a person should know: that nothing is locked, as the file system has no locks.
  package let remark: String?
  private let identity: Identity

  private struct Identity: Hashable {
    let device: UInt64
    let file: UInt64
  }

  private struct Entry {
    let descriptor: Int32
    var owners = 0
    /// Folders that were made for it, the outermost first.
    var made: [String] = []
  }

  private static let held = Mutex<[Identity: Entry]>([:])

  /// Locks a folder, which is made where it is not there.
  ///
  /// - Throws: `FileError` that names the process that writes there, or why nothing can be written there.
  package convenience init(_ folder: String) throws {
    try self.init(folder) { flock($0, LOCK_EX | LOCK_NB) == 0 ? 0 : errno }
  }

  /// - Parameter lock: locks an open file without waiting; returns the system's error number.
  package init(_ folder: String, lock: (Int32) -> Int32) throws {
    self.folder = folder
    (identity, remark) = try Self.held.withLock { held in
      let (identity, refusal, made) = try Self.take(folder, &held, lock)
      held[identity]!.owners += 1
      held[identity]!.made += made
      return (
        identity,
        refusal == 0
          ? nil
          : "\(folder): the file system has no locks (\(errorText(refusal))), so that nothing keeps a second process from writing there"
      )
    }
  }

  private static func take(
    _ folder: String, _ held: inout [Identity: Entry], _ lock: (Int32) -> Int32
  ) throws -> (Identity, refusal: Int32, made: [String]) {
    let path = "\(folder)/\(name)"
    while true {
      let made = try makeFolder(folder)
      let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
      // Whoever was making the folder may just have given it up.
      if descriptor < 0, errno == ENOENT { continue }
      guard descriptor >= 0 else { throw writeFailure(path) }
      var status = stat()
      fstat(descriptor, &status)
      let identity = Identity(device: UInt64(status.st_dev), file: UInt64(status.st_ino))
      if held[identity] != nil {
        close(descriptor)
        return (identity, 0, made)
      }
      let refusal = lock(descriptor)
      if refusal == EINTR || refusal == 0 && !isNamed(descriptor, path) {
        close(descriptor)  // its holder has let go of it and removed it in between
        continue
      }
      if refusal == EWOULDBLOCK {
        defer { close(descriptor) }
        throw FileError(
          folder,
          "is being written by \(holder(descriptor)); wait until it is done, stop it, or choose another folder"
        )
      }
      describe(descriptor)
      held[identity] = Entry(descriptor: descriptor)
      return (identity, refusal, made)
    }
  }

  /// Told that the folder has got another name.
  package func moved(to folder: String) { self.folder = folder }

  deinit {
    let path = "\(folder)/\(Self.name)"
    Self.held.withLock { held in
      held[identity]!.owners -= 1
      guard held[identity]!.owners == 0 else { return }
      let entry = held.removeValue(forKey: identity)!
      if isNamed(entry.descriptor, path) { unlink(path) }
      close(entry.descriptor)
      // Those in which nothing was written.
      for folder in entry.made.reversed() { rmdir(folder) }
    }
  }

  /// Writes who holds the lock: `process 1234 on host: recap train …`.
  private static func describe(_ descriptor: Int32) {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let command = CommandLine.arguments.joined(separator: " ").split(whereSeparator: \.isNewline)
      .joined(separator: " ")
    let text = Array("process \(getpid()) on \(name) (\(command.prefix(200)))\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
  }

  private static func holder(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 1024)
    // Between taking the lock and saying so a process needs a moment.
    for _ in 0..<100 {
      let count = pread(descriptor, &buffer, buffer.count, 0)
      let line = buffer.prefix(max(count, 0)).prefix { $0 != 0x0A }
      if !line.isEmpty { return String(decoding: line, as: UTF8.self) }
      usleep(5000)
    }
    return "another process"
  }
}
