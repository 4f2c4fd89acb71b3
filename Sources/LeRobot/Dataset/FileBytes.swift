import Foundation

/// Reads a whole file.
func readBytes(_ path: String) throws -> [UInt8] {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw DatasetError(path, "cannot be read: \(lastError())")
  }
  // Before it is opened: to open a pipe waits for whoever writes.
  guard let size = fileSize(path) else {
    let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no plain file"
    throw DatasetError(path, "cannot be read: it is \(kind)")
  }
  guard let file = fopen(path, "rb") else {
    throw DatasetError(path, "cannot be read: \(lastError())")
  }
  defer { fclose(file) }
  return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    count = fread(buffer.baseAddress, 1, size, file)
    guard count == size else {
      throw DatasetError(path, "cannot be read: it ended at byte \(count) of \(size)")
    }
  }
}

/// The size in bytes of a plain file; nil when there is none.
func fileSize(_ path: String) -> Int? {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

func folderExists(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a folder, sorted; empty when there is no such folder.
func names(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

private func lastError() -> String { String(cString: strerror(errno)) }
