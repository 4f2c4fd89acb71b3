internal import Foundation
internal import Platform
internal import Torch

/// Training cannot go on.
public struct TrainingError: Error, CustomStringConvertible {
  public let description: String
}

/// Runs the three stages of the classic recipe.
///
/// Two AdamW optimizers, one for the policy and one for the value function, live through all stages.
/// Everything random is drawn from the seed, the stage and the epoch, so that a resumed run on a CPU repeats
/// an uninterrupted one to the bit.
public final class Trainer {
  let configuration: Configuration
  let data: TrainingData
  let model: ClassicModel
  /// Features computed before training; nil runs frozen encoders in every epoch.
  var frozen: FrozenFeatures?
  private var report: (TrainingEvent) throws -> Void = { _ in }
  private let policyOptimizer: AdamW
  private let valueOptimizer: AdamW
  var progress = Progress()
  private var identity: RunIdentity
  private var lastSave = ContinuousClock.now
  /// Checkpoints that this run began with and wrote, with the steps taken before each.
  private var checkpoints: [(path: String, step: Int)] = []
  private var lastHeldOut: Double?
  private var heldOutBeforeAutonomous: Double?

  init(
    configuration: Configuration, data: TrainingData, model: ClassicModel, identity: RunIdentity
  ) {
    self.identity = identity
    self.configuration = configuration
    self.data = data
    self.model = model
    let training = configuration.training
    policyOptimizer = AdamW(
      model.policy.parameters(), learningRate: training.learningRate,
      weightDecay: training.weightDecay)
    valueOptimizer = AdamW(
      model.valueFunction.parameters(), learningRate: training.valueLearningRate,
      weightDecay: training.weightDecay)
  }

  /// Runs every enabled stage from where `progress` stands to the end.
  ///
  /// Throws when a loss is not a number, when data cannot be read, or when a checkpoint cannot be written; the
  /// last complete checkpoint stays as it was.
  public func run(report: @escaping (TrainingEvent) throws -> Void) throws {
    self.report = report
    if progress.globalStep == 0, let heldOut = try heldOutLoss() {
      let before = [("eval/demo_loss", heldOut)] + place
      try report(.metrics(Metrics(stage: progress.stage, globalStep: 0, values: before)))
    }
    while !progress.isFinished {
      if progress.stage.isEnabled(configuration.training) {
        try run(progress.stage)
        if !progress.isFinished {
          try Interruption.check(kept: "\(checkpoints.last!.path) is saved")
        }
      } else {
        progress.finishStage()
      }
    }
  }

  private func run(_ stage: Stage) throws {
    let training = configuration.training
    let episodes = data.episodes(for: stage)
    if let note = data.note(for: stage) { try report(.message(note)) }
    if stage == .autonomous { heldOutBeforeAutonomous = lastHeldOut }
    let epochs = stage.epochs(training)
    let batchCount = (episodes.count - 1) / configuration.dataset.batchSize + 1

    func reportProgress(_ losses: [(name: String, value: Double)]) throws {
      try report(
        .progress(
          work: stage.rawValue, done: progress.stageStep, total: epochs * batchCount,
          losses: losses))
    }
    try reportProgress([])

    while progress.epoch < epochs {
      let epoch = progress.epoch
      let batches = epochBatches(
        episodes, size: configuration.dataset.batchSize, seed: training.seed, stage: stage,
        epoch: epoch)
      if progress.epochStep >= batches.count {  // of a checkpoint of more episodes
        progress.finishEpoch()
        continue
      }
      var loader = EpochLoader(
        data: data, model: model, frozen: frozen,
        batches: Array(batches.dropFirst(progress.epochStep)))
      while let batch = try needingMemory({ try loader.next() }) {
        setLearningRates(stageStep: progress.stageStep, total: epochs * batchCount)
        let losses = try needingMemory { try step(stage, batch) }
        progress.epochStep += 1
        progress.stageStep += 1
        progress.globalStep += 1
        progress.window.add(losses, keeping: training.logEvery)
        try reportProgress(losses)
        if progress.stageStep % training.logEvery == 0 {
          try reportRecent(stage, losses.map(\.name))
        }
        if progress.epochStep == batches.count {
          try reportEpoch(stage)
          progress.finishEpoch()
        }
        // Last, so that a run that goes on from here has nothing of this step left to report.
        try saveIfDue()
      }
    }
    progress.finishStage()
    identity.save += 1
    try save(stage.checkpointName)
    if stage == .autonomous { try warnIfImitationSuffered() }
  }

  /// Stage 3's objective is unbounded below: actions with a negative advantage are pushed away without end.
  private func warnIfImitationSuffered() throws {
    guard let before = heldOutBeforeAutonomous, let after = lastHeldOut, after > 2 * before else {
      return
    }
    try report(
      .message(
        String(
          format: "held-out imitation loss rose from %.4g to %.4g in stage autonomous: try fewer "
            + "training.autonomous_epochs, a lower training.learning_rate, or policies from "
            + "checkpoint_correction.pt", before, after)))
  }

  /// Runs a part of a step; where memory is wanting, says what was asked for and which checkpoint is good.
  private func needingMemory<R>(_ body: () throws -> R) throws -> R {
    try computing(
      "stage \(progress.stage.rawValue), epoch \(progress.epoch + 1), step \(progress.epochStep + 1) "
        + "on \(model.device)",
      outOfMemory:
        "dataset.batch_size is \(configuration.dataset.batchSize) episodes: try a smaller one, a smaller "
        + "model.hidden_dim, frozen encoders or another --device; \(kept())", body)
  }

  /// One step of both optimizers on one batch; the losses by their metric names, the main one first.
  private func step(_ stage: Stage, _ batch: EpisodeBatch) throws -> [(name: String, value: Double)]
  {
    policyOptimizer.zeroGrad()
    valueOptimizer.zeroGrad()
    var losses: [(name: String, value: Double)]
    if stage == .autonomous {
      let terms = try autonomousLosses(
        model.policy, model.valueFunction, batch, configuration.training)
      let (mean, deviation) = meanAndStandardDeviation(terms.advantages.flatMap { $0 })
      losses = [
        ("train/policy_loss", terms.policy.item()), ("train/value_loss", terms.value.item()),
        ("train/entropy", terms.entropy.item()), ("train/advantage_mean", Double(mean)),
        ("train/advantage_std", Double(deviation)),
      ]
      try check(losses, stage)
      terms.total.backward()
      progress.hasTrainedAutonomously = true
    } else {
      let loss = imitationLoss(model.policy, batch)
      losses = [("train/demo_loss", loss.item())]
      try check(losses, stage)
      loss.backward()
    }
    if let maxNorm = configuration.training.maxGradNorm {
      _ = clipGradientNorm(policyOptimizer.parameters, max: maxNorm)
      _ = clipGradientNorm(valueOptimizer.parameters, max: maxNorm)
    }
    policyOptimizer.step()
    if stage == .autonomous { valueOptimizer.step() }
    return losses
  }

  private func check(_ losses: [(name: String, value: Double)], _ stage: Stage) throws {
    guard let bad = losses.first(where: { !$0.value.isFinite }) else { return }
    throw diverged(
      "\(bad.name) is \(bad.value) in stage \(stage.rawValue), epoch \(progress.epoch + 1), "
        + "step \(progress.epochStep + 1)")
  }

  private func diverged(_ what: String) -> TrainingError {
    TrainingError(
      // Weights saved after the last step are those that gave what is wrong.
      description: "\(what); \(kept { $0 < progress.globalStep }); try a lower "
        + "training.learning_rate or dataset.normalize_actions=mean_std")
  }

  /// The last checkpoint that was written, or begun with, after a step that is wanted.
  private func kept(_ isWanted: (Int) -> Bool = { _ in true }) -> String {
    let good = checkpoints.last {
      isWanted($0.step) && FileManager.default.fileExists(atPath: $0.path)
    }
    return good.map { "the last good checkpoint is \($0.path)" } ?? "no good checkpoint was written"
  }

  private func setLearningRates(stageStep: Int, total: Int) {
    let training = configuration.training
    let schedule = training.schedule ?? .constant
    guard training.warmupSteps > 0 || schedule == .cosine else { return }
    // A cosine begins at 0, as it always did here.
    let share = schedule.rate(
      schedule == .cosine ? stageStep : stageStep + 1, peak: 1, warmup: training.warmupSteps,
      total: total)
    policyOptimizer.learningRate = training.learningRate * share
    valueOptimizer.learningRate = training.valueLearningRate * share
  }
}

// MARK: Metrics

extension Trainer {
  private func reportRecent(_ stage: Stage, _ names: [String]) throws {
    try report(
      .metrics(
        Metrics(
          stage: stage, globalStep: progress.globalStep,
          values: names.map { ($0, progress.window.recentMean($0)) } + place)))
  }

  private func reportEpoch(_ stage: Stage) throws {
    let names =
      stage == .autonomous
      ? ["policy_loss", "value_loss", "entropy", "advantage_mean", "advantage_std"] : ["demo_loss"]
    var values = names.map { ("train/epoch_\($0)", progress.window.epochMean("train/\($0)")) }
    if stage != .autonomous { values = [("train/demo_epoch_loss", values[0].1)] }
    if let heldOut = try heldOutLoss() { values.append(("eval/demo_loss", heldOut)) }
    try report(
      .metrics(Metrics(stage: stage, globalStep: progress.globalStep, values: values + place)))
  }

  private var place: [(name: String, value: Double)] {
    [("train/step", Double(progress.stageStep)), ("train/epoch", Double(progress.epoch))]
  }

  /// Imitation loss of the unconditioned policy on held-out demonstrations and corrections, weighted by
  /// frames; nil where nothing is held out.
  private func heldOutLoss() throws -> Double? {
    guard !data.heldOutEpisodes.isEmpty else { return nil }
    return try withoutGradient {
      var loader = EpochLoader(
        data: data, model: model, frozen: frozen, batches: data.heldOutEpisodes.map { [$0] })
      var sum = 0.0
      var frames = 0.0
      func next() throws -> (loss: Double, length: Int)? {
        try loader.next().map { (imitationLoss(model.policy, $0).item(), $0.length) }
      }
      while let (loss, length) = try needingMemory(next) {
        sum += loss * Double(length)
        frames += Double(length)
      }
      lastHeldOut = sum / frames
      return lastHeldOut
    }
  }

}

// MARK: Checkpoints

extension Trainer {
  var snapshot: TrainingSnapshot {
    TrainingSnapshot(
      progress: progress, splits: data.splits, identity: identity, policyOptimizer: policyOptimizer,
      valueOptimizer: valueOptimizer)
  }

  private func saveIfDue() throws {
    let training = configuration.training
    let isStepDue = training.saveEverySteps.map { progress.globalStep % $0 == 0 } ?? false
    let isTimeDue =
      training.saveEveryMinutes.map { ContinuousClock.now - lastSave >= .seconds($0 * 60) } ?? false
    guard isStepDue || isTimeDue || Interruption.isAsked else { return }
    if isStepDue { identity.save += 1 }
    try save(IntermediateCheckpoints.name(globalStep: progress.globalStep))
    try IntermediateCheckpoints.prune(
      folder: configuration.training.checkpointDir, keeping: training.keepCheckpoints)
    try Interruption.check(kept: "\(checkpoints.last!.path) is saved")
  }

  private func save(_ name: String) throws {
    let path = "\(configuration.training.checkpointDir)/\(name)"
    // A finite loss may still have had gradients that are not.
    let weights = model.policy.namedParameters() + model.valueFunction.namedParameters()
    let bad = try needingMemory {
      weights.first { $0.tensor.requiresGrad && !$0.tensor.isfinite().all }
    }
    if let bad {
      throw diverged("weight \(bad.name) is not finite after step \(progress.globalStep)")
    }
    try needingMemory { try ClassicCheckpoint.save(model: model, training: snapshot, to: path) }
    lastSave = .now
    checkpoints.append((path, progress.globalStep))
    try report(.saved(path: path))
  }

  /// Takes up training where a checkpoint left it.
  func resume(_ checkpoint: ClassicCheckpoint) throws {
    try needingMemory {
      try checkpoint.restore(policyOptimizer: policyOptimizer, valueOptimizer: valueOptimizer)
    }
    progress = checkpoint.progress ?? Progress()
    checkpoints.append((checkpoint.path, progress.globalStep))
  }
}
