internal import ArgumentParser
internal import Foundation
internal import Platform
internal import Recap
internal import Torch
internal import Tracking

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a policy: demonstrations, corrections, autonomous experience.",
    discussion: """
      A checkpoint is written after each stage (checkpoint_demo.pt,
      checkpoint_correction.pt, checkpoint_final.pt), with metrics.jsonl and a W&B
      offline run beside them. `recap keys` lists what can be configured.

      EXAMPLE
        recap train --config configs/recap_config.yaml \\
          --dataset_path ~/data/my_robot --set model.action_dim=14
        recap train --config configs/recap_config.yaml \\
          --dataset_path ~/data/my_robot --set model.action_dim=14 --resume
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "Begin from this checkpoint, or from the last one written in this folder.", valueName: "path")
  )
  var checkpoint: String?

  @Flag(help: "Go on where the run in training.checkpoint_dir stopped; begin where there is none.")
  var resume = false

  @Flag(help: "Remove the run in training.checkpoint_dir and begin anew.")
  var overwrite = false

  @Option(
    help: ArgumentHelp("cpu or cuda; without it cuda where there is one.", valueName: "device"))
  var device: String?

  @Flag(name: .customLong("no-cache"), help: "Run frozen encoders on every frame in every epoch.")
  var noCache = false

  func validate() throws {
    if resume, overwrite {
      throw ValidationError(
        "--resume goes on with a run that --overwrite removes: give one of them.")
    }
  }

  func run() throws {
    let configuration = try options.configuration()
    let console = TrainingConsole()
    let run = try TrainingRun(
      configuration: configuration, device: device.map { try Device($0) }, checkpoint: checkpoint,
      existing: resume ? .resume : overwrite ? .overwrite : .refuse, usesCache: !noCache,
      report: console.show)
    let folder = configuration.training.checkpointDir
    var sinks: [any MetricSink] = [
      try JSONLines(
        path: "\(folder)/metrics.jsonl", resumingAfter: run.isGoingOn ? run.startStep : nil)
    ]
    var places = [("checkpoints", folder), ("metrics", "\(folder)/metrics.jsonl")]
    if configuration.training.useWandb {
      let wandb = try WandbOfflineRun(
        folder: folder, project: configuration.training.wandbProject,
        name: configuration.training.wandbName, configuration: run.configuration)
      sinks.append(wandb)
      places.append(("W&B", "wandb sync \(wandb.folder)"))
    }

    var summary = TrainingSummary()
    do {
      try run.train { event in
        console.show(event)
        guard case .metrics(let metrics) = event else { return }
        summary.add(metrics)
        let record = MetricRecord(metrics)
        for sink in sinks { try sink.log(record) }
      }
    } catch {
      console.finish()
      let status = (error as? Interrupted)?.exitStatus ?? 1
      for sink in sinks { try? sink.finish(exitCode: Int(status)) }
      throw error
    }
    console.finish()
    for sink in sinks { try sink.finish(exitCode: 0) }
    places.append(
      ("try next", "\(CommandLine.arguments[0]) act --checkpoint \(folder) < observations.jsonl"))
    let tables = [summary.text, table(places)].compactMap(\.self)
    try printOutput(tables.joined(separator: "\n\n"))
  }
}

extension MetricRecord {
  fileprivate init(_ metrics: Metrics) {
    self.init(
      stage: metrics.stage.rawValue, globalStep: metrics.globalStep, values: metrics.values)
  }
}
