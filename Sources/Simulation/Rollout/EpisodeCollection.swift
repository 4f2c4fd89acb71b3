import Foundation
import LeRobot

/// Episodes recorded as a LeRobot dataset that appears whole or not at all.
public struct EpisodeCollection: Sendable, Equatable {
  /// Seeds of episodes for one purpose: the same for the same run, shared with no other purpose.
  ///
  /// - Parameter purpose: as "demonstrations" or "evaluation".
  public static func seeds(_ purpose: String, run: Int, count: Int) -> [UInt64] {
    var random = RandomSource(seed: UInt64(run), purpose: purpose)
    // Of 48 bits: JSON readers keep them.
    return (0..<count).map { _ in random.next() >> 16 }
  }

  public let episodes: Int
  public let successes: Int
  public let frames: Int
  /// Frames in which an expert had taken over.
  public let interventions: Int
  /// Left out, as nothing can be learned from them.
  public let broken: Int

  /// Runs rollouts of one task one after another and records their episodes.
  ///
  /// They are written to `folder`.partial, which can be read at any time, and renamed at the end; what an
  /// earlier run left there is removed.
  /// - Parameters:
  ///   - parts: rollouts, with the seeds of their episodes.
  ///   - cameras: those to record; none for states alone.
  ///   - report: how many episodes are finished, and of how many.
  /// - Throws: `SimulationError`, `DatasetError`; the episodes before are in `folder`.partial then.
  @discardableResult
  public static func record(
    _ parts: [(rollout: Rollout, seeds: [UInt64])], cameras: [TaskSpecification.Camera],
    to folder: String, report: (Rollout.Progress) -> Void
  ) throws -> EpisodeCollection {
    if FileManager.default.fileExists(atPath: folder) {
      throw SimulationError("\(folder) is there already; wanted a new folder for the episodes")
    }
    guard let task = try parts.first?.rollout.task.make().specification else {
      fatalError("a collection wants at least one rollout")
    }
    let partial = folder + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    let recorder = try EpisodeRecorder(folder: partial, task: task, cameras: cameras)
    let total = parts.reduce(0) { $0 + $1.seeds.count }
    var (done, successes, interventions) = (0, 0, 0)
    for (rollout, seeds) in parts {
      try rollout.run(seeds: seeds) { episode, _ in
        if try recorder.add(episode) {
          successes += episode.isSuccess ? 1 : 0
          interventions += episode.steps.count(where: \.isIntervention)
        }
        done += 1
        report(Rollout.Progress(finished: done, total: total))
      }
    }
    try recorder.finish()
    if recorder.writer.episodeCount == 0 {
      throw SimulationError("all \(total) episodes are broken: nothing was collected to \(folder)")
    }
    guard rename(partial, folder) == 0 else {
      throw SimulationError(
        "\(partial) cannot be renamed to \(folder): \(String(cString: strerror(errno)))")
    }
    return EpisodeCollection(
      episodes: recorder.writer.episodeCount, successes: successes,
      frames: recorder.writer.frameCount, interventions: interventions,
      broken: recorder.skippedCount)
  }
}
