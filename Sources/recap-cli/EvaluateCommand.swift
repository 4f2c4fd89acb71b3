internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform
internal import Simulation

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "How often and how fast a policy succeeds in a simulated task.",
    discussion: """
      Every policy meets the same episodes, those of --seed. Success has its 95 %
      interval (Wilson's), throughput its standard error: successes an hour of
      simulated time, failures' time included.

      EXAMPLE
        recap evaluate --task carry --checkpoint runs/carry --guidance 2
        recap evaluate --task carry --episodes 500 --json demonstrators.json
      """)

  @OptionGroup var options: RolloutOptions

  @Option(help: ArgumentHelp("Where the figures go as JSON, beside the table.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp("Films of the first episodes, as MP4 files, go here.", valueName: "folder"))
  var videos: String?

  @Option(name: .customLong("video-count"), help: ArgumentHelp("How many.", valueName: "number"))
  var videoCount = 4

  func validate() throws { try check("video-count", videoCount, from: 0, upTo: mostEpisodes) }

  func run() throws {
    var rows: [(String, String)] = []
    let rollout = try options.rollout { policy in
      rows = [("policy", options.checkpoint ?? ""), ("acts by", policy.manner)]
    }
    let bar = EpisodeProgress("evaluating")
    let evaluation = try rollout.evaluate(
      seeds: EpisodeCollection.seeds("evaluation", run: options.seed, count: options.episodes),
      report: bar.show)
    bar.finish()
    if let json { try evaluation.write(to: json) }
    try printOutput(table(rows + evaluation.rows))
    if let videos { try film(to: videos) }
  }
}

extension EvaluateCommand {
  private func film(to folder: String) throws {
    let rollout = try options.rollout(everyFrame: true)
    let task = try rollout.task.make().specification
    let count = min(videoCount, options.episodes)
    let seeds = EpisodeCollection.seeds("evaluation", run: options.seed, count: count)
    let bar = EpisodeProgress("filming")
    try rollout.run(seeds: seeds) { episode, progress in
      try EpisodeVideo.write(
        episode, cameras: task.cameras, fps: task.fps,
        to: "\(folder)/episode_\(episode.index)_\(episode.ending.name).mp4")
      bar.show(progress)
    }
    bar.finish()
  }
}

extension Rollout {
  /// How the episodes of these seeds end.
  func evaluate(
    seeds: [UInt64], outcome: (SimulatedEpisode) -> Void = { _ in },
    report: (Progress) -> Void = { _ in }
  ) throws -> Evaluation {
    var ended: [Evaluation.Episode] = []
    try run(seeds: seeds) { episode, progress in
      ended.append(Evaluation.Episode(episode))
      outcome(episode)
      report(progress)
    }
    return try Evaluation(task: task.name, fps: task.make().specification.fps, ended)
  }
}

extension Evaluation {
  var rows: [(String, String)] {
    var rows = [
      ("task", task), ("episodes", "\(episodes)"),
      ("success", "\(percent(success)) (\(percent(successLow)) to \(percent(successHigh)))"),
      (
        "throughput",
        String(format: "%.0f", throughputPerHour)
          + (throughputStandardError.map { String(format: " ± %.0f", $0) } ?? "")
          + " successes an hour"
      ),
      (
        "steps",
        String(format: "%.1f", meanSteps)
          + (meanStepsOfSuccesses.map { String(format: "; of successes %.1f", $0) } ?? "")
      ),
    ]
    if timeLimits > 0 { rows.append(("out of time", "\(timeLimits)")) }
    if broken > 0 { rows.append(("broken", "\(broken), counted as failures")) }
    return rows
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  /// Writes the figures as JSON, whole or not at all.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(path, bytes: Array(try encoder.encode(self)))
  }
}
