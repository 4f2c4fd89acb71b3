import Foundation
import Platform
import Testing
import Torch

/// The path of a file that `Fixtures/files/make_fixtures.py` made.
func fileFixture(_ name: String) -> String {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
  return tests.appendingPathComponent("Fixtures/files/\(name)").path
}

/// Runs `body` in a new folder, which is removed afterwards.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.path + "/torch-files-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// The one-line message of the ``FileError`` that `body` must throw.
func fileFault(_ body: () throws -> Void) -> String {
  do {
    try body()
    Issue.record("no error was thrown")
    return ""
  } catch {
    #expect(error is FileError, "\(error)")
    #expect(!"\(error)".contains("\n"))
    return "\(error)"
  }
}

func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

func write(_ data: Data, _ path: String) throws { try data.write(to: URL(fileURLWithPath: path)) }
