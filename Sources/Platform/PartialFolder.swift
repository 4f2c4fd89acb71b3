import Foundation

/// A folder in the making, `.NAME.partial` beside where it will be: it gets its name once it is complete.
///
/// One process at a time makes a folder of one name; what a killed one left is made anew. What is not
/// published is removed with the value.
package final class PartialFolder {
  package let path: String
  /// Where its files go until it has its name.
  package let temporary: String
  private let lock: FolderLock
  private var isPublished = false

  /// - Parameter path: a folder that is empty or not there.
  /// - Throws: `FileError` where it is there already, or another process is making it.
  package init(_ path: String) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    guard !name.isEmpty, name != ".", name != ".." else {
      throw FileError(path, "cannot be made; wanted the name of a new folder")
    }
    temporary = "\(path.dropLast(name.count)).\(name).partial"
    do {
      lock = try FolderLock(temporary)
    } catch let error as FileError where error.path == temporary {
      throw FileError(path, error.problem)
    }
    try Self.check(path)
    for name in try FileManager.default.contentsOfDirectory(atPath: temporary)
    where name != FolderLock.name {
      try FileManager.default.removeItem(atPath: "\(temporary)/\(name)")
    }
  }

  /// Told before anything is made where a folder is there already.
  package static func check(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
    guard status.st_mode & S_IFMT == S_IFDIR, isEmpty else {
      throw FileError(path, "is there already; wanted a new or an empty folder")
    }
  }

  /// What a person should know of its lock.
  package var remark: String? { lock.remark }

  /// Gives the folder its name; its files are to be on disk.
  package func publish() throws {
    rmdir(path)
    guard rename(temporary, path) == 0 else { throw writeFailure(path) }
    isPublished = true
    lock.moved(to: path)
    try AtomicFile.synchronize(parentFolder(of: path))
  }

  deinit {
    if !isPublished { try? FileManager.default.removeItem(atPath: temporary) }
  }
}
