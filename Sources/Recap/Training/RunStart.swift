internal import Foundation
internal import LeRobot
internal import Platform
internal import Torch

/// Where a run begins: anew, from a checkpoint of another run, or where it was itself.
struct RunStart {
  let checkpoint: ClassicCheckpoint?
  /// Whether the checkpoint is of the run's own folder.
  let isGoingOn: Bool
  /// What the folder holds, where the checkpoint is of it.
  private let folder: RunFolder?

  /// - Parameters:
  ///   - folder: where the run writes.
  ///   - checkpoint: a file or folder to begin from.
  /// - Throws: where the folder holds a run that is neither gone on with nor to be overwritten.
  init(folder path: String, checkpoint: String?, existing: ExistingRun) throws {
    let traces = RunFolder.traces(in: path)
    if traces.contains("plan.json") {
      throw CheckpointError(
        description: "\(path): holds a run of `recap iterate` (plan.json); set "
          + "training.checkpoint_dir to another folder")
    }
    let own = existing == .resume ? try RunFolder(path) : nil
    if let newest = own?.newest {
      self.checkpoint = try ClassicCheckpoint(path: newest)
      isGoingOn = true
      folder = own
      return
    }
    let given = try checkpoint.map { try ClassicCheckpoint(fileOrFolder: $0) }
    self.checkpoint = given
    isGoingOn = given.map { Self.isSame(parentFolder(of: $0.path), path) } ?? false
    folder = isGoingOn ? try RunFolder(path) : nil
    if isGoingOn, existing == .overwrite {
      throw CheckpointError(
        description:
          "\(given!.path): is of the run that --overwrite would remove; leave out one of "
          + "--checkpoint and --overwrite")
    }
    if !isGoingOn, existing == .refuse, !traces.isEmpty {
      throw CheckpointError(
        description:
          "\(path): holds a run (\(traces.prefix(3).joined(separator: ", "))); add --resume to "
          + "go on where it stopped, or --overwrite to remove it and begin anew, or set "
          + "training.checkpoint_dir to another folder")
    }
  }

  /// How the run's checkpoints are to be known.
  func identity(_ configuration: Configuration, _ dataset: LeRobot.Dataset) -> RunIdentity {
    guard isGoingOn, let own = checkpoint?.identity else {
      return RunIdentity(configuration, dataset, start: checkpoint?.identity)
    }
    // From another than the last, what is written now is later than all that is there.
    let saves = folder?.checkpoints.compactMap(\.identity?.save) ?? []
    let isLast = folder?.checkpoints.last?.name == fileName(checkpoint?.path)
    return RunIdentity(run: own.run, save: isLast ? own.save : (saves.max() ?? own.save) + 1)
  }

  private static func isSame(_ a: String, _ b: String) -> Bool {
    func resolved(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    return resolved(a) == resolved(b)
  }
}

private func fileName(_ path: String?) -> String? {
  path.map { URL(fileURLWithPath: $0).lastPathComponent }
}
