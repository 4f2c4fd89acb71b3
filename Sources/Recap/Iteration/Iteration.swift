internal import Foundation
internal import Hub
internal import LeRobot
internal import Platform
public import Torch

/// Algorithm 1 of RECAP (arXiv 2511.14759) as one run that goes on where it was stopped: pre-training, SFT,
/// then rounds of collecting, adding to the data, and fitting V and π from their pre-trained selves.
///
/// Everything lies in one folder: `plan.json` says which step is done and by which data and checkpoints,
/// `pretrain`, `sft` and `round-K` hold checkpoints, `round-K/episodes` what was collected and `round-K/data`
/// all data of that round. A step appears whole or is done again from its last intermediate checkpoint.
public struct Iteration {
  public let folder: String
  private let configuration: Configuration
  private let device: Device?

  /// How a run of `run` ended.
  public enum Outcome: Sendable {
    case finished
    /// A round waits for episodes of this policy in this folder.
    case waiting(round: Int, policy: String, episodes: String)
  }

  /// - Parameter configuration: of policy.type flow; `training.checkpoint_dir` is the run's folder,
  ///   `dataset.path` the demonstrations (without it `demonstrations` in that folder), `recap.rounds` the
  ///   number of rounds.
  public init(configuration: Configuration, device: Device? = nil) throws {
    guard configuration.policy.type == .flow else {
      throw ConfigurationError(problems: [
        "policy.type is \(configuration.policy.type.rawValue); wanted flow for `recap iterate`"
      ])
    }
    folder = configuration.training.checkpointDir
    self.configuration = configuration
    self.device = device
  }

  /// Records episodes as a LeRobot dataset in a folder that is not there yet, and that appears whole.
  public struct Collector {
    /// Demonstrations.
    let demonstrate: (_ folder: String) throws -> Void
    /// Autonomous and corrected episodes of a policy in a round, counted from 1.
    let collect: (_ round: Int, _ policy: String, _ folder: String) throws -> Void

    public init(
      demonstrate: @escaping (_ folder: String) throws -> Void,
      collect: @escaping (_ round: Int, _ policy: String, _ folder: String) throws -> Void
    ) {
      self.demonstrate = demonstrate
      self.collect = collect
    }
  }

  /// What a step does as it goes on.
  public enum Event {
    /// A step begins; of a fit, its folder and the steps taken in it before.
    case began(step: String, folder: String?, startStep: Int)
    case training(TrainingEvent)
    case done(step: String)
  }

  /// Does what is left, as far as it goes without new episodes.
  ///
  /// - Parameter collector: collects what is missing; nil waits for it.
  /// - Throws: where a step fails, and where data or checkpoints of a finished step are not what it was made
  ///   from any more.
  public func run(
    collector: Collector? = nil, report: @escaping (Event) throws -> Void
  ) throws -> Outcome {
    let lock = try FolderLock(folder)
    defer { withExtendedLifetime(lock) {} }
    if let remark = lock.remark { try report(.training(.message(remark))) }
    if let trace = RunFolder.traces(in: folder).first, try IterationPlan(folder: folder) == nil {
      throw IterationError(
        description:
          "\(folder): holds a run of `recap train` (\(trace)); set training.checkpoint_dir "
          + "to another folder")
    }
    var plan = try IterationPlan(folder: folder) ?? IterationPlan(rounds: 0)
    plan.extend(rounds: configuration.recap.rounds)
    let changed = plan.note(configuration)
    if !changed.isEmpty, let done = plan.steps.last(where: \.isDone) {
      try report(
        .training(
          .message(
            "changed since the last run: \(changed.joined(separator: ", ")); steps to \(done.name) are "
              + "done and stay as they are")))
    }
    try plan.write(folder: folder)
    let demonstrations = configuration.dataset.path ?? "\(folder)/demonstrations"
    if configuration.dataset.path == nil, let collector, !exists(demonstrations) {
      try report(.began(step: "demonstrations", folder: nil, startStep: 0))
      try collector.demonstrate(demonstrations)
      try report(.done(step: "demonstrations"))
    }
    let demonstrationsHash = try dataHash(Hub.folder(for: demonstrations, kind: .dataset).path)

    try fit(
      "pretrain", .demonstrations, in: "pretrain", from: nil, after: nil, data: demonstrations,
      inputs: ["demonstrations": demonstrationsHash], &plan, report)
    let pretrained = plan["pretrain"]!
    try fit(
      "sft", .corrections, in: "sft", from: pretrained.output!, after: pretrained.output!,
      data: demonstrations,
      inputs: ["demonstrations": demonstrationsHash, "pretrain": pretrained.hash!], &plan, report)

    var data = (path: demonstrations, hash: demonstrationsHash)
    var policy = plan["sft"]!
    for round in 0..<configuration.recap.rounds {
      let k = round + 1
      let episodes = "round-\(k)/episodes"
      if plan["collect-\(k)"]?.isDone == false {
        try Interruption.check()
        if let collector, !exists("\(folder)/\(episodes)") {
          try report(.began(step: "collect-\(k)", folder: nil, startStep: 0))
          try collector.collect(k, "\(folder)/\(policy.output!)", "\(folder)/\(episodes)")
        }
        guard exists("\(folder)/\(episodes)/meta/info.json") else {
          return .waiting(
            round: k, policy: "\(folder)/\(policy.output!)", episodes: "\(folder)/\(episodes)")
        }
        let collected = try LeRobot.Dataset(folder: "\(folder)/\(episodes)")
        let problems = DatasetCheck(folder: collected.folder).problems
        try Interruption.check()
        if let first = problems.first {
          throw IterationError(
            description: "\(collected.folder) has \(problems.count) problems, the first: \(first); "
              + "mend it, or wait until it is complete (recap dataset check shows all)")
        }
        plan.finish(
          "collect-\(k)", inputs: ["policy": policy.hash!], output: episodes,
          hash: try dataHash(collected.folder), note: "\(collected.episodes.count) episodes")
        try plan.write(folder: folder)
        try report(.done(step: "collect-\(k)"))
      }
      let collected = plan["collect-\(k)"]!
      try verify(collected, dataHash("\(folder)/\(episodes)"))
      data = try add(k, before: data, collected, &plan, report)
      try fit(
        "fit-\(k)", .autonomous, in: "round-\(k)", from: pretrained.output!, after: policy.output!,
        data: data.path,
        inputs: ["data": data.hash, "pretrain": pretrained.hash!], &plan, report)
      policy = plan["fit-\(k)"]!
    }
    return .finished
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Joins what was collected to all data before.
  private func add(
    _ k: Int, before: (path: String, hash: String), _ collected: IterationPlan.Step,
    _ plan: inout IterationPlan, _ report: (Event) throws -> Void
  ) throws -> (path: String, hash: String) {
    let name = "add-\(k)"
    let output = "round-\(k)/data"
    let path = "\(folder)/\(output)"
    let inputs = ["before": before.hash, "collected": collected.hash!]
    if plan[name]!.isDone {
      try verify(plan[name]!, inputs)
      return (path, plan[name]!.hash!)
    }
    try Interruption.check()
    try report(.began(step: name, folder: nil, startStep: 0))
    // What an interrupted copy left.
    try? FileManager.default.removeItem(atPath: path)
    let first = try LeRobot.Dataset(folder: Hub.folder(for: before.path, kind: .dataset).path)
    let second = try LeRobot.Dataset(folder: "\(folder)/\(collected.output!)")
    let version: DatasetVersion = first.info.sharesFiles ? .v30 : .v21
    let remarks = try DatasetCopy(first.copies + second.copies).write(to: path, version: version)
    for remark in remarks { try report(.training(.message(remark))) }
    plan.finish(
      name, inputs: inputs, output: output, hash: try dataHash(path),
      note: "\(first.episodes.count + second.episodes.count) episodes")
    try plan.write(folder: folder)
    try report(.done(step: name))
    return (path, plan[name]!.hash!)
  }

  /// Runs one stage in a folder of its own.
  ///
  /// - Parameters:
  ///   - start: the checkpoint whose weights it begins from.
  ///   - last: that of the fit before, whose held-out episodes stay so.
  private func fit(
    _ name: String, _ stage: Stage, in place: String, from start: String?, after last: String?,
    data: String, inputs: [String: String], _ plan: inout IterationPlan,
    _ report: @escaping (Event) throws -> Void
  ) throws {
    let output = "\(place)/\(stage.checkpointName)"
    if plan[name]!.isDone { return try verify(plan[name]!, inputs, output: output) }
    try Interruption.check()
    var configuration = configuration
    configuration.dataset.path = data
    configuration.training.checkpointDir = "\(folder)/\(place)"
    configuration.training.trainDemonstrations = stage == .demonstrations
    configuration.training.trainCorrections = stage == .corrections
    configuration.training.trainAutonomous = stage == .autonomous
    let run = try TrainingRun(
      configuration: configuration, device: device, checkpoint: start.map { "\(folder)/\($0)" },
      existing: .resume, earlier: last.map { "\(folder)/\($0)" }
    ) { event in try? report(.training(event)) }
    try report(
      .began(
        step: name, folder: configuration.training.checkpointDir,
        startStep: run.isGoingOn ? run.startStep : 0))
    try run.train { try report(.training($0)) }
    plan.finish(name, inputs: inputs, output: output, hash: try contentHash("\(folder)/\(output)"))
    try plan.write(folder: folder)
    try report(.done(step: name))
  }

  /// Stops where a finished step was made from something else than what is there now.
  private func verify(
    _ step: IterationPlan.Step, _ inputs: [String: String], output: String? = nil
  ) throws {
    for (name, hash) in inputs.sorted(by: { $0.key < $1.key }) where step.inputs[name] != hash {
      throw IterationError(
        description: "\(folder)/plan.json: step \(step.name) was made from \(name) "
          + "\((step.inputs[name] ?? "?").prefix(12)), which is \(hash.prefix(12)) now; give back what "
          + "was there, or begin in a new folder")
    }
    if let output { try verify(step, contentHash("\(folder)/\(output)")) }
  }

  private func verify(_ step: IterationPlan.Step, _ hash: String) throws {
    if step.hash == hash { return }
    throw IterationError(
      description: "\(folder)/\(step.output!) is not what step \(step.name) made "
        + "(\(hash.prefix(12)), not \(step.hash!.prefix(12))); give back what was there, or begin in a "
        + "new folder")
  }
}
