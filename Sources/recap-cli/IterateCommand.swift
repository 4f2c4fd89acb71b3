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
    help: ArgumentHelp("cpu or cuda; without it cuda where there is one.", valueName: "device"))
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
      print(plan.tree, terminator: "")
      return
    }
    let iteration = try Iteration(
      configuration: configuration, device: device.map { try Device($0) })
    let console = TrainingConsole()
    var sink: JSONLines?
    let collector = try configuration.simulation.task.map {
      try SimulatedCollector(SimulatedTask.named($0), configuration)
    }
    let outcome = try iteration.run(collector: collector?.collector) { event in
      switch event {
      case .began(let step, let folder, let startStep):
        console.show(.message("step \(step)"))
        sink?.finish(exitCode: 0)
        sink = try folder.map {
          try JSONLines(path: "\($0)/metrics.jsonl", resumingAfter: startStep)
        }
      case .training(let event):
        console.show(event)
        if case .metrics(let metrics) = event {
          try sink?.log(
            MetricRecord(
              stage: metrics.stage.rawValue, globalStep: metrics.globalStep,
              values: metrics.values))
        }
      case .done(let step): console.show(.message("step \(step) is done"))
      }
    }
    console.finish()
    sink?.finish(exitCode: 0)
    if let plan = try IterationPlan(folder: folder) { print(plan.tree) }
    if case .waiting(let round, let policy, let episodes) = outcome {
      print(
        """
        Round \(round) waits for episodes of \(policy).
        Record them as a LeRobot dataset in \(episodes), then run the same command again.
        """)
    }
  }
}
