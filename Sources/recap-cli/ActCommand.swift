internal import ArgumentParser
internal import Foundation
internal import PolicyInterface
internal import Recap
internal import Torch

struct ActCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "act",
    abstract: "Act with a trained policy: observations in, actions out, both as JSON lines.",
    discussion: """
      Each line of standard input is one observation; each line of standard output
      answers one, in order, until the input ends. A picture is the path of a PNG or
      JPEG file, or such a file in base64. With one camera, "image" may stand for
      "images".

        {"images": {"observation.image": "frame.png"}, "state": [222, 97],
         "instruction": "Push the T block."}        (in one line)
        {"actions": [[335.7, 117.7]]}

      EXAMPLE
        recap act --checkpoint runs/demo < observations.jsonl > actions.jsonl
      """)

  @OptionGroup var options: CheckpointOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of a classic policy: normalised advantage to condition on (default: 1 after autonomous training, else none).",
      valueName: "number"))
  var advantage: Double?

  @OptionGroup var acting: ActingArguments

  @Option(help: ArgumentHelp("Of a flow policy: the seed of its noise.", valueName: "number"))
  var seed = 0

  func validate() throws {
    try check("advantage", advantage, from: -1e6, upTo: 1e6)
    try check("seed", seed, from: 0, upTo: greatestSeed)
  }

  func run() throws {
    var acting = acting.options
    acting.advantage = advantage
    acting.seed = seed
    let actor = try loadPolicy(
      checkpoint: options.checkpoint, configuration: options.configuration(),
      device: options.device(), options: acting)
    var number = 0
    while let line = readLine() {
      number += 1
      if line.allSatisfy(\.isWhitespace) { continue }
      do {
        let observation = try Observation(jsonLine: line, cameras: actor.cameras)
        let chunk = try actor.act(on: observation)
        let data = try JSONSerialization.data(withJSONObject: ["actions": chunk.actions])
        // Not through a buffer: whoever drives the robot waits for the line.
        FileHandle.standardOutput.write(data + [UInt8(ascii: "\n")])
      } catch {
        throw ObservationLineError(description: "standard input, line \(number): \(error)")
      }
    }
  }
}

/// A line of input that is no observation.
struct ObservationLineError: Error, CustomStringConvertible {
  let description: String
}
