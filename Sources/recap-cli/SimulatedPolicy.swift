internal import ArgumentParser
internal import Foundation
internal import PolicyInterface
internal import Recap
internal import Simulation
internal import Torch

/// How a policy from a checkpoint acts, the same in every command that lets one.
struct ActingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of a flow policy: positive, negative or unconditional (default: its policy.condition).",
      valueName: "label"),
    transform: { text in
      guard let condition = Configuration.Condition(rawValue: text) else {
        throw ValidationError("wanted positive, negative or unconditional")
      }
      return condition
    })
  var condition: Configuration.Condition?

  @Option(
    help: ArgumentHelp(
      "Of a flow policy: how far to go beyond the label, β (default: its policy.guidance).",
      valueName: "number"))
  var guidance: Double?

  var options: ActingOptions {
    var options = ActingOptions()
    options.condition = condition
    options.guidance = guidance
    return options
  }
}

/// Options that say which simulated task, and who acts in it.
struct RolloutOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The task: \(SimulatedTask.all.map(\.name).joined(separator: ", ")).", valueName: "name"))
  var task: String

  @Option(
    help: ArgumentHelp(
      "The policy that acts: a checkpoint, or a folder whose last written one to take; without it the "
        + "task's demonstrators.", valueName: "path"))
  var checkpoint: String?

  @OptionGroup var acting: ActingArguments

  @Option(help: ArgumentHelp("Episodes.", valueName: "number"))
  var episodes = 200

  @Option(help: ArgumentHelp("Decides every episode's start and chance.", valueName: "number"))
  var seed = 0

  @Option(help: ArgumentHelp("Threads; 0 for one a core.", valueName: "number"))
  var workers = 0

  func validate() throws {
    if episodes < 1 { throw ValidationError("--episodes is \(episodes); wanted 1 or more") }
    if seed < 0 { throw ValidationError("--seed is \(seed); wanted 0 or more") }
    if workers < 0 { throw ValidationError("--workers is \(workers); wanted 0 or more") }
  }

  /// - Parameter everyFrame: whether cameras are drawn in every step, to be recorded.
  func rollout(everyFrame: Bool = false, corrector: Demonstrator? = nil) throws -> Rollout {
    let task = try SimulatedTask.named(task)
    var rollout = try checkpoint.map { try Rollout(task, checkpoint: $0, acting.options) }
      ?? Rollout(task: task, actor: .demonstrators(task.demonstrators))
    if everyFrame { rollout.pictures = .frames }
    rollout.corrector = corrector
    if workers > 0 { rollout.workers = workers }
    return rollout
  }
}

extension Rollout {
  /// Episodes of the policy of a checkpoint, which sees the cameras that it was trained on.
  ///
  /// - Throws: where the checkpoint cannot be read, or wants another state or other cameras than the task has.
  init(_ task: SimulatedTask, checkpoint: String, _ options: ActingOptions) throws {
    let policy = try loadPolicy(checkpoint: checkpoint, device: .cpu, options: options)
    let specification = try task.make().specification
    let missing = policy.cameras.filter { key in
      !specification.cameras.contains { $0.key == key }
    }
    if let camera = missing.first {
      throw SimulationError(
        "\(checkpoint) sees by camera '\(camera)', which task '\(task.name)' has not; it has "
          + specification.cameras.map(\.key).joined(separator: ", "))
    }
    if let width = policy.stateDim, width != specification.stateNames.count {
      throw SimulationError(
        "\(checkpoint) wants a state of \(width) numbers; task '\(task.name)' has "
          + "\(specification.stateNames.count): \(specification.stateNames.joined(separator: ", "))")
    }
    self.init(
      task: task,
      actor: .policy(
        checkpoint,
        make: {
          // One worker a core is all the parallelism there is.
          Runtime.threads = 1
          return try loadPolicy(checkpoint: checkpoint, device: .cpu, options: options)
        }), pictures: policy.cameras.isEmpty ? .never : .decisions)
  }
}
