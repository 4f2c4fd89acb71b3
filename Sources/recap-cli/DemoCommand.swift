internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Recap
internal import Simulation
internal import Tracking

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "A policy before and after RECAP, in a simulated task: table, videos, report.",
    discussion: """
      Demonstrations of mediocre demonstrators; behaviour cloning of them, evaluated;
      then RECAP's rounds with corrections, evaluated in the same episodes. Leaves
      checkpoints, summary.json and report.html in training.checkpoint_dir. Stopped
      anywhere, it goes on where it was.

      EXAMPLE
        recap demo --config configs/demo.yaml
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: ArgumentHelp("Episodes of each evaluation.", valueName: "number"))
  var episodes = 200

  func run() throws {
    let configuration = try options.configuration()
    guard let name = configuration.simulation.task else {
      throw ValidationError(
        "\(options.config): simulation.task is null; wanted one of "
          + SimulatedTask.all.map(\.name).joined(separator: ", "))
    }
    let demonstration = Demonstration(
      task: try SimulatedTask.named(name), configuration: configuration, episodes: episodes)
    let result = try demonstration.run()
    try result.write()
    if let problem = result.problem { print("no films: \(problem.description)\n") }
    print(
      result.table,
      table([
        ("checkpoints", result.folder), ("figures", result.summaryPath),
        ("report", "\(result.reportPath): open it in a browser"),
        (
          "try next",
          "\(CommandLine.arguments[0]) watch --task \(name) --checkpoint \(result.folder) "
            + "--output episode.mp4"
        ),
      ]), separator: "\n\n")
  }
}

/// Behaviour cloning and RECAP in one simulated task, in one folder.
struct Demonstration {
  let task: SimulatedTask
  let configuration: Configuration
  let episodes: Int

  /// Policies in the order in which they came about, each with how it fared.
  struct Result {
    let task: TaskSpecification
    let folder: String
    let before: Evaluation
    /// π⁰, π¹, …
    let rounds: [(name: String, evaluation: Evaluation)]
    let films: [(caption: String, path: String, film: Film)]
    let takeovers: Takeovers
    /// Why there are no films.
    let problem: SimulationError?
  }

  func run() throws -> Result {
    let folder = configuration.training.checkpointDir
    let console = IterationConsole()
    guard case .finished = try console.run(configuration, device: nil) else {
      fatalError("rounds in a simulated task wait for nobody")
    }
    // The same number of steps as the last policy that it is compared with.
    var cloning = configuration
    cloning.recap.method = .bcDemonstrations
    cloning.policy.guidance = 1
    cloning.dataset.path = configuration.dataset.path ?? "\(folder)/demonstrations"
    cloning.training.checkpointDir = "\(folder)/bc"
    cloning.training.demoSteps =
      configuration.training.demoSteps + configuration.training.autonomousSteps
    cloning.training.trainCorrections = false
    cloning.training.trainAutonomous = false
    let cloned = "\(folder)/bc/\(Stage.demonstrations.checkpointName)"
    if !FileManager.default.fileExists(atPath: cloned) { try console.train(cloning, as: "bc") }

    let seeds = EpisodeCollection.seeds("evaluation", run: 0, count: episodes)
    func evaluate(_ checkpoint: String, _ title: String) throws -> (Evaluation, [UInt64: Bool]) {
      let bar = EpisodeProgress("evaluating \(title)")
      var outcomes: [UInt64: Bool] = [:]
      let evaluation = try Rollout(task, checkpoint: checkpoint, ActingOptions()).evaluate(
        seeds: seeds, outcome: { outcomes[$0.seed] = $0.isSuccess }, report: bar.show)
      bar.finish()
      return (evaluation, outcomes)
    }
    let (before, cloningOutcomes) = try evaluate(cloned, "behaviour cloning")
    var rounds: [(String, Evaluation)] = []
    var last = (checkpoint: "", outcomes: [UInt64: Bool]())
    for round in 0...configuration.recap.rounds {
      let checkpoint =
        round == 0
        ? "\(folder)/sft/\(Stage.corrections.checkpointName)"
        : "\(folder)/round-\(round)/\(Stage.autonomous.checkpointName)"
      let name = round == 0 ? "RECAP, before its rounds" : "RECAP, round \(round)"
      let (evaluation, outcomes) = try evaluate(checkpoint, name)
      rounds.append((name, evaluation))
      last = (checkpoint, outcomes)
    }
    // The contract's names, for whoever takes the folder for a run of `recap train`.
    for path in ["pretrain/checkpoint_demo.pt", "sft/checkpoint_correction.pt"]
      + (configuration.recap.rounds > 0
        ? ["round-\(configuration.recap.rounds)/checkpoint_final.pt"] : [])
    {
      try AtomicFile.copy(
        "\(folder)/\(path)", to: "\(folder)/\(path.split(separator: "/").last!)")
    }
    let critic = try FlowCritic(checkpoint: last.checkpoint, device: .cpu)
    var corrected = try Rollout(task, checkpoint: cloned, ActingOptions())
    corrected.corrector = task.corrector
    let takeovers = try Takeovers(corrected, seeds: Array(seeds.prefix(50)), critic: critic)
    // An episode that cloning fails in, RECAP does not, and an expert saves: where V fell most before.
    let telling =
      (takeovers.seeds + seeds).first { cloningOutcomes[$0] == false && last.outcomes[$0] == true }
      ?? seeds[0]
    var found: [(String, String, Film)] = []
    var problem: SimulationError?
    do {
      found = try films(
        folder, cloned: cloned, last: last.checkpoint, seed: telling, critic: critic)
    } catch let error as SimulationError {
      problem = error
    }
    return Result(
      task: try task.make().specification, folder: folder, before: before, rounds: rounds,
      films: found, takeovers: takeovers, problem: problem)
  }

  /// One episode as a failure, a success and a correction, judged by the last value function.
  private func films(
    _ folder: String, cloned: String, last: String, seed: UInt64, critic: FlowCritic
  ) throws -> [(String, String, Film)] {
    let before = try Rollout(task, checkpoint: cloned, ActingOptions())
    let after = try Rollout(task, checkpoint: last, ActingOptions())
    var corrected = before
    corrected.corrector = task.corrector
    return try [
      ("Behaviour cloning", "before", before), ("The same episode after RECAP", "after", after),
      (
        "Behaviour cloning, handed to an expert when it goes wrong (orange)", "corrected", corrected
      ),
    ].map { caption, name, rollout in
      let film = try Film(rollout, seed: seed, critic: critic)
      let path = "\(folder)/\(name).mp4"
      try film.write(to: path, title: caption, hasTraces: false)
      return (caption + ": " + film.episode.ending.name.replacing("_", with: " "), path, film)
    }
  }
}
