internal import ArgumentParser
internal import Foundation
internal import LeRobot

struct DatasetShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print one sample as JSON.",
    discussion: """
      Every column by its key, the task's text, and for each camera its frame's size
      and the SHA-256 of its RGB bytes (height, width, 3), which are LeRobot's to
      the bit.

      EXAMPLE
        recap dataset show Examples/pusht --index 40 --png frame.png
      """)

  @OptionGroup var dataset: DatasetArgument

  @Option(help: ArgumentHelp("The frame, counted over all episodes.", valueName: "number"))
  var index: Int

  @Option(
    help: ArgumentHelp("The one camera to decode; all of them without it.", valueName: "key"))
  var camera: String?

  @Option(
    help: ArgumentHelp("Also write the camera's frame as a PNG picture.", valueName: "file"))
  var png: String?

  func run() throws {
    let dataset = try Dataset(folder: dataset.folder())
    guard (0..<dataset.frameCount).contains(index) else {
      throw ValidationError(
        "--index \(index): the dataset has frames 0 to \(dataset.frameCount - 1).")
    }
    let sample = try dataset.sample(at: index, cameras: camera.map { [$0] } ?? dataset.cameras)
    if let png { try write(png, dataset) }
    try printOutput(sample.text(indent: 2))
  }

  private func write(_ png: String, _ dataset: Dataset) throws {
    guard let camera = camera ?? dataset.cameras.first else {
      throw ValidationError("--png: the dataset has no camera.")
    }
    let bytes = try dataset.image(at: index, camera: camera).png()
    guard FileManager.default.createFile(atPath: png, contents: Data(bytes)) else {
      throw ValidationError("--png \(png): cannot be written.")
    }
  }
}
