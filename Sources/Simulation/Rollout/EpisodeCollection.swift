import Foundation
import LeRobot
import Platform

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
  /// The folder appears when all are recorded; what an earlier run left on the way is removed.
  /// - Parameters:
  ///   - parts: rollouts, with the seeds of their episodes.
  ///   - cameras: those to record; none for states alone.
  ///   - report: how many episodes are finished, and of how many.
  /// - Throws: `SimulationError`, `DatasetError`, `FileError`; nothing is left of the episodes then.
  @discardableResult
  public static func record(
    _ parts: [(rollout: Rollout, seeds: [UInt64])], cameras: [TaskSpecification.Camera],
    to folder: String, report: (Rollout.Progress) -> Void
  ) throws -> EpisodeCollection {
    try PartialFolder.check(folder)
    guard let task = try parts.first?.rollout.task.make().specification else {
      fatalError("a collection wants at least one rollout")
    }
    let beside = try PartialFolder(folder)
    let recorder = try EpisodeRecorder(folder: beside.temporary, task: task, cameras: cameras)
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
    try beside.publish()
    return EpisodeCollection(
      episodes: recorder.writer.episodeCount, successes: successes,
      frames: recorder.writer.frameCount, interventions: interventions,
      broken: recorder.skippedCount)
  }
}
