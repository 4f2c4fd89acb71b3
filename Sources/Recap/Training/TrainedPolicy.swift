public import PolicyInterface
public import Torch

/// A policy from a checkpoint, and what an observation must have for it.
public protocol TrainedPolicy: PolicyInterface.Policy {
  /// Cameras whose pictures an observation must have.
  var cameras: [String] { get }
  /// Width of the state that an observation must have; nil where the policy does not use it.
  var stateDim: Int? { get }
  /// How it acts, in words: what it is conditioned on.
  var manner: String { get }
  /// Where it does not act as the configuration says, and why; nil where it does.
  var remark: String? { get }
}

extension ClassicActor: TrainedPolicy {}
extension FlowActor: TrainedPolicy {}

/// How a policy from a checkpoint is to act; nil leaves to the checkpoint what it is about.
public struct ActingOptions: Sendable {
  /// Of a classic policy: the normalised advantage it is conditioned on.
  public var advantage: Double?
  /// Of a flow policy: what it is told of the improvement indicator.
  public var condition: Configuration.Condition?
  /// Of a flow policy: β of guidance.
  public var guidance: Double?
  /// Of a flow policy: what noise is multiplied by.
  public var noiseScale: Double?
  /// Of a flow policy: the seed of the noise that its actions are made from.
  public var seed = 0

  public init() {}
}

/// Loads the policy of a checkpoint, of whichever type it is.
///
/// - Parameter configuration: needed for files of the PyTorch project; nil takes the one in the file.
public func loadPolicy(
  checkpoint: String, configuration: Configuration? = nil, device: Device? = nil,
  options: ActingOptions = ActingOptions()
) throws -> any TrainedPolicy {
  if try ClassicCheckpoint(fileOrFolder: checkpoint).isFlow {
    if options.advantage != nil {
      throw CheckpointError(
        description: "\(checkpoint) is of a flow policy, which --advantage is not for: "
          + "wanted --condition or --guidance")
    }
    return try FlowActor(
      checkpoint: checkpoint, configuration: configuration, device: device,
      condition: options.condition, guidance: options.guidance, noiseScale: options.noiseScale,
      seed: options.seed)
  }
  if options.condition != nil || options.guidance != nil || options.noiseScale != nil {
    throw CheckpointError(
      description: "\(checkpoint) is of a classic policy, which --condition, --guidance and "
        + "--noise-scale are not for: wanted --advantage")
  }
  return try ClassicActor(
    checkpoint: checkpoint, configuration: configuration, device: device,
    advantage: options.advantage)
}
