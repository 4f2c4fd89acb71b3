import Foundation
import Hub
import LeRobot

let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
let pusht = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Examples/pusht")

/// The values that make_fixtures.py wrote.
struct Golden: Decodable {
  struct Video: Decodable {
    var width: Int?
    var height: Int?
    var codec: String?
    var sha256: [String]
  }
  var videos: [String: Video]
  var pictures: [String: String]

  static let all = try! JSONDecoder().decode(
    Golden.self, from: Data(contentsOf: fixtures.appending(path: "golden.json")))
}

func sha256(_ bytes: some Sequence<UInt8>) -> String {
  var sha = SHA256()
  Array(bytes).withUnsafeBytes { sha.update($0) }
  return sha.finish()
}

/// A copy of a dataset in a folder of its own, removed afterwards.
func withCopy<R>(of dataset: URL, _ body: (Folder) throws -> R) throws -> R {
  let copy = FileManager.default.temporaryDirectory.appending(path: "lerobot-\(UUID().uuidString)")
  try FileManager.default.copyItem(at: dataset, to: copy)
  defer { try? FileManager.default.removeItem(at: copy) }
  return try body(Folder(url: copy))
}

struct Folder {
  let url: URL
  var path: String { url.path }

  func url(_ file: String) -> URL { url.appending(path: file) }

  func isFile(_ file: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url(file).path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }

  func edit(_ file: String, _ body: (String) -> String) throws {
    let text = try String(contentsOf: url(file), encoding: .utf8)
    try body(text).write(to: url(file), atomically: true, encoding: .utf8)
  }

  func truncate(_ file: String, to fraction: Double) throws {
    let bytes = try Data(contentsOf: url(file))
    try bytes.prefix(Int(Double(bytes.count) * fraction)).write(to: url(file))
  }

  func move(_ file: String, to other: String) throws {
    try FileManager.default.createDirectory(
      at: url(other).deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(at: url(file), to: url(other))
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(at: url(file)) }

  func append(_ file: String, _ text: String) throws { try edit(file) { $0 + text } }
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

/// Looks into values that a test knows.
extension JSON {
  var elements: [JSON]? { if case .array(let value) = self { value } else { nil } }
  var members: JSONObject? { if case .object(let value) = self { value } else { nil } }
  var asDouble: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}
