internal import Encoders
internal import Foundation
internal import Hub
internal import LeRobot
internal import Platform
public import Torch

/// A run of three stages, from a configuration to its last checkpoint.
public struct TrainingRun {
  public let configuration: Configuration
  /// Steps that were taken before this run, when it goes on from a checkpoint.
  public let startStep: Int
  /// Whether it goes on with the run that its folder held.
  public let isGoingOn: Bool
  /// Keeps other processes from writing to the folder of the checkpoints.
  private let lock: FolderLock
  private let run: (@escaping (TrainingEvent) throws -> Void) throws -> Void

  /// Reads the data, loads the encoders, computes what frozen encoders give, and restores a checkpoint.
  ///
  /// - Parameters:
  ///   - device: nil takes CUDA where there is one.
  ///   - checkpoint: a `.pt` file, or a folder whose last checkpoint to begin from.
  ///   - existing: what is to become of a run that `training.checkpoint_dir` holds, where `checkpoint` is not
  ///     of it.
  ///   - earlier: a checkpoint whose episodes that were held out, and trained on, stay so, beside those of the
  ///     one that this run begins from.
  ///   - usesCache: false runs frozen encoders on every frame in every epoch.
  ///   - report: told what happens until then.
  /// Throws, before anything is written, when configuration, data, encoders or checkpoint do not fit.
  public init(
    configuration: Configuration, device: Device? = nil, checkpoint: String? = nil,
    existing: ExistingRun = .refuse, earlier: String? = nil, usesCache: Bool = true,
    report: (TrainingEvent) -> Void
  ) throws {
    let device = device ?? .best
    if let threads = configuration.training.threads { Runtime.threads = threads }
    try configuration.checkNetworkSize(bytesPerParameter: device == .cpu ? 16 : 4)
    let folder = OutputFolder(
      path: configuration.training.checkpointDir, key: "training.checkpoint_dir")
    try folder.check()
    lock = try FolderLock(folder.path)
    if let remark = lock.remark { report(.message(remark)) }
    let start = try RunStart(folder: folder.path, checkpoint: checkpoint, existing: existing)
    let saved = start.checkpoint
    isGoingOn = start.isGoingOn
    let dataset = try LeRobot.Dataset(
      folder: Hub.folder(for: configuration.requiredDatasetPath(), kind: .dataset).path,
      chunkID: configuration.dataset.chunkID)
    let cache =
      try usesCache
      ? FeatureCache(
        folder: configuration.dataset.featureCache
          ?? FeatureCache.defaultFolder(dataset: dataset.folder, checkpoints: folder.path)) : nil
    let identity = start.identity(configuration, dataset)
    var splits = saved?.splits ?? EpisodeSplits()
    if let saved, saved.splits == nil, saved.isFlow || configuration.dataset.heldOutFraction > 0 {
      report(
        .message(
          "\(saved.path) does not say which episodes were held out (an earlier version wrote it): they are "
            + "drawn anew, and some of them may have been trained on"))
    }
    if let earlier, let before = try ClassicCheckpoint(fileOrFolder: earlier).splits {
      splits.formUnion(before)
    }
    if configuration.policy.type == .flow {
      let trainer = try FlowTrainer(
        configuration, dataset, device: device, checkpoint: saved, splits: splits,
        identity: identity, cache: cache, report: report)
      self.configuration = trainer.model.configuration
      startStep = trainer.progress.globalStep
      run = trainer.run
      if existing == .overwrite { try RunFolder.clear(folder.path) }
      return
    }
    let data = try TrainingData(
      dataset, configuration: configuration, actionStatistics: saved?.actionStatistics,
      splits: splits, report: report)
    let (model, replaced) = try makingNetworks(configuration, on: device) {
      var model = try ClassicModel(
        configuration: configuration, device: device, cameras: data.cameras,
        stateDim: data.stateDim, actionStatistics: data.actionStatistics)
      let replaced = try saved?.restore(&model) ?? []
      return (model, replaced)
    }
    for name in replaced {
      report(
        .message(
          "\(saved!.path) has its own weights for the frozen encoder '\(name)': they are used "
            + "in place of its folder's, and written into every checkpoint"))
    }
    if !usesCache || model.trainsVision {
      try data.checkFrames(of: data.sources, for: model.vision)
    }

    var configuration = configuration
    configuration.dataset.imageKeys = data.cameras
    self.configuration = configuration
    let trainer = Trainer(
      configuration: configuration, data: data, model: model, identity: identity)
    if let saved { try trainer.resume(saved) }
    startStep = trainer.progress.globalStep
    run = trainer.run
    report(.overview(Self.overview(configuration, data, model)))
    for warning in dataset.warnings { report(.message(warning)) }
    if let cache {
      trainer.frozen = try FrozenFeatures(data: data, model: model, cache: cache, report: report)
    }
    if existing == .overwrite { try RunFolder.clear(folder.path) }
    if let saved {
      let place = trainer.progress
      report(
        .message(
          saved.progress == nil
            ? "\(saved.path) does not say how far training had come: "
              + "starting with the first enabled stage"
            : place.isFinished
              ? "\(saved.path): every stage is done"
              : "going on from \(saved.path): stage \(place.stage.rawValue), "
                + "epoch \(place.epoch + 1), after step \(place.globalStep)"))
    }
  }

  /// Runs every enabled stage to its end.
  ///
  /// Throws when a loss is not a number, data cannot be read or a checkpoint cannot be written.
  public func train(report: @escaping (TrainingEvent) throws -> Void) throws {
    try run(report)
  }

  private static func overview(
    _ configuration: Configuration, _ data: TrainingData, _ model: ClassicModel
  ) -> [(name: String, value: String)] {
    overview(
      configuration, data, model.policy.parameters() + model.valueFunction.parameters(),
      trains: (model.trainsVision, model.trainsText), device: model.device)
  }

  static func overview(
    _ configuration: Configuration, _ data: TrainingData, _ parameters: [Tensor],
    trains: (vision: Bool, text: Bool), device: Device
  ) -> [(name: String, value: String)] {
    var labels = LabelReport()
    for episode in data.episodes { labels.add(episode.labels) }
    let types = EpisodeType.allCases.compactMap { type in
      labels.groups[type].map { "\($0.episodes) \(type.rawValue)" }
    }
    let frames = data.episodes.reduce(0) { $0 + $1.frameCount }
    func encoder(_ name: String, isTrained: Bool) -> String {
      "\(name) (\(isTrained ? "trained" : "frozen"))"
    }
    let trained = parameters.filter(\.requiresGrad).reduce(0) { $0 + $1.count }
    let heldOut = data.episodes.count - data.trainingEpisodes.count
    return [
      (
        "dataset",
        "\(data.dataset.folder): \(data.episodes.count) episodes"
          + (types.isEmpty ? "" : " (\(types.joined(separator: ", ")))")
          + ", \(frames) frames at \(String(format: "%g", data.dataset.info.fps)) per second"
      ),
      (
        "held out",
        (heldOut == 0 ? "none" : "\(heldOut) episodes")
          + (configuration.policy.type == .flow
            ? "; of each value function's fit a tenth of the others" : "")
      ),
    ] + data.columns(configuration) + [
      (
        "labels",
        ["type", "success", "text", "reward", "done"].map { "\($0): \(labels.text(of: $0))" }
          .joined(separator: "; ")
      ),
      (
        "tasks",
        data.taskPatterns.overview(data.episodes.map { $0.texts.first ?? "" })
      ),
      (
        "vision",
        data.cameras.isEmpty
          ? "none: there is no camera"
          : encoder(configuration.model.visionModelName, isTrained: trains.vision)
            + processing(configuration)
      ),
      ("text", encoder(configuration.model.textModelName, isTrained: trains.text)),
      (
        "parameters",
        "\(grouped(trained)) trained of \(grouped(parameters.reduce(0) { $0 + $1.count }))"
      ),
      ("device", device.description),
    ]
  }

  /// What is assumed of how pictures are processed.
  private static func processing(_ configuration: Configuration) -> String {
    let name = configuration.tokenizer.visionModelName ?? configuration.model.visionModelName
    guard let folder = try? Hub.folder(for: name),
      let assumption = ImageProcessorConfiguration.assumption(folder: folder)
    else { return "" }
    return "; \(assumption) (tokenizer.vision_model_name names another's)"
  }

  /// A number with its digits in groups of three.
  private static func grouped(_ number: Int) -> String {
    var groups: [Substring] = []
    var digits = Substring(String(number))
    while !digits.isEmpty {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    return groups.joined(separator: ",")
  }
}
