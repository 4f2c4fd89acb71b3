internal import Encoders
internal import Hub
internal import LeRobot
internal import Tokenizers
public import Torch

/// All that turns observations into actions and values: networks, encoders, processors, statistics.
package struct ClassicModel {
  let configuration: Configuration
  let device: Device
  let policy: ClassicPolicy
  let valueFunction: ClassicValueFunction
  let vision: LoadedVision
  let language: LoadedText
  let tokenizer: Tokenizer
  /// Cameras whose pictures the policy sees, in order.
  let cameras: [String]
  let actionDim: Int
  /// Width of the robot's state; nil where the policy does not use it.
  let stateDim: Int?
  /// Statistics that actions were normalised with; nil where they were not.
  let actionStatistics: ActionStatistics?

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
    actionDim = configuration.model.actionDim!
    let seed = UInt64(configuration.training.seed)
    let names = configuration.model
    vision = try Vision.load(
      names.visionModelName, seed: seed)
    language = try Text.load(names.textModelName, seed: seed)
    tokenizer = try Tokenizer(
      folder: Hub.folder(for: configuration.tokenizer.textModelName ?? names.textModelName).path)
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
    policy.to(device)
    valueFunction.to(device)
  }

  /// Prefix of its parameters' names, name and hash of every frozen encoder.
  var frozenEncoders: [(prefix: String, name: String, identity: String)] {
    var encoders: [(prefix: String, name: String, identity: String)] = []
    if configuration.model.freezeVision {
      encoders.append(
        (
          "vision_encoder.vision_model.", configuration.model.visionModelName,
          vision.weightsIdentity
        ))
    }
    if configuration.model.freezeText {
      encoders.append(
        (
          "language_encoder.text_model.", configuration.model.textModelName,
          language.weightsIdentity
        ))
    }
    return encoders
  }
}
