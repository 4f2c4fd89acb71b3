internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Simulation
internal import Torch

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show which libraries, devices and video decoders were found, and where.",
    discussion: """
      EXAMPLE
        recap doctor
      """)

  func run() throws {
    var rows: [(String, String)] = [
      ("libtorch", "\(Runtime.version), \(Runtime.libraryPath)"),
      ("threads", "\(Runtime.threads)"),
      ("cuda", cuda),
      ("FFmpeg", FFmpeg.version),
    ]
    let codecs = ["av1", "h264", "hevc", "mpeg4"]
    let decoders = FFmpeg.decoders(for: codecs)
    for codec in codecs {
      let names = decoders[codec] ?? []
      rows.append(
        (
          "  \(codec)",
          names.isEmpty
            ? "no decoder: videos of this kind cannot be read" : names.joined(separator: ", ")
        ))
    }
    rows.append(("Arrow", arrowVersion()))
    rows += [("MuJoCo", World.engineVersion), ("  cameras", cameras)]
    try printOutput(table(rows))
  }

  private var cameras: String {
    do {
      return "drawn by \(try Renderer(world: SimulatedTask.all[0].make().world).device)"
    } catch {
      return "\(error)"
    }
  }

  private var cuda: String {
    Device.isCUDAAvailable()
      ? "\(Device.cudaCount) device(s): --device cuda"
      : "none (\(Runtime.cudaLoadError.isEmpty ? "no GPU" : Runtime.cudaLoadError)): training runs on the CPU"
  }
}
