internal import LeRobot
internal import Platform
internal import Torch

/// All that turns observations into chunks of actions and values: networks, encoders, statistics.
struct FlowModel {
  /// Resolved: with the cameras, the action's width and the normalisation of the data.
  let configuration: Configuration
  let device: Device
  let policy: FlowPolicy
  let valueFunction: ValueNetwork
  /// The policy's.
  let encoders: FlowEncoders
  /// The value function's own; the policy's where nothing of them is trained.
  let valueEncoders: FlowEncoders
  let cameras: [String]
  let actionDim: Int
  let stateDim: Int?
  let actionStatistics: ActionStatistics?
  let stateStatistics: ActionStatistics?

  /// Networks with weights drawn from `training.seed`, behind encoders from files.
  init(
    configuration: Configuration, device: Device, cameras: [String], stateDim: Int?,
    actionStatistics: ActionStatistics?, stateStatistics: ActionStatistics?
  ) throws {
    self.configuration = configuration
    self.device = device
    self.cameras = cameras
    self.stateDim = stateDim
    self.actionStatistics = actionStatistics
    self.stateStatistics = stateStatistics
    try configuration.checkNetworkSize(bytesPerParameter: 4)
    actionDim = try configuration.requiredActionDim()
    encoders = try FlowEncoders(configuration, hasCameras: !cameras.isEmpty, device: device)
    valueEncoders =
      encoders.trainsVision || encoders.trainsText
      ? try FlowEncoders(configuration, hasCameras: !cameras.isEmpty, device: device) : encoders
    let shape = encoders.prefixShape(cameras: cameras.count, stateDim: stateDim)
    let generator = Generator(seed: UInt64(configuration.training.seed))
    policy = FlowPolicy(
      FlowSizes(configuration.policy), prefix: shape, actionWidth: actionDim, generator: generator)
    valueFunction = ValueNetwork(
      ValueSizes(configuration.valueFunction), prefix: shape, generator: generator)
    let parts = TrainedParts(configuration)
    parts.apply(to: policy)
    try parts.check(
      policy.namedParameters().map(\.name)
        + encoders.all.flatMap { encoder in
          encoder.encoder.namedParameters().map { encoder.prefix + $0.name }
        })
    policy.to(device)
    valueFunction.to(device)
  }

  func normalizedState(_ state: [Float]) -> [Float] {
    stateStatistics?.normalized(state) ?? state
  }
}

extension FlowSizes {
  init(_ policy: Configuration.Policy) {
    self.init()
    width = policy.width
    expertWidth = policy.expertWidth
    layers = policy.layers
    heads = policy.heads
    headWidth = policy.headWidth
    chunkLength = policy.chunkLength
    indicatorModulation = policy.indicatorModulation
    knowledgeInsulation = policy.knowledgeInsulation
  }
}

extension ValueSizes {
  init(_ valueFunction: Configuration.ValueFunction) {
    self.init()
    width = valueFunction.width
    layers = valueFunction.layers
    heads = valueFunction.heads
    bins = valueFunction.numBins ?? 201
  }
}

extension Experience {
  /// These episodes of a dataset, actions and states normalised.
  init(_ data: TrainingData, _ positions: [Int], _ model: FlowModel) {
    self.init(data, positions)
    for i in episodes.indices {
      episodes[i].actions = data.actions(positions[i])
      episodes[i].states = model.normalizedState(episodes[i].states)
    }
  }

  /// These episodes of a dataset, as they are.
  init(_ data: TrainingData, _ positions: [Int]) {
    var tasks: [String] = []
    var place: NameDictionary<Int> = [:]
    let episodes = positions.map { position in
      let episode = data.episodes[position]
      let name = data.taskNames[position]
      if place[name] == nil {
        place[name] = tasks.count
        tasks.append(name)
      }
      var own = Episode(
        task: place[name]!, type: episode.type, success: episode.success,
        states: episode.states, actions: episode.actions,
        interventions: episode.interventions
          ?? Array(repeating: false, count: episode.frameCount))
      own.recordedIndicators = episode.labels.indicators
      own.hasRewardsAlone = episode.rules.success == LabelRules.rewardAlone
      return own
    }
    self.init(
      tasks: tasks, episodes: episodes, stateWidth: data.stateDim ?? 0,
      actionWidth: data.episodes[0].actionWidth)
  }
}
