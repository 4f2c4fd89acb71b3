public import Foundation
internal import Platform

/// SHA-256 of a file's bytes; those of large files are remembered by path, size and modification
/// time in `hashes.json` of Recap's cache, so that a second start does not read them again.
public enum FileHash {
  /// Returns the digest in 64 lowercase hexadecimal digits.
  ///
  /// - Throws: ``HubError`` when the file cannot be read.
  public static func sha256(of file: URL) throws -> String { try sha256(of: [file])[0] }

  /// Returns the digests of many files, which costs one look at what is remembered, not one each.
  ///
  /// - Throws: ``HubError`` when a file cannot be read.
  public static func sha256(of files: [URL]) throws -> [String] {
    let cache = CacheLocations(environment: ProcessInfo.processInfo.environment).recap
    return try sha256(of: files, rememberedIn: URL(fileURLWithPath: cache + "/hashes.json"))
  }

  /// Files below this size are hashed every time.
  private static let smallestRemembered = 1 << 16

  package static func sha256(of files: [URL], rememberedIn store: URL) throws -> [String] {
    let known = read(store)
    var found: [String: Entry] = [:]
    defer { if !found.isEmpty { remember(found, in: store) } }
    return try files.map { try sha256(of: $0, known: known, found: &found) }
  }

  private static func sha256(
    of file: URL, known: [String: Entry], found: inout [String: Entry]
  ) throws -> String {
    let path = file.resolvingSymlinksInPath().path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(file) }
    defer { close(descriptor) }
    let before = try Stamp(descriptor: descriptor, file: file)
    let large = before.size >= smallestRemembered
    if large, let entry = found[path] ?? known[path], entry.stamp == before { return entry.sha256 }

    let digest = try digest(of: descriptor, file: file)
    if large, try Stamp(descriptor: descriptor, file: file) == before {
      found[path] = Entry(stamp: before, sha256: digest)
    }
    return digest
  }

  private static func digest(of descriptor: Int32, file: URL) throws -> String {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    var hash = SHA256()
    let capacity = 1 << 20
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress!, capacity)
      if count < 0 && errno == EINTR { continue }
      try Interruption.check()
      guard count >= 0 else { throw unreadable(file) }
      if count == 0 { return hash.finish() }
      hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private static func unreadable(_ file: URL) -> HubError {
    HubError("\(file.path): cannot be read: \(String(cString: strerror(errno))).")
  }

  // MARK: - The store: a convenience, so that a store that cannot be read or written is no error.

  private struct Stamp: Codable, Equatable {
    var size: Int, seconds: Int, nanoseconds: Int

    init(descriptor: Int32, file: URL) throws {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw unreadable(file) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw HubError("\(file.path): is not a file.")
      }
      size = Int(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  private struct Entry: Codable {
    var stamp: Stamp, sha256: String
  }

  private static func read(_ store: URL) -> [String: Entry] {
    guard let data = try? Data(contentsOf: store) else { return [:] }
    return (try? JSONDecoder().decode([String: Entry].self, from: data)) ?? [:]
  }

  /// Adds entries and drops those whose file is gone; a lock file keeps two processes from
  /// losing each other's entries, and the rename keeps readers from seeing half a file.
  private static func remember(_ found: [String: Entry], in store: URL) {
    let folder = store.deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lock = open(store.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { return }
    defer { close(lock) }
    guard flock(lock, LOCK_EX) == 0 else { return }
    let entries = read(store).filter { Hub.existence($0.key) == .file }
      .merging(found) { $1 }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(entries) else { return }
    try? AtomicFile.write(store.path, bytes: data)
  }
}
