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
    for path in try written(in: folder, prefix: prefix).dropLast(count) {
      try FileManager.default.removeItem(atPath: path)
    }
  }

  /// The checkpoint in a folder that was written last.
  ///
  /// Not the one with the most steps: that may be left over from an earlier run in the same folder.
  static func newest(in folder: String) throws -> String? {
    try written(in: folder, prefix: "checkpoint_").last
  }

  /// Paths of checkpoints in the order in which they were written; of those written at the same time, or
  /// copied without their times, the one that is further on is later.
  private static func written(in folder: String, prefix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".pt") }
      .map { name in
        let path = "\(folder)/\(name)"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (path, attributes[.modificationDate] as? Date ?? .distantPast, place(name))
      }
      .sorted { ($0.1, $0.2, $0.0) < ($1.1, $1.2, $1.0) }
      .map(\.0)
  }

  /// Stages' checkpoints in their order, after those between them.
  private static func place(_ name: String) -> Int {
    Stage.allCases.firstIndex { $0.checkpointName == name } ?? -1
  }
}
