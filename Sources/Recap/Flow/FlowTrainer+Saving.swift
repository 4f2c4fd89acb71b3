internal import Platform
internal import Torch

// When a run of the flow policy saves, and what.
extension FlowTrainer {
  func saveIfDue(_ optimizer: AdamW, _ best: [String: Tensor]) throws {
    let training = configuration.training
    let isStepDue = training.saveEverySteps.map { progress.globalStep % $0 == 0 } ?? false
    let isTimeDue =
      training.saveEveryMinutes.map { ContinuousClock.now - lastSave >= .seconds($0 * 60) } ?? false
    guard isStepDue || isTimeDue || Interruption.isAsked else { return }
    if isStepDue { identity.save += 1 }
    let path = try saveIntermediate(optimizer, best)
    try Interruption.check(kept: "\(path) is saved")
  }

  func saveIntermediate(
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
  func save(
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
      thresholds: thresholds, indicators: indicators, splits: splits, fps: data.dataset.info.fps)
    try needingMemory("saving") { try model.save(snapshot, to: path) }
    lastCheckpoint = path
    lastSave = .now
    try report(.saved(path: path))
    return path
  }
}
