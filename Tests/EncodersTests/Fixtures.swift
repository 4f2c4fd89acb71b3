import Encoders
import Foundation
import Testing
import Torch

/// Files that Fixtures/make_fixtures.py wrote, and folders made from them.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func tensors(_ name: String) throws -> StateDictionary {
    try Safetensors.load(path(name + ".safetensors"))
  }

  /// Calls `body` with a new folder, which holds a fixture's files unless changed, and removes it.
  static func withFolder<R>(
    copying name: String? = nil, _ body: (URL) throws -> R
  ) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("EncodersTests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    if let name {
      try FileManager.default.copyItem(at: self.folder.appendingPathComponent(name), to: folder)
    } else {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    return try body(folder)
  }
}

/// Expects |a − b| ≤ tolerance + tolerance · |b| for every element.
func expectClose(
  _ a: Tensor, _ b: Tensor, tolerance: Double = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard a.shape == b.shape else {
    Issue.record("\(what): \(a.shape), wanted \(b.shape)", sourceLocation: sourceLocation)
    return
  }
  let pairs = zip(a.detach().doubles, b.detach().doubles)
  let excess = pairs.map { abs($0 - $1) - tolerance * (1 + abs($1)) }
  guard let worst = excess.enumerated().max(by: { $0.element < $1.element }) else { return }
  #expect(
    excess.allSatisfy { $0 <= 0 }, "\(what): element \(worst.offset) is off by \(worst.element)",
    sourceLocation: sourceLocation)
}

/// The message of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
