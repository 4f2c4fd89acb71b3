internal import Platform
public import PolicyInterface
public import Torch

/// A trained value function, ready to judge an episode as it was judged in training.
public final class FlowCritic {
  private let model: FlowModel
  private let reader: ObservationReader
  private let thresholds: NameDictionary<TaskThreshold>
  private let fps: Double?

  /// What a value function says of each frame of an episode, [T].
  public struct Judgement: Sendable {
    /// V, from −1 to 0.
    public let values: [Float]
    /// A, over as many steps as the task's ε is of.
    public let advantages: [Float]
    /// Whether A is above the task's ε; empty where the task was never labelled.
    public let indicators: [Bool]
  }

  /// Loads the value function of a flow policy's checkpoint.
  public init(checkpoint: String, device: Device? = nil) throws {
    let file = try ClassicCheckpoint(fileOrFolder: checkpoint)
    guard file.isFlow else {
      throw CheckpointError(
        description: "\(file.path) is of a classic policy, whose value function knows no bins; "
          + "wanted one of policy.type flow")
    }
    model = try file.flowModel(configuration: nil, device: device)
    reader = ObservationReader(model, model.valueEncoders)
    thresholds = file.thresholds
    fps = file.fps
  }

  /// Whether the value function was ever fitted: of cloning, and before its fit's end, it was not.
  public var isFitted: Bool { !thresholds.isEmpty }

  /// Judges an episode by what was perceived at each step, in order.
  ///
  /// - Parameter succeeded: how it ended, which the last advantages know of.
  public func judge(_ observations: [Observation], succeeded: Bool) throws -> Judgement {
    let values = try acting(on: model.device) {
      try withoutGradient {
        try stride(from: 0, to: observations.count, by: 64).flatMap { start in
          try Interruption.check()
          let part = observations[start..<min(start + 64, observations.count)]
          return model.valueFunction.values(try reader.prefix(Array(part)))
        }
      }
    }
    let task = TaskPatterns(model.configuration.dataset.taskPatterns)
      .task(of: observations.first?.instruction ?? "")
    let threshold = thresholds[task]
    let steps =
      threshold?.steps ?? model.configuration.recap.advantageSteps(fps: fps ?? 1)
    let scale = ReturnScale(
      longest: threshold?.longest ?? observations.count,
      failureCost: model.configuration.recap.failureCost)
    let found = advantages(
      values: values, rewards: scale.rewards(length: observations.count, succeeded: succeeded),
      steps: steps == 0 ? nil : steps)
    return Judgement(
      values: values, advantages: found,
      indicators: threshold.map { threshold in found.map { $0 > threshold.threshold } } ?? [])
  }
}
