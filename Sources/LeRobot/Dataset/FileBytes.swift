import Foundation
import Platform

/// Reads a whole file.
func readBytes(_ path: String) throws -> [UInt8] {
  let file = try openForReading(path)
  defer { fclose(file) }
  var status = stat()
  guard fstat(fileno(file), &status) == 0 else {
    throw DatasetError(path, "cannot be read: \(lastError())")
  }
  let size = Int(status.st_size)
  return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    count = fread(buffer.baseAddress, 1, size, file)
    guard count == size else {
      throw DatasetError(path, "cannot be read: it ended at byte \(count) of \(size)")
    }
  }
}

/// Stops at what is not there, at what is no plain file (opening a pipe may wait for ever), and at what only
/// stands for a file.
func checkPlainFile(_ path: String) throws {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw DatasetError(
      path, errno == ENOENT ? "there is no such file" : "cannot be read: \(lastError())")
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no plain file"
    throw DatasetError(path, "cannot be read: it is \(kind)")
  }
  // A pointer has some 130 bytes.
  if status.st_size < 1024, let file = fopen(path, "rb") {
    defer { fclose(file) }
    var start = [UInt8](repeating: 0, count: 64)
    start.removeLast(start.count - fread(&start, 1, start.count, file))
    if GitLFS.isPointer(start) { throw DatasetError(path, GitLFS.problem) }
  }
}

/// Opens a plain file.
func openForReading(_ path: String) throws -> UnsafeMutablePointer<FILE> {
  try checkPlainFile(path)
  guard let file = fopen(path, "rb") else {
    throw DatasetError(path, "cannot be read: \(lastError())")
  }
  return file
}

/// The size in bytes of a plain file; nil when there is none.
package func fileSize(_ path: String) -> Int? {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

/// Whether two files hold the same.
func haveSameBytes(_ a: String, _ b: String) -> Bool {
  guard let size = fileSize(a), size == fileSize(b) else { return false }
  func bytes(_ path: String) -> Data? {
    try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
  }
  return bytes(a) == bytes(b)
}

func folderExists(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a folder, sorted; empty when there is no such folder.
func names(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

private func lastError() -> String { errorText(errno) }
