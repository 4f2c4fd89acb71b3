internal import Encoders
internal import LeRobot
internal import Platform

/// The episodes of a run, read into memory but for their pictures.
package struct TrainingData {
  let dataset: LeRobot.Dataset
  /// Cameras whose pictures the policy sees, in order.
  let cameras: [String]
  /// Rows of every episode; other properties count episodes by their position here.
  let episodes: [EpisodeData]
  let actionStatistics: ActionStatistics?
  /// Every task text once, and for each episode the text of each frame by its position there.
  let texts: [String]
  let textIndices: [[Int]]
  let trainingEpisodes: [Int]
  /// Which task each episode is of, by name.
  let taskNames: [String]
  let taskPatterns: TaskPatterns
  /// What each episode is known by wherever it lies.
  let identities: [String]
  /// What was decided of these and of earlier episodes.
  let splits: EpisodeSplits
  /// Held-out demonstrations and corrections (all held-out episodes where none has a type).
  let heldOutEpisodes: [Int]

  /// Width of the robot's state; nil where the policy does not use it.
  var stateDim: Int? { episodes[0].stateWidth > 0 ? episodes[0].stateWidth : nil }

  /// Reads every episode's rows, with all checks that need no picture.
  ///
  /// - Parameters:
  ///   - actionStatistics: those of a checkpoint to go on from; nil computes them where
  ///     `dataset.normalize_actions` asks for them.
  ///   - splits: which episodes were held out, and which trained on, before.
  init(
    _ dataset: LeRobot.Dataset, configuration: Configuration, actionStatistics: ActionStatistics?,
    splits: EpisodeSplits = EpisodeSplits(), report: (TrainingEvent) -> Void
  ) throws {
    self.dataset = dataset
    try dataset.requireColumn(configuration.dataset.actionKey, setting: "dataset.action_key")
    if configuration.model.useState
      || configuration.dataset.stateKey != Configuration().dataset.stateKey
    {
      try dataset.requireColumn(configuration.dataset.stateKey, setting: "dataset.state_key")
    }
    cameras = try Self.cameras(of: dataset, configuration)
    try dataset.verifyFiles(of: dataset.episodes, cameras: cameras)

    var columns = ColumnSelection(
      actionWidth: configuration.model.actionDim,
      state: configuration.model.useState ? configuration.dataset.stateKey : nil)
    columns.action = configuration.dataset.actionKey
    columns.labels = LabelOverrides(configuration.dataset)
    var episodes: [EpisodeData] = []
    for (position, episode) in dataset.episodes.enumerated() {
      try Interruption.check()
      let data = try dataset.read(episode, columns: columns)
      if let first = episodes.first, first.stateWidth != data.stateWidth {
        throw DatasetError(
          try dataset.rows(of: episode).path,
          "column '\(configuration.dataset.stateKey)' has \(data.stateWidth) values a row; "
            + "\(first.stateWidth) are wanted, as in episode \(first.episode.index)")
      }
      episodes.append(data)
      report(
        .progress(work: "reading", done: position + 1, total: dataset.episodes.count, losses: []))
    }

    let identities = episodes.map(\.identity)
    self.identities = identities
    var splits = splits
    splits.data.decide(
      [EpisodeType.demo, .correction, .autonomous, nil].map { type in
        zip(episodes, identities).filter { $0.0.type == type }.map(\.1)
      }, fraction: configuration.dataset.heldOutFraction, seed: configuration.training.seed,
      purpose: "data")
    self.splits = splits
    let (training, out) = try Self.chosen(
      identities, splits.data, fraction: configuration.dataset.heldOutFraction, dataset, report)
    trainingEpisodes = training
    let heldOut = out.filter { episodes[$0].type != .autonomous }
    heldOutEpisodes = heldOut.isEmpty ? out : heldOut

    taskPatterns = TaskPatterns(configuration.dataset.taskPatterns)
    let firstTexts = episodes.map { $0.texts.first ?? "" }
    taskNames = firstTexts.map(taskPatterns.task)
    for pattern in taskPatterns.idle(firstTexts) {
      report(.message("dataset.task_patterns: '\(pattern)' fits no episode's text"))
    }

    let key = configuration.dataset.actionKey
    let actions = training.flatMap { episodes[$0].actions }
    if let actionStatistics {
      actionStatistics.reportDepartures(of: actions, key, dataset, report: report)
    }
    self.actionStatistics =
      actionStatistics
      ?? ActionStatistics(
        configuration.dataset.normalizeActions ?? .none, of: actions,
        width: episodes[0].actionWidth, key, dataset, floor: configuration.dataset.scaleFloor,
        report: report)

    var positionOfText: NameDictionary<Int> = [:]
    var texts: [String] = []
    textIndices = episodes.map { episode in
      episode.texts.map { text in
        if let position = positionOfText[text] { return position }
        positionOfText[text] = texts.count
        texts.append(text)
        return texts.count - 1
      }
    }
    self.texts = texts
    self.episodes = episodes
  }

  /// The places of the episodes to train on, and of those that are held out.
  private static func chosen(
    _ identities: [String], _ split: EpisodeSplit, fraction: Double, _ dataset: LeRobot.Dataset,
    _ report: (TrainingEvent) -> Void
  ) throws -> (training: [Int], heldOut: [Int]) {
    let heldOut = identities.indices.filter { split.heldOut.contains(identities[$0]) }
    let training = identities.indices.filter { !split.heldOut.contains(identities[$0]) }
    if training.isEmpty {
      throw DatasetError(
        dataset.folder,
        "has \(identities.count) episodes, all of which were held out before: nothing is left to train "
          + "on; wanted others, or a run from no checkpoint")
    }
    if heldOut.isEmpty, fraction > 0, identities.count > 1 {
      report(
        .message(
          "dataset.held_out_fraction is \(fraction), but every episode was trained on before: none is "
            + "held out"))
    }
    return (training, heldOut)
  }

  /// What every camera saw in every episode: the first episode's cameras, then the second's.
  var sources: [FrameSource] {
    episodes.flatMap { episode in
      cameras.map { FrameSource(episode: episode.episode, camera: $0) }
    }
  }

  /// Checks, without decoding a frame, that files hold as many frames as their episodes, of a size that
  /// the vision encoder can take.
  func checkFrames(of sources: [FrameSource], for vision: LoadedVision) throws {
    for source in sources {
      let size = try dataset.frameSize(of: source)
      _ = try vision.processedSize(frameHeight: size.height, frameWidth: size.width)
    }
  }

  /// What processing makes of the frames of every camera, by the first episode's files.
  ///
  /// - Throws: where it differs from camera to camera: each needs as many patches as the others.
  func processedSize(for vision: LoadedVision) throws -> (height: Int, width: Int) {
    let sizes = try sources.prefix(cameras.count).map { source in
      let size = try dataset.frameSize(of: source)
      return try vision.processedSize(frameHeight: size.height, frameWidth: size.width)
    }
    guard let first = sizes.first, sizes.allSatisfy({ $0 == first }) else {
      let list = zip(cameras, sizes).map { "\($0) \($1.width)x\($1.height)" }
      throw DatasetError(
        "\(dataset.folder)",
        "gives processed pictures of several sizes, \(list.joined(separator: ", ")); wanted the "
          + "same for every camera: give size or crop_size a height and a width in "
          + "preprocessor_config.json of the vision encoder")
    }
    return first
  }

  /// Whether any frame has a task text.
  var hasText: Bool { texts.contains { !$0.isEmpty } }

  /// Training episodes of a stage: those of its type, or all where no episode has that type.
  func episodes(for stage: Stage) -> [Int] {
    let own = trainingEpisodes.filter { episodes[$0].type == stage.episodeType }
    return own.isEmpty ? trainingEpisodes : own
  }

  /// A remark where a stage uses all episodes because none has its type.
  func note(for stage: Stage) -> String? {
    let type = stage.episodeType
    guard !trainingEpisodes.contains(where: { episodes[$0].type == type }) else {
      return nil
    }
    return "stage \(stage.rawValue): no episode has type \(type.rawValue), so it uses all "
      + "\(trainingEpisodes.count) episodes"
  }

  /// Normalised actions of an episode, [T · A].
  func actions(_ episode: Int) -> [Float] {
    actionStatistics?.normalized(episodes[episode].actions) ?? episodes[episode].actions
  }

  /// The cameras to use: those of `image_keys`, none where that is empty, or those found where it was left
  /// alone, but for depth maps; the first alone unless `model.use_all_cameras`.
  private static func cameras(
    of dataset: LeRobot.Dataset, _ configuration: Configuration
  ) throws -> [String] {
    let found = dataset.cameras
    var keys = configuration.dataset.imageKeys
    let isDefault = keys == Configuration.Dataset.defaultImageKeys
    if isDefault {
      keys = (found.contains(keys[0]) ? keys : found)
        .filter { dataset.info.features[$0]?.depth == nil }
      if keys.isEmpty, !found.isEmpty {
        throw DatasetError(
          "\(dataset.folder)/meta/info.json",
          "has no camera but depth maps: dataset.image_keys=[\(found.joined(separator: ","))] trains on them as grey "
            + "pictures, dataset.image_keys=[] on none")
      }
    }
    // The flow policy may act on the state alone.
    if keys.isEmpty, configuration.policy.type == .flow, configuration.model.useState { return [] }
    guard !keys.isEmpty else {
      throw DatasetError(
        "\(dataset.folder)/meta/info.json",
        found.isEmpty
          ? "has no camera; wanted a feature of dtype video or image"
          : "has the cameras \(found.joined(separator: ", ")), and dataset.image_keys names none; wanted one: "
            + "only policy.type flow acts by a state alone")
    }
    if let absent = keys.first(where: { !found.contains($0) }) {
      throw DatasetError(
        "\(dataset.folder)/meta/info.json",
        "has no camera '\(absent)' (dataset.image_keys); its cameras are "
          + found.joined(separator: ", "))
    }
    return configuration.model.useAllCameras ? keys : [keys[0]]
  }
}

extension Stage {
  /// The type of the episodes it is for.
  var episodeType: EpisodeType {
    switch self {
    case .demonstrations: .demo
    case .corrections: .correction
    case .autonomous: .autonomous
    }
  }
}
