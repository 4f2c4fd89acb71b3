internal import ArgumentParser
internal import Foundation
internal import Platform
internal import Recap

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write a checkpoint for other programs: safetensors, or the PyTorch project's layout.",
    discussion: """
      Both hold every weight, those of frozen encoders too. Names in safetensors are
      the checkpoint's, after policy. or value_function.; its metadata hold the
      configuration, the action statistics and, of a flow policy, the labels that it
      was trained with and how it acts.

      EXAMPLE
        recap export --checkpoint checkpoints/checkpoint_final.pt \\
          --output policy.safetensors
        recap export --checkpoint checkpoints/checkpoint_demo.pt \\
          --classic for_pytorch.pt
      """)

  @OptionGroup var options: CheckpointOptions

  @Option(help: ArgumentHelp("Write safetensors here.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write a whole checkpoint here, optimizer state included, for the PyTorch project to resume from.",
      valueName: "file"))
  var classic: String?

  @Option(
    help: ArgumentHelp(
      "Whose names of CLIP's weights --classic writes: 4 or 5, the major version of transformers.",
      valueName: "version"))
  var transformers = 5

  func validate() throws {
    guard output != nil || classic != nil else {
      throw ValidationError("nothing to write; wanted --output or --classic, or both")
    }
    guard transformers == 4 || transformers == 5 else {
      throw ValidationError("--transformers is \(transformers); wanted 4 or 5")
    }
  }

  func run() throws {
    let checkpoint = try ClassicCheckpoint(fileOrFolder: options.checkpoint)
    let configuration = try options.configuration()
    if let output {
      let remark = try checkpoint.exportSafetensors(to: output, configuration: configuration)
      if let remark { StandardError.write("recap: \(remark)\n") }
      try printOutput("wrote \(output)")
    }
    if let classic {
      try checkpoint.exportClassic(
        to: classic, transformers: transformers, configuration: configuration)
      try printOutput("wrote \(classic)")
    }
  }
}
