internal import ArgumentParser
internal import LeRobot

struct DatasetFilterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Copy the episodes that satisfy every condition.",
    discussion: """
      Types and outcomes are those that `recap dataset info` reports, wherever the
      recorder put them.

      EXAMPLE
        recap dataset filter Examples/pusht --output good --outcome success
      """)

  @OptionGroup var dataset: DatasetArgument

  @OptionGroup var conditions: EpisodeConditions
  @OptionGroup var target: CopyTarget

  func run() throws {
    try target.write(conditions.copies(Dataset(folder: dataset.folder())))
  }
}
