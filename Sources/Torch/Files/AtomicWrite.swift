package import Platform

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Replaces `path` with what `body` writes, or leaves it as it was.
///
/// `body` receives the path of an empty file in the same folder (`.NAME.partial`) and writes there.
/// The file is then synced to disk, renamed to `path`, and the folder is synced. If anything fails,
/// the partial file is removed and `path` is untouched; if the process is killed, the partial file is
/// taken over by the next write to `path`. A second writer of the same path waits for the first.
///
/// - Throws: whatever `body` throws, or ``FileError`` for the file system's refusals.
public func writeAtomically(to path: String, _ body: (String) throws -> Void) throws {
  let slash = path.lastIndex(of: "/")
  let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
  guard !name.isEmpty else { throw FileError(path, "names a folder; wanted a file to write") }
  let partial = (folder == "/" ? "/" : slash == nil ? "" : folder + "/") + ".\(name).partial"

  let lock = try lockedEmptyFile(partial, for: path)
  defer { close(lock) }  // closing gives up the lock, which is held until after the rename
  do {
    try body(partial)
    try sync(partial, for: path)
    guard rename(partial, path) == 0 else { throw writeFailure(path) }
  } catch {
    unlink(partial)
    throw error
  }
  try sync(folder, for: path)
}

/// Opens `partial`, waits until no other writer holds it, and empties it.
private func lockedEmptyFile(_ partial: String, for path: String) throws -> Int32 {
  while true {
    let descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw writeFailure(path) }
    // Where the file system has no locks, a single writer is taken for granted.
    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    var held = stat()
    var named = stat()
    let isCurrent =
      fstat(descriptor, &held) == 0 && stat(partial, &named) == 0
      && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    if isCurrent {
      guard ftruncate(descriptor, 0) == 0 else {
        defer { close(descriptor) }
        throw writeFailure(path)
      }
      return descriptor
    }
    close(descriptor)  // the writer before us has renamed or removed it: open the next one
  }
}

private func sync(_ file: String, for path: String) throws {
  let descriptor = open(file, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw writeFailure(path) }
  defer { close(descriptor) }
  // EINVAL: the file system cannot sync this kind of file, as some cannot sync folders.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw writeFailure(path) }
}

/// The error for a write to `path` that failed with the current `errno`.
package func writeFailure(_ path: String) -> FileError {
  FileError(path, "cannot be written: \(errorText(errno))")
}
