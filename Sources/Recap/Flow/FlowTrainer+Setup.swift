internal import LeRobot
internal import Torch

extension FlowTrainer {
  /// Reads the data, loads the encoders, computes what frozen encoders give, and restores a checkpoint.
  convenience init(
    _ configuration: Configuration, _ dataset: LeRobot.Dataset, device: Device,
    checkpoint: ClassicCheckpoint?, splits: EpisodeSplits, identity: RunIdentity,
    cache: FeatureCache?, report: (TrainingEvent) -> Void
  ) throws {
    guard let cache else {
      throw ConfigurationError(problems: [
        "--no-cache is of the classic policy; wanted the feature cache with policy.type flow"
      ])
    }
    var configuration = configuration
    try dataset.requireColumn(configuration.dataset.actionKey, setting: "dataset.action_key")
    configuration.resolveFlow(dataset)
    guard let width = configuration.model.actionDim else {
      throw DatasetError(
        "\(dataset.folder)/meta/info.json",
        "has no feature '\(configuration.dataset.actionKey)' (dataset.action_key); wanted the actions"
      )
    }
    guard (1...ConfigurationBounds<Int>.width.most).contains(width) else {
      throw DatasetError(
        "\(dataset.folder)/meta/info.json",
        "feature '\(configuration.dataset.actionKey)' has \(width) values (dataset.action_key); wanted 1 to "
          + "\(ConfigurationBounds<Int>.width.most)")
    }
    let data = try TrainingData(
      dataset, configuration: configuration, actionStatistics: checkpoint?.actionStatistics,
      splits: splits, report: report)
    configuration.dataset.imageKeys = data.cameras
    var stateStatistics: ActionStatistics?
    if data.stateDim != nil {
      let key = configuration.dataset.stateKey
      let states = data.trainingEpisodes.flatMap { data.episodes[$0].states }
      if let known = checkpoint?.stateStatistics {
        known.reportDepartures(of: states, key, dataset, report: report)
        stateStatistics = known
      } else {
        stateStatistics = ActionStatistics(
          configuration.dataset.normalizeActions!, of: states, width: data.episodes[0].stateWidth,
          key, dataset, floor: configuration.dataset.scaleFloor, report: report)
      }
    }
    try configuration.checkBatch(
      states: data.stateDim ?? 0, actions: data.episodes[0].actionWidth)
    let model = try makingNetworks(configuration, on: device) {
      try FlowModel(
        configuration: configuration, device: device, cameras: data.cameras,
        stateDim: data.stateDim, actionStatistics: data.actionStatistics,
        stateStatistics: stateStatistics)
    }
    report(
      .overview(
        TrainingRun.overview(
          configuration, data,
          model.policy.parameters() + model.valueFunction.parameters()
            + model.encoders.all.flatMap { $0.encoder.parameters() },
          trains: (model.encoders.trainsVision, model.encoders.trainsText), device: device)))
    for warning in dataset.warnings { report(.message(warning)) }
    let features = try FlowFeatures(data, model.encoders, cache: cache, report: report)
    let isShared = model.encoders.trainedParameters.isEmpty
    self.init(
      model, data: data, features: features,
      valueFeatures: isShared
        ? features : try FlowFeatures(data, model.valueEncoders, cache: cache, report: report),
      identity: identity)
    guard let checkpoint else { return }
    try resume(checkpoint)
    report(
      .message(
        progress.isFinished
          ? "\(checkpoint.path): every stage is done"
          : "going on from \(checkpoint.path): stage \(progress.stage.rawValue), "
            + "\(progress.phase == .value ? "value function" : "policy"), after step \(progress.globalStep)"
      ))
  }
}

extension Configuration {
  /// Fills in what the flow policy takes from its data: every camera, the state where there is one, the
  /// action's width.
  mutating func resolveFlow(_ dataset: LeRobot.Dataset) {
    model.useAllCameras = true
    model.useState = dataset.info.features[self.dataset.stateKey] != nil
    model.actionDim = model.actionDim ?? dataset.info.features[self.dataset.actionKey]?.width
    self.dataset.normalizeActions = self.dataset.normalizeActions ?? .meanStd
  }
}
