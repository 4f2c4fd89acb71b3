internal import Foundation
public import PolicyInterface
public import Torch

/// A trained flow policy, ready to act: pictures, state and words in, a chunk of actions out.
///
/// The tag is added here and nowhere else: an instruction that holds one is refused.
public final class FlowActor: PolicyInterface.Policy {
  private let model: FlowModel
  private let indicator: Indicator
  private let guidance: Double
  private let generator: Generator
  private let tags: TagFeatures
  /// Tokens of the last instruction: robots are seldom told something new.
  private var instruction: (text: String, tokens: Tensor, mask: [Bool])?

  /// Loads a policy from a checkpoint.
  ///
  /// - Parameters:
  ///   - condition: what to act as; nil takes `policy.condition`.
  ///   - guidance: β; nil takes `policy.guidance`.
  ///   - seed: of the noise that actions are made from.
  public init(
    checkpoint: String, configuration: Configuration? = nil, device: Device? = nil,
    condition: Configuration.Condition? = nil, guidance: Double? = nil, seed: Int = 0
  ) throws {
    model = try ClassicCheckpoint(fileOrFolder: checkpoint)
      .flowModel(configuration: configuration, device: device)
    let policy = model.configuration.policy
    let isConditioned = [.recap].contains(model.configuration.recap.method)
    indicator = isConditioned ? Indicator(condition ?? policy.condition) : .none
    self.guidance = indicator == .none ? 1 : guidance ?? policy.guidance
    generator = Generator(seed: UInt64(seed))
    let encoders = model.encoders
    tags = withoutGradient { encoders.tags() }
  }

  /// Cameras whose pictures an observation must have.
  public var cameras: [String] { model.cameras }
  /// Width of the state that an observation must have; nil where the policy does not use it.
  public var stateDim: Int? { model.stateDim }

  /// A chunk of `policy.execution_horizon` actions, in the dataset's units.
  public func act(on observation: Observation) throws -> ActionChunk {
    try withoutGradient {
      let prefix = try prefix(observation)
      let sizes = model.policy.sizes
      let noise = Tensor.randn([1, sizes.chunkLength, model.actionDim], generator: generator)
        .to(model.device)
      let flat = model.policy.sample(
        prefix, tags: tags, indicator: indicator, guidance: guidance,
        steps: model.configuration.policy.denoisingSteps, noise: noise
      ).floats
      let actions = model.actionStatistics?.denormalized(flat) ?? flat
      return ActionChunk(
        actions: (0..<model.configuration.policy.executionHorizon).map {
          Array(actions[$0 * model.actionDim..<($0 + 1) * model.actionDim])
        })
    }
  }

  private func prefix(_ observation: Observation) throws -> PrefixInput {
    let vision = try model.cameras.map { camera in
      let image = try observation.image(camera)
      return model.encoders.patches(
        image.rgb.withUnsafeBytes {
          model.encoders.pixels($0, frames: 1, height: image.height, width: image.width)
        })
    }
    let text = observation.instruction
    if text.contains(/(?i)advantage: *(positive|negative)/) {
      throw ObservationError(
        description: "instruction '\(text)' holds an advantage tag; wanted the task alone: "
          + "the policy adds the tag itself")
    }
    if instruction?.text != text {
      let encoded = model.encoders.tokens([text])
      instruction = (text, encoded.tokens, encoded.mask)
    }
    let state = try model.stateDim.map { width in
      Tensor(
        model.normalizedState(try observation.state(width: width)), shape: [1, width],
        device: model.device)
    }
    return PrefixInput(
      vision: vision.isEmpty ? nil : Tensor.cat(vision, dim: 1), language: instruction!.tokens,
      languageMask: instruction!.mask, state: state)
  }
}

extension Indicator {
  init(_ condition: Configuration.Condition) {
    switch condition {
    case .positive: self = .positive
    case .negative: self = .negative
    case .unconditional: self = .none
    }
  }
}

extension Observation {
  /// The picture of a camera.
  func image(_ camera: String) throws -> PolicyInterface.Image {
    if let image = images[camera] { return image }
    throw ObservationError(
      description: "observation has no picture of camera '\(camera)'; it has "
        + (images.isEmpty ? "none" : images.keys.sorted().joined(separator: ", ")))
  }

  /// The state, checked to be of this width.
  func state(width: Int) throws -> [Float] {
    if let state, state.count == width { return state }
    throw ObservationError(
      description: "observation's state has \(state?.count ?? 0) values; wanted \(width)")
  }
}
