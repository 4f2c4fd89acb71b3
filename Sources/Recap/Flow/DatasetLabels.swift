internal import Hub
internal import LeRobot
internal import Platform
public import Torch

/// Labels every frame of a dataset with its return, value, advantage and improvement indicator, and writes
/// them beside it (`meta/recap_labels.parquet`).
public enum DatasetLabels {
  /// Values a dataset's frames by a trained value function, and labels them.
  ///
  /// - Parameters:
  ///   - checkpoint: of `recap train` with policy.type flow.
  ///   - datasetPath: nil takes the dataset that the checkpoint was trained on.
  ///   - isPretraining: labels as stage demonstrations does, N = T and `recap.pretraining_fraction`.
  ///   - assignments: laid over the checkpoint's configuration, as `recap.positive_fraction=0.1`.
  /// - Returns: how many frames of each task and source are positive.
  public static func write(
    checkpoint: String, datasetPath: String? = nil, isPretraining: Bool = false,
    assignments: [String] = [], device: Device? = nil, report: (TrainingEvent) -> Void
  ) throws -> [LabelRate] {
    let file = try ClassicCheckpoint(fileOrFolder: checkpoint)
    guard file.isFlow, let yaml = file.configurationYAML else {
      throw CheckpointError(
        description:
          "\(file.path) is of a classic policy, whose value function knows no bins; wanted "
          + "one of policy.type flow")
    }
    let configuration = try Configuration(
      yaml: yaml, file: file.path, datasetPath: datasetPath, assignments: assignments)
    let own = try file.ownConfiguration()
    let scale = try ValueScale(file, own)
    try scale.check(configuration.recap, timeLimit: own.recap.timeLimit, of: file.path)
    let model = try file.flowModel(configuration: configuration, device: device)
    let data = try read(
      configuration, actionStatistics: model.actionStatistics, report: report)
    guard data.cameras.count == model.cameras.count, data.stateDim == model.stateDim else {
      func shown(_ cameras: Int, _ state: Int?) -> String {
        "\(cameras) cameras and \(state.map { "a state of \($0) numbers" } ?? "no state")"
      }
      throw DatasetError(
        data.dataset.folder,
        "has \(shown(data.cameras.count, data.stateDim)); \(file.path) was trained with "
          + shown(model.cameras.count, model.stateDim))
    }
    let lock = try lock(data, report)
    defer { withExtendedLifetime(lock) {} }
    let cache = try FeatureCache(
      folder: configuration.dataset.featureCache
        ?? FeatureCache.defaultFolder(
          dataset: data.dataset.folder, checkpoints: configuration.training.checkpointDir))
    let features = try FlowFeatures(data, model.valueEncoders, cache: cache, report: report)
    let experience = Experience(data, Array(data.episodes.indices), model)
    let values = try computing(
      "values of frames on \(model.device)",
      outOfMemory: "try a smaller value function (value_function.width) or another --device"
    ) {
      try model.valueFunction.values(of: experience, features) { done, total in
        report(.progress(work: "values", done: done, total: total, losses: []))
      }
    }
    return try write(data, experience, values, scale, configuration, isPretraining, report)
  }

  /// Labels a dataset anew from the values that are beside it: no network runs.
  ///
  /// - Throws: `DatasetError` where a frame that ought to has no value.
  public static func rewrite(
    datasetPath: String, isPretraining: Bool = false, assignments: [String] = [],
    report: (TrainingEvent) -> Void
  ) throws -> [LabelRate] {
    var configuration = try Configuration(
      yaml: "policy:\n  type: flow\n", file: "--set", datasetPath: datasetPath,
      assignments: assignments)
    let data = try read(configuration, actionStatistics: nil, report: report)
    let lock = try lock(data, report)
    defer { withExtendedLifetime(lock) {} }
    let path = "\(data.dataset.folder)/\(LabelSidecar.path)"
    guard let sidecar = try LabelSidecar.read(data.dataset) else {
      throw DatasetError(
        path, "is not there; wanted values to label by: give --checkpoint to make them")
    }
    let values = try data.episodes.map { episode in
      guard let values = sidecar[episode.episode].values, !values.contains(where: \.isNaN) else {
        throw DatasetError(
          path,
          "has no value for every frame of episode \(episode.episode.index); give "
            + "--checkpoint to make them")
      }
      return values
    }
    let experience = Experience(data, Array(data.episodes.indices))
    if let scale = ValueScale(sidecar) {
      let isGiven = assignments.contains { $0.hasPrefix("recap.failure_cost=") }
      if !isGiven { configuration.recap.failureCost = scale.failureCost }
      try scale.check(configuration.recap, timeLimit: nil, of: path)
      return try write(data, experience, values, scale, configuration, isPretraining, report)
    }
    report(
      .message(
        "\(LabelSidecar.path) does not say on which scale its values are (an earlier version wrote it): "
          + "T_max of the data and recap.failure_cost \(configuration.recap.failureCost) are taken")
    )
    return try write(data, experience, values, nil, configuration, isPretraining, report)
  }

  /// Keeps other processes from changing the dataset meanwhile.
  private static func lock(
    _ data: TrainingData, _ report: (TrainingEvent) -> Void
  ) throws -> FolderLock {
    let lock = try FolderLock(data.dataset.folder)
    if let remark = lock.remark { report(.message(remark)) }
    return lock
  }

  private static func read(
    _ configuration: Configuration, actionStatistics: ActionStatistics?,
    report: (TrainingEvent) -> Void
  ) throws -> TrainingData {
    let dataset = try LeRobot.Dataset(
      folder: Hub.folder(for: configuration.requiredDatasetPath(), kind: .dataset).path,
      chunkID: configuration.dataset.chunkID)
    var configuration = configuration
    configuration.resolveFlow(dataset)
    return try TrainingData(
      dataset, configuration: configuration, actionStatistics: actionStatistics, report: report)
  }

  private static func write(
    _ data: TrainingData, _ experience: Experience, _ values: [[Float]], _ scale: ValueScale?,
    _ configuration: Configuration, _ isPretraining: Bool, _ report: (TrainingEvent) -> Void
  ) throws -> [LabelRate] {
    let method = FlowMethod(
      configuration, isPretraining ? .demonstrations : .autonomous, experience,
      fps: data.dataset.info.fps, longest: scale?.longest ?? [:])
    let labels = method.labels(values)
    let remarks = [scale?.remark(experience)].compactMap { $0 } + method.remarks + labels.remarks
    for remark in remarks { report(.message(remark)) }
    var sidecar = LabelSidecar(data.dataset)
    var longest = scale?.longest ?? [:]
    for (task, scale) in zip(experience.tasks, method.scales) where longest[task] == nil {
      longest[task] = scale.longest
    }
    ValueScale(failureCost: configuration.recap.failureCost, longest: longest).write(to: &sidecar)
    for (i, episode) in data.episodes.enumerated() {
      func given<Label>(_ labels: [Label]) -> [Label]? { labels.isEmpty ? nil : labels }
      sidecar[episode.episode] = FrameLabels(
        returns: given(method.returns[i]), values: values[i],
        advantages: given(labels.advantages[i]), indicators: given(labels.indicators[i]),
        forced: given(labels.forced[i]))
    }
    if let damage = try sidecar.write() {
      report(.message("\(LabelSidecar.path) \(damage): it is replaced"))
    }
    return labels.rates(experience).map { LabelRate($0, experience) }
  }
}
