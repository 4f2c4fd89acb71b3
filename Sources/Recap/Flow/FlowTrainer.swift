internal import Foundation
internal import LeRobot
internal import Platform
internal import Torch

/// Runs RECAP's three stages on the data at hand (arXiv 2511.14759 Algorithm 1), under the classic names.
///
/// | stage | value function | labels | policy |
/// |---|---|---|---|
/// | demonstrations | V_pre on demonstrations | N = T, 30 % positive | π_pre on demonstrations |
/// | corrections | | all positive | π from π_pre on demonstrations and corrections (SFT) |
/// | autonomous | V from V_pre on all | N steps, 40 % positive, corrections positive | π from π_pre on all |
///
/// Everything random is drawn from the seed, the stage and the step: a resumed run on a CPU repeats an
/// uninterrupted one to the bit.
final class FlowTrainer {
  let model: FlowModel
  let configuration: Configuration
  let data: TrainingData
  let features: FlowFeatures
  private let valueFeatures: FlowFeatures
  var report: (TrainingEvent) throws -> Void = { _ in }
  private(set) var progress = FlowProgress()
  private var identity: RunIdentity
  private var thresholds: [String: TaskThreshold] = [:]
  private var lastSave = ContinuousClock.now
  /// A checkpoint in the middle of a fit that is still to be taken up.
  private var pending: ClassicCheckpoint?
  /// The checkpoint that the run began from; π_pre and V_pre of its run may be beside it.
  private var start: ClassicCheckpoint?
  /// The checkpoint that this run began with, or wrote last.
  var lastCheckpoint: String?

  init(
    _ model: FlowModel, data: TrainingData, features: FlowFeatures, valueFeatures: FlowFeatures,
    identity: RunIdentity
  ) {
    self.identity = identity
    self.model = model
    configuration = model.configuration
    self.data = data
    self.features = features
    self.valueFeatures = valueFeatures
  }

  /// Takes up training where a checkpoint left it.
  func resume(_ checkpoint: ClassicCheckpoint) throws {
    progress = checkpoint.flowProgress ?? FlowProgress()
    try needingMemory("loading a checkpoint") { try checkpoint.restore(model) }
    try checkpoint.checkBestValueWeights(of: model)
    lastCheckpoint = checkpoint.path
    thresholds = checkpoint.thresholds
    start = checkpoint
    if progress.step > 0 { pending = checkpoint }
  }

  /// Runs every enabled stage from where `progress` stands to the end.
  func run(report: @escaping (TrainingEvent) throws -> Void) throws {
    self.report = report
    while !progress.isFinished {
      let stage = progress.stage
      if stage.isEnabled(configuration.training), stage.flowSteps(configuration.training) > 0 {
        try run(stage)
        progress.finishStage()
        identity.save += 1
        let path = try save(stage.checkpointName, optimizer: nil)
        if !progress.isFinished { try Interruption.check(kept: "\(path) is saved") }
      } else {
        progress.finishStage()
      }
    }
  }

  private func run(_ stage: Stage) throws {
    let isFresh = progress.phase == .value && progress.step == 0
    if isFresh, stage == .autonomous { try restart() }
    let positions = data.flowEpisodes(for: stage)
    if let note = data.note(for: stage), isFresh { try report(.message(note)) }
    let experience = Experience(data, positions, model)
    let method = FlowMethod(configuration, stage, experience)
    for remark in method.remarks where isFresh { try report(.message(remark)) }
    if method.needsValues {
      if progress.phase == .value {
        try fitValue(stage, experience, valueFeatures.of(positions), method, positions)
      }
    }
    if progress.phase == .value { progress.finishValue() }
    let labels = try label(stage, experience, positions, method)
    try fitPolicy(stage, experience, features.of(positions), method, labels)
  }

  /// Begins again from V_pre and π_pre (Algorithm 1, lines 8 and 9).
  private func restart() throws {
    let folders =
      [configuration.training.checkpointDir] + (start.map { [parentFolder(of: $0.path)] } ?? [])
    let paths = folders.map { "\($0)/\(Stage.demonstrations.checkpointName)" }
    guard let path = paths.first(where: FileManager.default.fileExists) else {
      try report(
        .message(
          "\(paths[0]) is not there: stage autonomous goes on from the weights as they are, "
            + "not from the pre-trained ones"))
      return
    }
    let pretrained = try ClassicCheckpoint(path: path)
    let known = [identity.run, start?.identity?.run]
    if let other = pretrained.identity?.run, !known.contains(other) {
      throw CheckpointError(
        description: "\(path): is of run \(other), this one is \(identity.run); give it back the "
          + "checkpoint of its own pre-training, or move this one away")
    }
    try needingMemory("loading a checkpoint") { try pretrained.restore(model) }
  }

  // MARK: Value function

  private func fitValue(
    _ stage: Stage, _ experience: Experience, _ features: FlowFeatures, _ method: FlowMethod,
    _ positions: [Int]
  ) throws {
    let training = configuration.training
    let heldOut = Set(data.valueHeldOutEpisodes(positions, seed: training.seed))
    var options = FitOptions(training)
    options.learningRate = training.valueLearningRate
    options.steps = training.valueSteps
    let fit = ValueFit(
      model.valueFunction, experience, features, returns: method.returns,
      heldOut: positions.indices.filter { heldOut.contains(positions[$0]) }, options: options,
      evaluateEvery: min(50, max(1, training.valueSteps / 4)), purpose: stage.purpose(.value),
      parameters: features.encoders.trainedParameters)
    if let pending {
      try needingMemory("loading a checkpoint") {
        try pending.restore(fit.optimizer, "optimizer_state_dict")
      }
      fit.resume(
        step: progress.step, best: progress.bestLoss.map { ($0, progress.bestStep) },
        bestWeights: pending.bestValueWeights)
      self.pending = nil
    }
    let work = "\(stage.rawValue): value function"
    while !fit.isDone {
      let (loss, heldOut) = try needingMemory { try fit.next() }
      try check(loss, "train/value_cross_entropy", stage, fit.step)
      advance([("train/value_cross_entropy", loss)])
      try report(
        .progress(
          work: work, done: fit.step, total: training.valueSteps,
          losses: [("value_cross_entropy", loss)]))
      if let heldOut {
        if let best = fit.best { (progress.bestLoss, progress.bestStep) = best }
        try metrics(stage, [("eval/value_cross_entropy", heldOut)])
      }
      try reportRecent(stage, ["train/value_cross_entropy"])
      // What is measured after the last step has its number: no checkpoint may come between.
      if !fit.isDone { try saveIfDue(fit.optimizer, fit.bestWeights) }
    }
    try needingMemory("the best weights") { fit.finish() }
    if let best = fit.best, fit.step < training.valueSteps {
      try report(
        .message(
          "value function: stopped after \(fit.step) steps, as held-out episodes got no better "
            + "after \(best.step)"))
    }
    try report(
      .progress(work: work, done: training.valueSteps, total: training.valueSteps, losses: []))
  }

  // MARK: Labels and policy

  /// The labels of the stage; nil where it needs none.
  private func label(
    _ stage: Stage, _ experience: Experience, _ positions: [Int], _ method: FlowMethod
  ) throws -> ImprovementLabels? {
    guard method.needsValues else { return nil }
    let features = valueFeatures.of(positions)
    let work = "\(stage.rawValue): labels"
    let values: [[Float]]
    do {
      values = try needingMemory("labels") {
        try model.valueFunction.values(of: experience, features) { done, total in
          try report(.progress(work: work, done: done, total: total, losses: []))
        }
      }
    } catch var interrupted as Interrupted {
      // V is fitted, and nothing is measured yet; or the policy's fit was still to be taken up.
      let path = try pending?.path ?? saveIntermediate(nil)
      interrupted.kept = "\(path) is saved"
      throw interrupted
    }
    let labels = method.labels(experience, values: values)
    for (task, text) in experience.tasks.enumerated() {
      thresholds[text] = TaskThreshold(
        threshold: labels.thresholds[task], longest: method.scales[task].longest)
    }
    if pending == nil {
      for remark in labels.remarks { try report(.message(remark)) }
      let heldOut = Set(
        data.valueHeldOutEpisodes(positions, seed: configuration.training.seed))
      let held = positions.indices.filter { heldOut.contains(positions[$0]) }
      let shown = held.isEmpty ? Array(positions.indices) : held
      try diagnose(
        stage, experience, values: values, returns: method.returns, shown, labels: labels)
    }
    return labels
  }

  private func fitPolicy(
    _ stage: Stage, _ experience: Experience, _ features: FlowFeatures, _ method: FlowMethod,
    _ labels: ImprovementLabels?
  ) throws {
    let training = configuration.training
    var options = FitOptions(training)
    options.steps = stage.flowSteps(training)
    let frames = try method.frames(experience, labels)
    let fit = PolicyFit(
      model.policy, experience, features, frames: frames,
      indicatorDropout: configuration.recap.indicatorDropout, options: options,
      purpose: stage.purpose(.policy), parameters: features.encoders.trainedParameters)
    if let pending {
      try needingMemory("loading a checkpoint") {
        try pending.restore(fit.optimizer, "optimizer_state_dict")
      }
      fit.step = progress.step
      self.pending = nil
    }
    try report(.progress(work: stage.rawValue, done: fit.step, total: options.steps, losses: []))
    while !fit.isDone {
      let loss = try needingMemory { try fit.next() }
      try check(loss, "train/flow_loss", stage, fit.step)
      advance([("train/flow_loss", loss)])
      try report(
        .progress(
          work: stage.rawValue, done: fit.step, total: options.steps,
          losses: [("flow_loss", loss)]))
      try reportRecent(stage, ["train/flow_loss"])
      if !fit.isDone { try saveIfDue(fit.optimizer, [:]) }
    }
    let heldOut = data.heldOutEpisodes
    if !heldOut.isEmpty, let loss = try measured("held-out loss", { try heldOutLoss(heldOut) }) {
      try metrics(stage, [("eval/flow_loss", loss)])
    }
    guard method.needsValues, method.arm == .recap,
      let gap = try measured(
        "conditioning gap",
        {
          try model.policy.conditioningGap(
            frames, experience, features, limit: 1024, seed: training.seed)
        })
    else { return }
    try metrics(
      stage,
      [
        ("recap/conditioning_gap", gap.flippedLoss - gap.loss),
        ("recap/loss_positive", gap.positiveLoss), ("recap/loss_negative", gap.negativeLoss),
      ])
    if gap.flippedLoss - gap.loss < 0.01 {
      try report(
        .message(
          String(
            format:
              "conditioning gap %.4f: flipping the labels hardly changes the loss, so that the "
              + "policy does not use them; try more steps, policy.indicator_modulation=true, or "
              + "another recap.positive_fraction", gap.flippedLoss - gap.loss)))
    }
  }

  // MARK: Steps

  private func advance(_ losses: [(name: String, value: Double)]) {
    progress.step += 1
    progress.globalStep += 1
    progress.window.add(losses, keeping: configuration.training.logEvery)
  }

  private func check(_ loss: Double, _ name: String, _ stage: Stage, _ step: Int) throws {
    if loss.isFinite { return }
    throw TrainingError(
      description: "\(name) is \(loss) in stage \(stage.rawValue), step \(step + 1); the last "
        + "checkpoint in \(configuration.training.checkpointDir) is good; try a lower "
        + "training.learning_rate")
  }

  private func saveIfDue(_ optimizer: AdamW, _ best: [String: Tensor]) throws {
    let training = configuration.training
    let isStepDue = training.saveEverySteps.map { progress.globalStep % $0 == 0 } ?? false
    let isTimeDue =
      training.saveEveryMinutes.map { ContinuousClock.now - lastSave >= .seconds($0 * 60) } ?? false
    guard isStepDue || isTimeDue || Interruption.isAsked else { return }
    if isStepDue { identity.save += 1 }
    let path = try saveIntermediate(optimizer, best)
    try Interruption.check(kept: "\(path) is saved")
  }

  private func saveIntermediate(
    _ optimizer: AdamW?, _ best: [String: Tensor] = [:]
  ) throws -> String {
    let path = try save(
      IntermediateCheckpoints.name(globalStep: progress.globalStep), optimizer: optimizer,
      best: best)
    try IntermediateCheckpoints.prune(
      folder: configuration.training.checkpointDir,
      keeping: configuration.training.keepCheckpoints)
    return path
  }

  /// Returns where it lies.
  private func save(
    _ name: String, optimizer: AdamW?, best: [String: Tensor] = [:]
  ) throws -> String {
    let path = "\(configuration.training.checkpointDir)/\(name)"
    let weights = model.policy.namedParameters() + model.valueFunction.namedParameters()
    if let bad = try needingMemory("saving", { weights.first { !$0.tensor.isfinite().all } }) {
      throw TrainingError(
        description:
          "weight \(bad.name) is not finite after step \(progress.globalStep); try a lower "
          + "training.learning_rate")
    }
    let snapshot = FlowSnapshot(
      progress: progress, identity: identity, optimizer: optimizer, bestValueWeights: best,
      thresholds: thresholds)
    try needingMemory("saving") { try model.save(snapshot, to: path) }
    lastCheckpoint = path
    lastSave = .now
    try report(.saved(path: path))
    return path
  }
}

extension FitOptions {
  init(_ training: Configuration.Training) {
    self.init()
    batchSize = training.batchFrames
    learningRate = training.learningRate
    weightDecay = training.weightDecay
    warmupSteps = training.warmupSteps
    maxGradNorm = training.maxGradNorm
    seed = training.seed
  }
}

extension Stage {
  /// Steps of the flow policy's fit.
  func flowSteps(_ training: Configuration.Training) -> Int {
    switch self {
    case .demonstrations: training.demoSteps
    case .corrections: training.correctionSteps
    case .autonomous: training.autonomousSteps
    }
  }

  /// Tells the random numbers of the run's fits apart.
  fileprivate func purpose(_ phase: FlowProgress.Phase) -> Int {
    100 + 2 * Stage.allCases.firstIndex(of: self)! + (phase == .value ? 0 : 1)
  }
}

extension TrainingData {
  /// Training episodes of a stage: demonstrations; demonstrations and corrections; all.
  fileprivate func flowEpisodes(for stage: Stage) -> [Int] {
    switch stage {
    case .demonstrations: return self.episodes(for: stage)
    case .corrections:
      let own = trainingEpisodes.filter { [.demo, .correction].contains(episodes[$0].type) }
      return own.isEmpty ? trainingEpisodes : own
    case .autonomous: return trainingEpisodes
    }
  }

  /// Which of these episodes decide when a value function's fit stops: a tenth of those that ended alike.
  fileprivate func valueHeldOutEpisodes(_ positions: [Int], seed: Int) -> [Int] {
    let groups = Dictionary(grouping: positions) { position in
      "\(episodes[position].type?.rawValue ?? "") \(episodes[position].success.map(String.init) ?? "")"
    }
    return heldOutSplit(
      groups.sorted { $0.key < $1.key }.map(\.value), fraction: 0.1, seed: seed
    ).heldOut
  }
}
