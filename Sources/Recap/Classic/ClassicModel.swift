internal import Encoders
internal import Hub
internal import LeRobot
internal import Tokenizers
internal import Torch

/// All that turns observations into actions and values: networks, encoders, processors, statistics.
package struct ClassicModel {
  let configuration: Configuration
  let device: Device
  let policy: ClassicPolicy
  let valueFunction: ClassicValueFunction
  let vision: LoadedVision
  let language: LoadedText
  let tokenizer: Tokenizer
  let trainsVision: Bool
  let trainsText: Bool
  /// Cameras whose pictures the policy sees, in order.
  let cameras: [String]
  let actionDim: Int
  /// Width of the robot's state; nil where the policy does not use it.
  let stateDim: Int?
  /// Statistics that actions were normalised with; nil where they were not.
  let actionStatistics: ActionStatistics?
  /// Hashes of frozen encoders' weights that came from a checkpoint and are not their folder's, by the
  /// prefix of their parameters' names.
  var replacedWeights: [String: String] = [:]

  /// Builds the networks with weights drawn from `training.seed`, around encoders from files.
  ///
  /// Throws when an encoder, its processor or tokenizer cannot be found or read.
  init(
    configuration: Configuration, device: Device, cameras: [String], stateDim: Int?,
    actionStatistics: ActionStatistics?
  ) throws {
    self.configuration = configuration
    self.device = device
    self.cameras = cameras
    self.stateDim = stateDim
    self.actionStatistics = actionStatistics
    try configuration.checkNetworkSize(bytesPerParameter: 4)
    actionDim = try configuration.requiredActionDim()
    let seed = UInt64(configuration.training.seed)
    let names = configuration.model
    var vision = try Vision.load(
      names.visionModelName, seed: seed, processorName: configuration.tokenizer.visionModelName)
    var language = try Text.load(names.textModelName, seed: seed)
    tokenizer = try Tokenizer(
      folder: Hub.folder(for: configuration.tokenizer.textModelName ?? names.textModelName).path)
    try tokenizer.check(for: language)
    let generator = Generator(seed: seed)
    policy = ClassicPolicy(
      configuration: configuration.model, actionDim: actionDim, cameras: cameras.count,
      stateDim: stateDim, vision: vision.model, language: language.model, generator: generator)
    valueFunction = ClassicValueFunction(
      configuration: configuration.valueFunction, hiddenDim: configuration.model.hiddenDim,
      generator: generator)
    policy.requiresGrad(true)
    valueFunction.requiresGrad(true)
    if configuration.model.freezeVision { vision.model.requiresGrad(false) }
    if configuration.model.freezeText { language.model.requiresGrad(false) }
    let parts = TrainedParts(configuration)
    parts.apply(to: policy)
    try parts.check(policy.namedParameters().map(\.name))
    trainsVision = vision.model.isTrained
    trainsText = language.model.isTrained
    if let dtype = names.frozenDtype.other {
      if !trainsVision { vision.convert(to: dtype) }
      if !trainsText { language.convert(to: dtype) }
    }
    self.vision = vision
    self.language = language
    policy.to(device)
    valueFunction.to(device)
  }

  static let visionPrefix = "vision_encoder.vision_model."
  static let languagePrefix = "language_encoder.text_model."

  /// Both encoders: prefix of its parameters' names, name, what its folder's weights are known by, and
  /// whether it is frozen.
  ///
  /// Weights drawn from a seed depend on the folder's configuration too.
  var encoders: [(prefix: String, name: String, identity: String, isFrozen: Bool)] {
    func identity(_ weights: String, _ model: String) -> String {
      weights.hasPrefix("seed:") ? model : weights
    }
    return [
      (
        Self.visionPrefix, configuration.model.visionModelName,
        identity(vision.weightsIdentity, vision.identity), !trainsVision
      ),
      (
        Self.languagePrefix, configuration.model.textModelName,
        identity(language.weightsIdentity, language.identity), !trainsText
      ),
    ]
  }

  /// Frozen encoders whose weights are their folder's: a checkpoint names them and leaves them out.
  var encodersKnownByName: [(prefix: String, name: String, identity: String)] {
    encoders.filter { $0.isFrozen && replacedWeights[$0.prefix] == nil }
      .map { ($0.prefix, $0.name, $0.identity) }
  }
}
