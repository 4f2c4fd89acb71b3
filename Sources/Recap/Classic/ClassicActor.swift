internal import Encoders
internal import Foundation
public import PolicyInterface
public import Torch

/// An observation that the policy cannot act on.
public struct ObservationError: Error, CustomStringConvertible {
  public let description: String
}

/// A trained classic policy, ready to act: pictures, state and words in, one action out.
public struct ClassicActor: PolicyInterface.Policy {
  private let model: ClassicModel
  /// Normalised advantage the policy is conditioned on; nil for none.
  private let advantage: Double?
  public let remark: String?

  /// Loads a policy from a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: a `.pt` file of `recap train`, or a folder with some.
  ///   - configuration: needed for files of the PyTorch project; nil takes the one in the file.
  ///   - advantage: what to condition on, in standard deviations above the mean; nil takes 1 when the
  ///     policy was trained on autonomous experience and none when it was not.
  /// - Throws: also where an advantage is asked for that the policy was not trained with.
  public init(
    checkpoint: String, configuration: Configuration? = nil, device: Device? = nil,
    advantage: Double? = nil
  ) throws {
    let file = try ClassicCheckpoint(fileOrFolder: checkpoint)
    model = try file.model(configuration: configuration, device: device)
    let hasEmbedding = model.configuration.model.useAdvantageConditioning
    let isConditioned = file.progress.map { $0.hasTrainedAutonomously && hasEmbedding }
    if advantage != nil, !hasEmbedding || isConditioned == false {
      throw CheckpointError(
        description: "\(file.path): its policy cannot act by an advantage: "
          + (hasEmbedding
            ? "stage autonomous, which teaches it one, has not run"
            : "it has no embedding of one (model.use_advantage_conditioning is false)")
          + "; leave out --advantage")
    }
    self.advantage = advantage ?? (isConditioned == true ? 1 : nil)
    remark =
      isConditioned == nil && advantage == nil
      ? "\(file.path) does not say which stages its policy was trained in: it acts without an advantage "
        + "(--advantage 1 after autonomous training)" : nil
  }

  public var manner: String {
    advantage.map { "normalised advantage \($0)" } ?? "no advantage"
  }

  /// Cameras whose pictures an observation must have.
  public var cameras: [String] { model.cameras }
  /// Width of the state that an observation must have; nil where the policy does not use it.
  public var stateDim: Int? { model.stateDim }

  /// The mean action for an observation, in the dataset's units.
  public func act(on observation: Observation) throws -> ActionChunk {
    let features = EncoderFeatures(model: model)
    let action = try acting(on: model.device) {
      try withoutGradient { try actions(observation, features) }
    }
    return ActionChunk(actions: [model.actionStatistics?.denormalized(action) ?? action])
  }

  /// The mean action, as the policy gives it, [A].
  private func actions(_ observation: Observation, _ features: EncoderFeatures) throws -> [Float] {
    let vision = try model.cameras.map { camera in
      let image = try observation.image(camera)
      _ = try model.vision.processedSize(frameHeight: image.height, frameWidth: image.width)
      return features.vision(features.pixels(image))
    }
    let language =
      observation.instruction.isEmpty
      ? nil : try features.language([observation.instruction]).unsqueeze(0)  // [1, 1, L]
    let input = PolicyInput(
      vision: Tensor.stack(vision, dim: 1).unsqueeze(0),  // [1, 1, C, V]
      language: language, state: try state(of: observation))
    let condition = advantage.map {
      Tensor([Float($0)], shape: [1, 1], device: model.device)
    }
    return model.policy.actions(model.policy.fused(input), advantage: condition).mean.floats
  }

  private func state(of observation: Observation) throws -> Tensor? {
    guard let stateDim = model.stateDim else { return nil }
    return Tensor(
      try observation.state(width: stateDim), shape: [1, 1, stateDim], device: model.device)
  }
}

extension EncoderFeatures {
  /// Processes one picture for the vision encoder, as [1, 3, size, size].
  fileprivate func pixels(_ image: PolicyInterface.Image) -> Tensor {
    image.rgb.withUnsafeBytes {
      pixels($0, frames: 1, height: image.height, width: image.width)
    }
  }
}
