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
  let valueFeatures: FlowFeatures
  var report: (TrainingEvent) throws -> Void = { _ in }
  var progress = FlowProgress()
  var identity: RunIdentity
  var thresholds: NameDictionary<TaskThreshold> = [:]
  /// What the policy was told in its last fit; nil before the first.
  var indicators: TrainedIndicators?
  var splits: EpisodeSplits
  var lastSave = ContinuousClock.now
  /// A checkpoint in the middle of a fit that is still to be taken up.
  var pending: ClassicCheckpoint?
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
    splits = data.splits
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
    indicators = checkpoint.trainedIndicators
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
    let method = FlowMethod(configuration, stage, experience, fps: data.dataset.info.fps)
    for remark in method.remarks where isFresh {
      try report(.message("stage \(stage.rawValue): \(remark)"))
    }
    if method.needsValues, progress.phase == .value {
      try fitValue(stage, experience, valueFeatures.of(positions), method, positions)
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
    // What is known of the weights goes with them.
    (thresholds, indicators) = (pretrained.thresholds, pretrained.trainedIndicators)
  }
}
