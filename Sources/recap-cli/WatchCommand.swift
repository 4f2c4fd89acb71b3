internal import ArgumentParser
internal import Platform
internal import PolicyInterface
internal import Recap
internal import Simulation

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "A video of a policy's episode, with value, advantage and indicator drawn under it.",
    discussion: """
      The value, advantage and indicator are those of the checkpoint's value function
      (--critic takes another's). The episode is one of `recap evaluate`'s.

      EXAMPLE
        recap watch --task carry --checkpoint runs/carry --output episode.mp4
        recap watch --task carry --checkpoint runs/carry/sft --corrections \\
          --critic runs/carry --episode 3 --output corrected.mp4
      """)

  @Option(
    help: ArgumentHelp(
      "The task: \(SimulatedTask.all.map(\.name).joined(separator: ", ")).", valueName: "name"))
  var task: String

  @Option(
    help: ArgumentHelp(
      "The policy: a checkpoint, or a folder whose last written one to take.", valueName: "path"))
  var checkpoint: String

  @OptionGroup var acting: ActingArguments
  @OptionGroup var place: SimulationDevice

  @Option(
    help: ArgumentHelp("Whose value function judges; default: --checkpoint.", valueName: "path"))
  var critic: String?

  @Option(help: ArgumentHelp("Which of the evaluation's episodes, from 0.", valueName: "number"))
  var episode = 0

  @Option(help: ArgumentHelp("The evaluation's seed.", valueName: "number"))
  var seed = 0

  @Flag(help: "Hand the episode to an expert when it goes wrong.")
  var corrections = false

  @Option(help: ArgumentHelp("Where the video goes, an MP4 file.", valueName: "file"))
  var output: String

  func validate() throws {
    try check("episode", episode, from: 0, upTo: mostEpisodes)
    try check("seed", seed, from: 0, upTo: greatestSeed)
  }

  func run() throws {
    let task = try SimulatedTask.named(task)
    let device = try place.device()
    var rollout = try Rollout(task, checkpoint: checkpoint, acting.options, device: device)
    rollout.corrector = corrections ? task.corrector : nil
    let judge = try FlowCritic(checkpoint: critic ?? checkpoint, device: device)
    if !judge.isFitted {
      StandardError.write(
        "recap: \(critic ?? checkpoint): its value function was never fitted, so that the video is without "
          + "value, advantage and indicator; --critic takes another's\n")
    }
    let film = try Film(
      rollout, seed: EpisodeCollection.seeds("evaluation", run: seed, count: episode + 1)[episode],
      critic: judge)
    try film.write(to: output, hasTraces: judge.isFitted)
    try printOutput(
      table([
        ("video", output),
        (
          "episode",
          "\(episode): \(film.episode.ending.name) after "
            + "\(film.episode.steps.count) steps"
        ),
      ]))
  }
}

/// One episode with its pictures, and what a value function says of it.
struct Film {
  let episode: SimulatedEpisode
  let judgement: FlowCritic.Judgement
  let specification: TaskSpecification

  init(_ rollout: Rollout, seed: UInt64, critic: FlowCritic) throws {
    var rollout = rollout
    rollout.pictures = .frames
    specification = try rollout.task.make().specification
    var found: SimulatedEpisode?
    try rollout.run(seeds: [seed]) { episode, _ in found = episode }
    guard let found else { fatalError("a rollout of one seed delivered no episode") }
    if case .broken(let problem) = found.ending {
      throw SimulationError("the episode is broken: \(problem)")
    }
    episode = found
    judgement = try critic.judge(found)
  }

  /// - Parameter hasTraces: false where they are shown beside the video.
  func write(to path: String, title: String? = nil, hasTraces: Bool = true) throws {
    let traces = EpisodeTraces(
      values: judgement.values, advantages: judgement.advantages, indicators: judgement.indicators)
    try EpisodeVideo.write(
      episode, cameras: specification.cameras, fps: specification.fps,
      traces: hasTraces ? traces : nil, title: title, to: path)
  }
}
