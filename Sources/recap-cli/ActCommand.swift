internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform
internal import PolicyInterface
internal import Recap
internal import Torch

struct ActCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "act",
    abstract: "Act with a trained policy: observations in, actions out, both as JSON lines.",
    discussion: """
      Each line of standard input is one observation; each line of standard output
      answers one, in order, until the input ends. Lines without anything in them are
      skipped. A picture is the path of a PNG or JPEG file, or such a file in base64.
      With one camera, "image" may stand for "images".

        {"images": {"observation.image": "frame.png"}, "state": [222, 97],
         "instruction": "Push the T block."}        (in one line)
        {"actions": [[335.7, 117.7]]}

      A line that is no observation for the policy is answered with what is wrong
      with it, and the next line is read; the exit status is 1 then, once the input
      has ended. --strict ends at the first such line.

        {"error": "line 3: 'state' has 2 values; wanted 3"}

      EXAMPLE
        recap act --checkpoint runs/demo < observations.jsonl > actions.jsonl
      """)

  @OptionGroup var options: CheckpointOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of a classic policy: normalised advantage to condition on (default: 1 after autonomous training, else none, and none can be asked for).",
      valueName: "number"))
  var advantage: Double?

  @OptionGroup var acting: ActingArguments

  @Option(help: ArgumentHelp("Of a flow policy: the seed of its noise.", valueName: "number"))
  var seed = 0

  @Flag(help: "End at the first line that is no observation for the policy.")
  var strict = false

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
    actor.report()
    let input = StandardInput()
    var (number, answered) = (0, 0)
    var failed: (count: Int, first: Int)?
    while let line = try input.line() {
      number += 1
      if case .bytes(let bytes) = line, bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) {
        continue
      }
      var answer: String
      do {
        answer = try Self.answer(line, actor)
      } catch {
        if strict { throw ObservationLineError("standard input, line \(number): \(error)") }
        failed = ((failed?.count ?? 0) + 1, failed?.first ?? number)
        answer = JSON.object(["error": .string("line \(number): \(error)")]).text()
      }
      // Whoever drives the robot waits for it.
      try StandardOutput.write(answer + "\n")
      answered += 1
    }
    if let failed {
      throw ObservationLineError(
        "\(failed.count) of \(answered) lines are no observations for this policy and were answered "
          + "with an error, line \(failed.first) first")
    }
  }

  /// The line of output for a line of input.
  private static func answer(
    _ line: StandardInput.Line, _ actor: any TrainedPolicy
  ) throws -> String {
    guard case .bytes(let bytes) = line else {
      throw ObservationLineError("is longer than \(StandardInput.longestLine) bytes")
    }
    let actions = try actor.act(on: Observation(jsonLine: bytes, cameras: actor.cameras)).actions
    for (step, action) in actions.enumerated() {
      if let place = action.firstIndex(where: { !$0.isFinite }) {
        throw ObservationLineError(
          "the policy answers with no number: action \(step) has \(action[place]) at place \(place)"
        )
      }
    }
    return String(
      decoding: try JSONSerialization.data(withJSONObject: ["actions": actions]), as: UTF8.self)
  }
}
