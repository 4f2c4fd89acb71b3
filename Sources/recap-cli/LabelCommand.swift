internal import ArgumentParser
internal import LeRobot
internal import Recap
internal import Torch

struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Label every frame with its value, advantage and improvement indicator.",
    discussion: """
      Written beside the dataset, to meta/recap_labels.parquet: episode_index,
      frame_index, return, value, advantage, indicator, forced. Without --checkpoint
      the values that are there already are used, so that another fraction takes no
      network.

      EXAMPLE
        recap label --checkpoint runs/pistar06-small --dataset_path ~/data/my_robot
        recap label --dataset_path ~/data/my_robot --set recap.positive_fraction=0.1
      """)

  @Option(
    help: ArgumentHelp(
      "A checkpoint of policy.type flow, or a folder whose last written one to take.",
      valueName: "path"))
  var checkpoint: String?

  @Option(
    name: .customLong("dataset_path"),
    help: ArgumentHelp(
      "The dataset; without it that of the checkpoint.", valueName: "folder"))
  var datasetPath: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "A key of the configuration, as recap.positive_fraction=0.1; may be repeated.",
      valueName: "key=value"))
  var assignments: [String] = []

  @Flag(help: "Label as stage demonstrations does: N = T, recap.pretraining_fraction.")
  var pretraining = false

  @Option(
    help: ArgumentHelp("cpu or cuda; without it cuda where there is one.", valueName: "device"))
  var device: String?

  func validate() throws {
    if checkpoint == nil, datasetPath == nil {
      throw ValidationError("--checkpoint, --dataset_path or both are wanted.")
    }
  }

  func run() throws {
    let console = TrainingConsole()
    let rates: [LabelRate]
    if let checkpoint {
      rates = try DatasetLabels.write(
        checkpoint: checkpoint, datasetPath: datasetPath, isPretraining: pretraining,
        assignments: assignments, device: device.map { try Device($0) }, report: console.show)
    } else {
      rates = try DatasetLabels.rewrite(
        datasetPath: datasetPath!, isPretraining: pretraining, assignments: assignments,
        report: console.show)
    }
    console.finish()
    try printOutput(labelTable(rates))
    try printOutput("\nwritten to \(LabelSidecar.path) of the dataset")
  }
}
