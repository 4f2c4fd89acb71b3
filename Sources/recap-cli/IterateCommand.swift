internal import ArgumentParser
internal import Foundation
internal import Recap
internal import Simulation
internal import Torch
internal import Tracking

struct IterateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iterate",
    abstract: "RECAP in rounds: collect, add to the data, fit value function and policy anew.",
    discussion: """
      Pre-trains on demonstrations, fine-tunes on them with all labels positive, then
      runs recap.rounds rounds. A round waits for a folder of new episodes, a LeRobot
      dataset with success labels and interventions; the same command then goes on,
      as it does after any interruption. With simulation.task it collects by itself,
      demonstrations as well where no dataset is named.

      EXAMPLE
        recap iterate --config configs/pistar06-small.yaml --dataset_path demos \\
          --set training.checkpoint_dir=runs/rounds
        recap iterate --config configs/pistar06-small.yaml \\
          --set training.checkpoint_dir=runs/rounds --status
        recap iterate --config configs/carry.yaml
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "cpu or cuda; without it cuda where there is one, and the CPU for simulated episodes.",
      valueName: "device"))
  var device: String?

  @Flag(help: "Show what is done, and what came of what, as a tree.")
  var status = false

  func run() throws {
    var options = options
    // Where it has come to is asked of a folder alone.
    if status, options.datasetPath == nil { options.datasetPath = "." }
    let configuration = try options.configuration()
    let folder = configuration.training.checkpointDir
    if status {
      guard let plan = try IterationPlan(folder: folder) else {
        throw IterationError.noPlan(folder)
      }
      try printOutput(plan.tree, terminator: "")
      return
    }
    let console = IterationConsole()
    let outcome = try console.run(configuration, device: device.map { try Device($0) })
    if let plan = try IterationPlan(folder: folder) { try printOutput(plan.tree) }
    if case .waiting(let round, let policy, let episodes) = outcome {
      let manner = try ActingManner(checkpoint: policy)
      try printOutput(
        """
        Round \(round) waits for episodes of \(policy), which acts by \(manner.description).\
        \(manner.remark.map { "\n\($0)" } ?? "")
        Record them as a LeRobot dataset in \(episodes), then run the same command again.
        """)
    }
  }
}

/// Runs the rounds, shows what happens and logs it to each step's `metrics.jsonl`.
final class IterationConsole {
  private let console = TrainingConsole()
  private var sink: JSONLines?

  func message(_ text: String) { console.show(.message(text)) }

  func run(_ configuration: Configuration, device: Device?) throws -> Iteration.Outcome {
    let collector = try configuration.simulation.task.map {
      try SimulatedCollector(SimulatedTask.named($0), configuration, device: device ?? .cpu)
    }
    let iteration = try Iteration(configuration: configuration, device: device)
    let outcome = try iteration.run(collector: collector?.collector, report: show)
    finish()
    return outcome
  }

  /// Trains without rounds, as step `name`, from where it was left.
  func train(_ configuration: Configuration, as name: String) throws {
    let run = try TrainingRun(
      configuration: configuration, existing: .resume, report: console.show)
    try show(
      .began(
        step: name, folder: configuration.training.checkpointDir, startStep: run.startStep))
    try run.train { try self.show(.training($0)) }
    finish()
  }

  private func show(_ event: Iteration.Event) throws {
    switch event {
    case .began(let step, let folder, let startStep):
      message("step \(step)")
      sink?.finish(exitCode: 0)
      sink = try folder.map {
        try JSONLines(path: "\($0)/metrics.jsonl", resumingAfter: startStep)
      }
    case .training(let event):
      console.show(event)
      guard case .metrics(let metrics) = event else { return }
      try sink?.log(
        MetricRecord(
          stage: metrics.stage.rawValue, globalStep: metrics.globalStep, values: metrics.values))
    case .done(let step): message("step \(step) is done")
    }
  }

  private func finish() {
    console.finish()
    sink?.finish(exitCode: 0)
    sink = nil
  }
}
