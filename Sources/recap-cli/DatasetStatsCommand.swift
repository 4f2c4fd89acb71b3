internal import ArgumentParser
internal import Foundation
internal import LeRobot

struct DatasetStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Print the statistics of every numeric column.",
    discussion: """
      Taken from the dataset's own metadata where it has them, else computed from its rows; quantiles
      are those of all rows.

      EXAMPLE
        recap dataset stats Examples/pusht
      """)

  @OptionGroup var dataset: DatasetArgument

  @Flag(help: "Compute them from the rows, whatever the metadata says.")
  var recompute = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {}
}
