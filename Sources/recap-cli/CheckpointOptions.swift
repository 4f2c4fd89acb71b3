internal import ArgumentParser
internal import Foundation
internal import Recap
internal import Torch

/// Options that say which trained policy to use, the same in every command that has them.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A checkpoint, or a folder whose last written one to take.", valueName: "path"))
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "The configuration, where the checkpoint does not hold its own (it is the PyTorch project's).",
      valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("device"),
    help: ArgumentHelp("cpu or cuda; without it cuda where there is one.", valueName: "device"))
  var deviceName: String?

  func configuration() throws -> Configuration? {
    try config.map { try Configuration(file: $0) }
  }

  func device() throws -> Device? {
    try deviceName.map { try Device($0) }
  }
}
