internal import Foundation

/// Checkpoints written between the ends of stages: `checkpoint_step_<global step>.pt`.
enum IntermediateCheckpoints {
  private static let prefix = "checkpoint_step_"

  static func name(globalStep: Int) -> String {
    let digits = String(globalStep)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".pt"
  }

  /// Removes all but the newest `count`.
  static func prune(folder: String, keeping count: Int) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".pt") }
      .sorted()
    for name in names.dropLast(count) {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// The checkpoint in a folder that is furthest on.
  static func newest(in folder: String) throws -> String? {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("checkpoint_") && $0.hasSuffix(".pt") }
    return try names.map { name in
      let path = "\(folder)/\(name)"
      return (path, try ClassicCheckpoint(path: path).progress?.globalStep ?? -1)
    }.max { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }
}
