import Foundation

/// A folder for one test; removed with the value.
final class Scratch: Sendable {
  let path = FileManager.default.temporaryDirectory.path + "/recap-platform-" + UUID().uuidString

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  /// Holds a lock as another process would: by an opening of its own.
  func hold(_ name: String) throws -> Int32 {
    let descriptor = open("\(path)/\(name)", O_RDWR | O_CREAT, 0o666)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw POSIXError(.EWOULDBLOCK)
    }
    return descriptor
  }
}

/// The message of the error that `body` throws; "" when it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
