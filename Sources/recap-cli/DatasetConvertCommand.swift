internal import ArgumentParser
internal import LeRobot

struct DatasetConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a dataset anew in another version.",
    discussion: """
      Every value, picture, label, statistic and key of the metadata is kept, and so
      are other files; videos are copied without encoding them anew. The source is
      not touched, and the copy appears when it is complete.

      EXAMPLE
        recap dataset convert Examples/pusht --output pusht-v30 --to v3.0
      """)

  @OptionGroup var dataset: DatasetArgument

  @OptionGroup var target: CopyTarget

  func run() throws {
    try target.write(Dataset(folder: dataset.folder()).copies)
  }
}
