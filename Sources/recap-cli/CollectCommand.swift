internal import ArgumentParser
internal import LeRobot
internal import Simulation
internal import Tracking

struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Record episodes of a simulated task as a LeRobot dataset.",
    discussion: """
      Demonstrations, a policy's own episodes, or (--corrections) a policy's episodes
      that an expert takes over when they go wrong. Every label that training asks
      for is recorded: type, success, who acted, interventions.

      EXAMPLE
        recap collect --task carry --episodes 200 --output demos
        recap collect --task carry --checkpoint runs/carry --corrections \\
          --episodes 60 --output corrections
      """)

  @OptionGroup var options: RolloutOptions

  @Option(help: ArgumentHelp("Where the dataset goes; a new folder.", valueName: "folder"))
  var output: String

  @Flag(help: "Hand an episode that goes wrong to an expert, and mark every frame from then on.")
  var corrections = false

  @Flag(help: "Record the task's cameras as well.")
  var cameras = false

  func validate() throws {
    if corrections, options.checkpoint == nil {
      throw ValidationError("--corrections wants --checkpoint: whom to correct.")
    }
  }

  func run() throws {
    let task = try SimulatedTask.named(options.task)
    let rollout = try options.rollout(
      everyFrame: cameras, corrector: corrections ? task.corrector : nil)
    let purpose =
      corrections ? "corrections" : options.checkpoint == nil ? "demonstrations" : "autonomous"
    let bar = EpisodeProgress("collecting")
    let made = try EpisodeCollection.record(
      [(rollout, EpisodeCollection.seeds(purpose, run: options.seed, count: options.episodes))],
      cameras: cameras ? task.make().specification.cameras : [], to: output, report: bar.show)
    bar.finish()
    try printOutput(made.table(folder: output))
  }
}

extension EpisodeCollection {
  func table(folder: String) -> String {
    var rows = [
      ("dataset", folder),
      (
        "episodes", "\(episodes), of which \(successes) succeeded (\(successes * 100 / episodes) %)"
      ),
      ("frames", "\(frames)" + (interventions > 0 ? ", \(interventions) by the expert" : "")),
    ]
    if broken > 0 { rows.append(("left out", "\(broken) broken episodes")) }
    return recap_cli.table(rows)
  }
}

/// A bar of episodes.
struct EpisodeProgress {
  private let bar = ProgressBar()
  private let title: String

  init(_ title: String) { self.title = title }

  func show(_ progress: Rollout.Progress) {
    if progress.finished == 1 { bar.start(title, total: progress.total) }
    bar.advance(to: progress.finished)
  }

  func finish() { bar.endStage() }
}
