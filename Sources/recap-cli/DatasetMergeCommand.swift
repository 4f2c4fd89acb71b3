internal import ArgumentParser
internal import Hub
internal import LeRobot

struct DatasetMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Join datasets into one, episodes in the order of the datasets.",
    discussion: """
      Features, frame rate and robot must be the same; where they are not, all
      differences are named.

      EXAMPLE
        recap dataset merge monday tuesday --output week
      """)

  @Argument(
    help: ArgumentHelp("Two or more datasets: folders or Hugging Face names.", valueName: "dataset")
  )
  var datasets: [String]

  @OptionGroup var target: CopyTarget

  func validate() throws {
    if datasets.count < 2 { throw ValidationError("Two or more datasets are wanted.") }
  }

  func run() throws {
    let copies = try datasets.flatMap { name in
      try Dataset(folder: Hub.folder(for: name, kind: .dataset).path).copies
    }
    try target.write(copies)
  }
}
