internal import ArgumentParser
internal import Foundation
internal import Hub
internal import LeRobot

struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Look at LeRobot datasets of any version, check them and change them.",
    discussion: """
      EXAMPLE
        recap dataset info Examples/pusht
        recap dataset check Examples/pusht
      """,
    subcommands: [
      DatasetInfoCommand.self, DatasetCheckCommand.self, DatasetShowCommand.self,
      DatasetStatsCommand.self, DatasetConvertCommand.self, DatasetMergeCommand.self,
      DatasetSplitCommand.self, DatasetFilterCommand.self, DatasetRelabelCommand.self,
    ])
}

/// The dataset that a command reads.
struct DatasetArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A LeRobot dataset (v2.0, v2.1 or v3.0): a folder or a Hugging Face name.",
      valueName: "dataset"))
  var name: String

  func folder() throws -> String { try Hub.folder(for: name, kind: .dataset).relativePath }
}
