internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform

struct DatasetShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print one sample as JSON.",
    discussion: """
      Every column by its key, the task's text, and for each camera its frame's size
      and the SHA-256 of its RGB bytes (height, width, 3), which are LeRobot's to
      the bit; of depth maps the SHA-256 of their millimetres (height, width) in
      float32, and a picture of 16-bit grey, one a millimetre.

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
    let sample = try dataset.sample(at: index, cameras: camera.map { [$0] } ?? cameras(dataset))
    if let png { try write(png, dataset) }
    try printOutput(sample.text(indent: 2))
  }

  /// Those that have a file; of the others it is said.
  private func cameras(_ dataset: Dataset) -> [String] {
    let episode = dataset.episodes[dataset.position(ofFrame: index).episode]
    return dataset.cameras.filter { camera in
      do {
        try dataset.verifyFiles(of: [episode], cameras: [camera])
        return true
      } catch {
        StandardError.write("note: \(camera) is left out: \(error)\n")
        return false
      }
    }
  }

  private func write(_ png: String, _ dataset: Dataset) throws {
    guard let camera = camera ?? dataset.cameras.first else {
      throw ValidationError("--png: the dataset has no camera.")
    }
    let bytes =
      dataset.info.features[camera]?.depth == nil
      ? try dataset.image(at: index, camera: camera).png()
      : try dataset.depthMap(at: index, camera: camera).png()
    try write(bytes, to: png)
  }
  /// Not by a file beside it that takes its name: it may be a device, or a pipe, which has to have a
  /// reader.
  private func write(_ bytes: [UInt8], to path: String) throws {
    func failure() -> FileError { FileError(path, "cannot be written: \(errorText(errno))") }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else { throw failure() }
    _ = fcntl(descriptor, F_SETFL, O_WRONLY)
    guard let file = fdopen(descriptor, "wb") else { throw failure() }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw failure() }
  }
}
