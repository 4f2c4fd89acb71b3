internal import ArgumentParser
internal import Foundation
internal import Platform
internal import PolicyInterface
internal import Recap
internal import Simulation
internal import Torch

/// How a policy from a checkpoint acts, the same in every command that lets one.
struct ActingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of a flow policy: positive, negative or unconditional, as far as it was trained with it (default: its policy.condition).",
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

  @Option(
    name: .customLong("noise-scale"),
    help: ArgumentHelp(
      "Of a flow policy: what the noise that actions are made from is multiplied by (default: its policy.noise_scale).",
      valueName: "number"))
  var noiseScale: Double?

  func validate() throws {
    try check("guidance", guidance, from: 0, upTo: 1e6)
    try check("noise-scale", noiseScale, from: 0, upTo: 1000)
  }

  var options: ActingOptions {
    var options = ActingOptions()
    options.condition = condition
    options.guidance = guidance
    options.noiseScale = noiseScale
    return options
  }
}

/// Where a policy acts in a simulated task.
struct SimulationDevice: ParsableArguments {
  @Option(
    name: .customLong("device"),
    help: ArgumentHelp(
      "Where networks run, cpu or cuda; small ones are faster on the CPU.", valueName: "device"))
  var name = "cpu"

  func device() throws -> Device { try Device(name) }
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
  @OptionGroup var place: SimulationDevice

  @Option(
    help: ArgumentHelp(
      "Which demonstrators, as slow=2,skilful=1, in proportion (default: the task's own mixture).",
      valueName: "name=weight,…"))
  var demonstrators: String?

  @Option(
    help: ArgumentHelp("One demonstrator in their place: skill, 0 to 1.", valueName: "number"))
  var skill: Double?
  @Option(help: ArgumentHelp("Its speed, above 0 to 1 (default: 1).", valueName: "number"))
  var speed: Double?
  @Option(
    help: ArgumentHelp("The noise on its actions, a deviation (default: 0).", valueName: "number"))
  var noise: Double?
  @Option(
    help: ArgumentHelp(
      "The probability of a lapse in a step (default: 0).", valueName: "number"))
  var mistakes: Double?

  @Option(help: ArgumentHelp("Episodes.", valueName: "number"))
  var episodes = 200

  @Option(help: ArgumentHelp("Decides every episode's start and chance.", valueName: "number"))
  var seed = 0

  @Option(help: ArgumentHelp("Threads; 0 for one a core.", valueName: "number"))
  var workers = 0

  func validate() throws {
    try check("episodes", episodes, from: 1, upTo: mostEpisodes)
    try check("seed", seed, from: 0, upTo: greatestSeed)
    if let skill, !(0...1).contains(skill) {
      throw ValidationError("--skill is \(skill); wanted 0 to 1")
    }
    if let speed, !(speed > 0 && speed <= 1) {
      throw ValidationError("--speed is \(speed); wanted above 0 to 1")
    }
    try check("noise", noise, from: 0, upTo: 1000)
    try check("mistakes", mistakes, from: 0, upTo: 1)
    let isSettled = speed != nil || noise != nil || mistakes != nil
    if isSettled, skill == nil {
      throw ValidationError("--speed, --noise and --mistakes want --skill.")
    }
    if checkpoint != nil, skill != nil || demonstrators != nil {
      throw ValidationError("--checkpoint acts in place of demonstrators: give one of them.")
    }
    try check("workers", workers, from: 0, upTo: 1024)
  }

  private func mixture(_ task: SimulatedTask) throws -> DemonstratorMixture {
    if let skill {
      return DemonstratorMixture(
        "demonstrator",
        Demonstrator(
          skill: skill, speed: speed ?? 1, noise: noise ?? 0, mistakes: mistakes ?? 0))
    }
    guard let demonstrators else { return task.demonstrators }
    let known = task.demonstrators.parts
    let parts = try demonstrators.split(separator: ",").map { text in
      let sides = text.split(separator: "=").map(String.init)
      guard sides.count == 2, let weight = Double(sides[1]), weight > 0,
        weight <= 1e6,
        var part = known.first(where: { $0.name == sides[0] })
      else {
        throw SimulationError(
          "--demonstrators \(demonstrators): '\(text)' is no name=weight; wanted "
            + known.map { "\($0.name)=\($0.weight)" }.joined(separator: ","))
      }
      part.weight = weight
      return part
    }
    guard !parts.isEmpty else {
      throw SimulationError("--demonstrators is empty; wanted name=weight,…")
    }
    return DemonstratorMixture(parts)
  }

  /// - Parameters:
  ///   - everyFrame: whether cameras are drawn in every step, to be recorded.
  ///   - meet: told of the policy, where a checkpoint's acts.
  func rollout(
    everyFrame: Bool = false, corrector: Demonstrator? = nil,
    meet: (any TrainedPolicy) -> Void = { _ in }
  ) throws -> Rollout {
    let task = try SimulatedTask.named(task)
    var rollout =
      try checkpoint.map {
        try Rollout(task, checkpoint: $0, acting.options, device: place.device(), meet: meet)
      }
      ?? Rollout(task: task, actor: .demonstrators(mixture(task)))
    if everyFrame { rollout.pictures = .frames }
    rollout.corrector = corrector
    if workers > 0 { rollout.workers = workers }
    return rollout
  }
}

extension TrainedPolicy {
  /// Says where the policy does not act as its configuration says.
  func report() {
    if let remark { StandardError.write("recap: \(remark)\n") }
  }
}

extension Rollout {
  /// Episodes of the policy of a checkpoint, which sees the cameras that it was trained on.
  ///
  /// - Parameter meet: told of the policy.
  /// - Throws: where the checkpoint cannot be read, or wants another state or other cameras than the task has.
  init(
    _ task: SimulatedTask, checkpoint: String, _ options: ActingOptions, device: Device = .cpu,
    meet: (any TrainedPolicy) -> Void = { _ in }
  ) throws {
    let policy = try loadPolicy(checkpoint: checkpoint, device: device, options: options)
    policy.report()
    meet(policy)
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
          + "\(specification.stateNames.count): \(specification.stateNames.joined(separator: ", "))"
      )
    }
    self.init(
      task: task,
      actor: .policy(
        checkpoint,
        make: {
          // One worker a core is all the parallelism there is.
          Runtime.threads = 1
          return try loadPolicy(checkpoint: checkpoint, device: device, options: options)
        }), pictures: policy.cameras.isEmpty ? .never : .decisions)
  }
}
