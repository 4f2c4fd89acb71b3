internal import ArgumentParser
internal import Foundation
internal import LeRobot

struct DatasetShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print one sample as JSON.",
    discussion: """
      Every column by its key, the task's text, and for each camera its frame's size and the SHA-256
      of its RGB bytes (height, width, 3), which are LeRobot's to the bit.

      EXAMPLE
        recap dataset show Examples/pusht --index 40
      """)

  @OptionGroup var dataset: DatasetArgument

  @Option(help: ArgumentHelp("The frame, counted over all episodes.", valueName: "number"))
  var index: Int

  @Option(
    help: ArgumentHelp("The one camera to decode; all of them without it.", valueName: "key"))
  var camera: String?

  func run() throws {
    let dataset = try Dataset(folder: dataset.folder())
    guard (0..<dataset.frameCount).contains(index) else {
      throw ValidationError(
        "--index \(index): the dataset has frames 0 to \(dataset.frameCount - 1).")
    }
    print(
      try dataset.sample(at: index, cameras: camera.map { [$0] } ?? dataset.cameras)
        .text(indent: 2))
  }
}
