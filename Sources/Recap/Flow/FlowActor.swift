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
  private let reader: ObservationReader

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
    reader = ObservationReader(model, encoders)
    tags = try withoutGradient { try encoders.tags() }
  }

  /// Cameras whose pictures an observation must have.
  public var cameras: [String] { model.cameras }
  /// Width of the state that an observation must have; nil where the policy does not use it.
  public var stateDim: Int? { model.stateDim }

  /// A chunk of `policy.execution_horizon` actions, in the dataset's units.
  public func act(on observation: Observation) throws -> ActionChunk {
    try act(on: [observation], noise: noise(generator))[0]
  }

  public func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk] {
    try act(
      on: observations, noise: Tensor.cat(seeds.map { noise(Generator(seed: $0)) }))
  }

  /// ω of one chunk, [1, H, A].
  private func noise(_ generator: Generator) -> Tensor {
    Tensor.randn([1, model.policy.sizes.chunkLength, model.actionDim], generator: generator)
  }

  private func act(on observations: [Observation], noise: Tensor) throws -> [ActionChunk] {
    try withoutGradient {
      let flat = model.policy.sample(
        try reader.prefix(observations), tags: tags, indicator: indicator, guidance: guidance,
        steps: model.configuration.policy.denoisingSteps, noise: noise.to(model.device)
      ).floats
      let actions = model.actionStatistics?.denormalized(flat) ?? flat
      let width = model.actionDim
      return observations.indices.map { robot in
        let start = robot * model.policy.sizes.chunkLength * width
        return ActionChunk(
          actions: (0..<model.configuration.policy.executionHorizon).map {
            Array(actions[start + $0 * width..<start + ($0 + 1) * width])
          })
      }
    }
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
