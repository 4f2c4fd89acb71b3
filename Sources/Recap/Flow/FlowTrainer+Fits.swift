internal import LeRobot
internal import Platform
internal import Torch

// The fits of a stage: V, the labels that come of it, the policy.
extension FlowTrainer {
  /// The episodes of a stage that V's fit leaves out, by their place among `positions`.
  private func valueHeldOut(_ positions: [Int]) -> [Int] {
    positions.indices.filter { splits.value.heldOut.contains(data.identities[positions[$0]]) }
  }

  func fitValue(
    _ stage: Stage, _ experience: Experience, _ features: FlowFeatures, _ method: FlowMethod,
    _ positions: [Int]
  ) throws {
    let training = configuration.training
    splits.value.decide(
      data.valueGroups(positions).map { $0.map { data.identities[$0] } }, fraction: 0.1,
      seed: training.seed, purpose: "value")
    let heldOut = valueHeldOut(positions)
    let known = positions.indices.filter { !method.returns[$0].isEmpty }
    guard !Set(known).isSubset(of: heldOut) else {
      throw TrainingError(
        description:
          "stage \(stage.rawValue): all \(known.count) episodes with an outcome were held out "
          + "of an earlier value function's fit; wanted others beside them, or a run from no checkpoint"
      )
    }
    var options = FitOptions(training)
    options.learningRate = training.valueLearningRate
    options.steps = training.valueSteps
    let fit = ValueFit(
      model.valueFunction, experience, features, returns: method.returns, heldOut: heldOut,
      options: options, evaluateEvery: min(50, max(1, training.valueSteps / 4)),
      purpose: stage.purpose(.value), encoders: features.encoders.trainedParameters)
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

  /// The labels of the stage; nil where it needs none.
  func label(
    _ stage: Stage, _ experience: Experience, _ positions: [Int], _ method: FlowMethod
  ) throws -> ImprovementLabels? {
    guard method.needsLabels else { return nil }
    let values =
      method.needsValues ? try self.values(stage, experience, valueFeatures.of(positions)) : nil
    let labels = method.labels(values)
    if method.needsValues {
      for (task, text) in experience.tasks.enumerated() {
        thresholds[text] = TaskThreshold(
          threshold: labels.thresholds[task], longest: method.scales[task].longest,
          steps: method.options.steps ?? 0)
      }
    }
    if pending == nil {
      for remark in labels.remarks { try report(.message(remark)) }
      if let values {
        try diagnose(
          stage, experience, values: values, returns: method.returns,
          heldOut: valueHeldOut(positions))
      }
      try report(rates: labels, stage, experience)
    }
    return labels
  }

  private func values(
    _ stage: Stage, _ experience: Experience, _ features: FlowFeatures
  ) throws -> [[Float]] {
    let work = "\(stage.rawValue): labels"
    do {
      return try needingMemory("labels") {
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
  }

  func fitPolicy(
    _ stage: Stage, _ experience: Experience, _ features: FlowFeatures, _ method: FlowMethod,
    _ labels: ImprovementLabels?
  ) throws {
    let training = configuration.training
    var options = FitOptions(training)
    options.steps = stage.flowSteps(training)
    let frames = try method.frames(labels)
    let dropout = configuration.recap.indicatorDropout
    let told = TrainedIndicators(frames, dropout: dropout)
    let fit = PolicyFit(
      model.policy, experience, features, frames: frames, indicatorDropout: dropout,
      options: options, purpose: stage.purpose(.policy),
      parameters: features.encoders.trainedParameters.map(\.tensor))
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
      indicators = told
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
    guard let labels, method.arm == .recap else { return }
    try reportConditioningGap(stage, experience, features, method, labels, frames)
  }

  func advance(_ losses: [(name: String, value: Double)]) {
    progress.step += 1
    progress.globalStep += 1
    progress.window.add(losses, keeping: configuration.training.logEvery)
  }

  func check(_ loss: Double, _ name: String, _ stage: Stage, _ step: Int) throws {
    if loss.isFinite { return }
    throw TrainingError(
      description: "\(name) is \(loss) in stage \(stage.rawValue), step \(step + 1); "
        + (lastCheckpoint.map { "the last good checkpoint is \($0)" }
          ?? "no checkpoint was written yet") + "; try a lower training.learning_rate")
  }
}
