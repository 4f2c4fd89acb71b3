internal import Foundation

/// Checkpoints written between the ends of stages: `checkpoint_step_<global step>.pt`.
enum IntermediateCheckpoints {
  private static let prefix = "checkpoint_step_"

  static func name(globalStep: Int) -> String {
    let digits = String(globalStep)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".pt"
  }

  /// Removes all but the `count` that were written last.
  static func prune(folder: String, keeping count: Int) throws {
    let names = try RunFolder(folder).checkpoints.map(\.name).filter { $0.hasPrefix(prefix) }
    for name in names.dropLast(count) {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }
}
