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

  /// Loads a policy from a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: a `.pt` file of `recap train`, or a folder with some.
  ///   - configuration: needed for files of the PyTorch project; nil takes the one in the file.
  ///   - advantage: what to condition on, in standard deviations above the mean; nil takes 1 when the
  ///     policy was trained on autonomous experience and none when it was not.
  public init(
    checkpoint: String, configuration: Configuration? = nil, device: Device? = nil,
    advantage: Double? = nil
  ) throws {
    let file = try ClassicCheckpoint(fileOrFolder: checkpoint)
    model = try file.model(configuration: configuration, device: device)
    let isConditioned = file.progress?.hasTrainedAutonomously ?? false
    self.advantage = advantage ?? (isConditioned ? 1 : nil)
  }

  /// Cameras whose pictures an observation must have.
  public var cameras: [String] { model.cameras }
  /// Width of the state that an observation must have; nil where the policy does not use it.
  public var stateDim: Int? { model.stateDim }

  /// The mean action for an observation, in the dataset's units.
  public func act(on observation: Observation) throws -> ActionChunk {
    let features = EncoderFeatures(model: model)
    return try withoutGradient {
      let vision = try model.cameras.map { camera in
        features.vision(features.pixels(try observation.image(camera)))
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
      let mean = model.policy.actions(model.policy.fused(input), advantage: condition).mean
      let action = mean.to(.cpu).floats
      return ActionChunk(actions: [model.actionStatistics?.denormalized(action) ?? action])
    }
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
