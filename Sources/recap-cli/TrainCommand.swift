internal import ArgumentParser
internal import Foundation
internal import Recap
internal import Torch

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a policy: demonstrations, corrections, autonomous experience.",
    discussion: """
      A checkpoint is written after each stage: checkpoint_demo.pt, checkpoint_correction.pt and
      checkpoint_final.pt, in training.checkpoint_dir, with metrics.jsonl and a W&B offline run beside them.

      EXAMPLE
        recap train --config recap_config.yaml --dataset_path ~/data/my_robot --set model.action_dim=14
        recap train --config recap_config.yaml --checkpoint checkpoints/checkpoint_demo.pt

      KEYS
      \(Configuration.help)
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "Go on from this checkpoint, or from the furthest one in this folder.", valueName: "path"))
  var checkpoint: String?

  @Option(help: ArgumentHelp("cpu or cuda; without it cuda where there is one.", valueName: "device"))
  var device: String?

  @Flag(name: .customLong("no-cache"), help: "Run frozen encoders on every frame in every epoch.")
  var noCache = false

  func run() throws {
    let configuration = try options.configuration()
    let run = try TrainingRun(
      configuration: configuration, device: device.map { try Device($0) }, checkpoint: checkpoint,
      usesCache: !noCache
    ) { event in
      if case .metrics(let m) = event, m.values.contains(where: { $0.name.contains("epoch_") }) { print(m.stage, m.globalStep, m.values) }
      if case .message(let m) = event { print(m) }
      if case .saved(let m) = event { print(m) }
    }
    for (name, value) in run.overview { print(name, value) }
    try run.train()
  }
}
