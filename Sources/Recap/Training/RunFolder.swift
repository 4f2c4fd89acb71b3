internal import Foundation
internal import Torch

/// What is to become of a run that the folder of a new one holds.
public enum ExistingRun: Sendable {
  /// An error says what to do.
  case refuse
  /// The new run goes on where it stopped; where there is none it begins.
  case resume
  /// Its checkpoints and metrics are removed.
  case overwrite
}

/// The checkpoints in a folder, `checkpoint_*.pt`, in the order in which they were written.
///
/// The order is what they say of themselves (``RunIdentity``), since copying a folder renews the times of
/// files. Those of earlier versions and of the PyTorch project say nothing: they come first, in the order of
/// their steps and stages.
struct RunFolder {
  let path: String
  let checkpoints: [Saved]

  struct Saved {
    let name: String
    let identity: RunIdentity?
    let globalStep: Int

    /// A stage's checkpoint comes after one between stages of the same step.
    fileprivate var order: (Int, Int, Int, String) {
      let stage = Stage.allCases.firstIndex { $0.checkpointName == name } ?? -1
      return (identity?.save ?? -1, globalStep, stage, name)
    }
  }

  /// Reads them, but for their tensors; none where there is no folder.
  ///
  /// - Throws: where one cannot be read, and where they are of two runs.
  init(_ path: String) throws {
    self.path = path
    checkpoints = try Self.names(in: path).filter(Self.isCheckpoint).map { name in
      let root = try CheckpointFile.loadWithoutTensors("\(path)/\(name)")["recap"]
      let progress = root?["progress"] ?? root?["flow_progress"]
      return Saved(
        name: name, identity: root?["run"].flatMap(RunIdentity.init),
        globalStep: progress?["global_step"]?.int ?? 0)
    }.sorted { $0.order < $1.order }
    let known = checkpoints.filter { $0.identity != nil }
    if let first = known.first, let other = known.first(where: { $0.run != first.run }) {
      throw CheckpointError(
        description: "\(path): holds checkpoints of two runs, \(first.name) of \(first.run!) and "
          + "\(other.name) of \(other.run!); name the file that is meant, or move one run away")
    }
  }

  /// The path of the checkpoint that was written last.
  var newest: String? { checkpoints.last.map { "\(path)/\($0.name)" } }

  /// What in a folder shows that a run wrote there.
  static func traces(in path: String) -> [String] {
    names(in: path).filter { name in
      if isCheckpoint(name) || name == "plan.json" { return true }
      let size = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.size]
      return name == "metrics.jsonl" && size as? Int != 0
    }
  }

  /// Removes the checkpoints and metrics of a run.
  static func clear(_ path: String) throws {
    for name in traces(in: path) { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
  }

  private static func isCheckpoint(_ name: String) -> Bool {
    name.hasPrefix("checkpoint_") && name.hasSuffix(".pt")
  }

  private static func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

extension RunFolder.Saved {
  fileprivate var run: String? { identity?.run }
}
