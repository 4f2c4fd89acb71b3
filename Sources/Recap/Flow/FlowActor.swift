internal import Foundation
public import PolicyInterface
public import Torch

/// A trained flow policy, ready to act: pictures, state and words in, a chunk of actions out.
///
/// The tag is added here and nowhere else: an instruction that holds one is refused.
public final class FlowActor: PolicyInterface.Policy {
  private let model: FlowModel
  private let condition: ActingCondition
  private let noiseScale: Double
  private let generator: Generator
  private let tags: TagFeatures
  private let reader: ObservationReader

  /// Loads a policy from a checkpoint.
  ///
  /// - Parameters:
  ///   - condition: what to act as; nil takes `policy.condition`, as far as the policy was trained with it.
  ///   - guidance: β; nil takes `policy.guidance`, as far as the policy was trained for it.
  ///   - noiseScale: what noise is multiplied by; nil takes `policy.noise_scale`.
  ///   - seed: of the noise that actions are made from.
  /// - Throws: also where the policy was not trained with what is asked for.
  public init(
    checkpoint: String, configuration: Configuration? = nil, device: Device? = nil,
    condition: Configuration.Condition? = nil, guidance: Double? = nil, noiseScale: Double? = nil,
    seed: Int = 0
  ) throws {
    let file = try ClassicCheckpoint(fileOrFolder: checkpoint)
    model = try file.flowModel(configuration: configuration, device: device)
    self.condition = try ActingCondition(
      file, model.configuration, condition: condition, guidance: guidance)
    self.noiseScale = noiseScale ?? model.configuration.policy.noiseScale
    generator = Generator(seed: UInt64(seed))
    let encoders = model.encoders
    reader = ObservationReader(model, encoders)
    tags = try acting(on: model.device) { try withoutGradient { try encoders.tags() } }
  }

  /// Cameras whose pictures an observation must have.
  public var cameras: [String] { model.cameras }
  /// Width of the state that an observation must have; nil where the policy does not use it.
  public var stateDim: Int? { model.stateDim }

  public var manner: String {
    condition.description + (noiseScale == 1 ? "" : ", noise scaled by \(noiseScale)")
  }
  public var remark: String? { condition.remark }

  /// A chunk of `policy.execution_horizon` actions, in the dataset's units.
  public func act(on observation: Observation) throws -> ActionChunk {
    try act(on: [observation]) { noise(generator) }[0]
  }

  public func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk] {
    try act(on: observations) { Tensor.cat(seeds.map { noise(Generator(seed: $0)) }) }
  }

  /// ω of one chunk, [1, H, A].
  private func noise(_ generator: Generator) -> Tensor {
    let noise = Tensor.randn(
      [1, model.policy.sizes.chunkLength, model.actionDim], generator: generator)
    return noiseScale == 1 ? noise : noise * noiseScale
  }

  /// - Parameter noise: drawn once the observations are read, so that one that is refused draws none.
  private func act(on observations: [Observation], noise: () -> Tensor) throws -> [ActionChunk] {
    let flat = try acting(on: model.device) {
      try withoutGradient {
        model.policy.sample(
          try reader.prefix(observations), tags: tags, indicator: condition.indicator,
          guidance: condition.guidance,
          steps: model.configuration.policy.denoisingSteps, noise: noise().to(model.device)
        ).floats
      }
    }
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

/// Computes what a policy does, or what a value function says of it.
func acting<R>(on device: Device, _ body: () throws -> R) throws -> R {
  try computing(
    "acting on \(device)",
    outOfMemory: "try smaller pictures, fewer robots at a time or another --device", body)
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
