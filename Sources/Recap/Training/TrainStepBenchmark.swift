internal import Encoders
public import Torch

/// Times the trainable part of the classic recipe on features that are there already.
public enum TrainStepBenchmark {
  /// Seconds of each of `steps` steps of stage 3: one episode of 60 frames, 768-wide features,
  /// hidden width 512, 7 action dimensions.
  public static func run(steps: Int, device: Device = .best) throws -> [Double] {
    let frames = 60
    let generator = Generator(seed: 0)
    var configuration = Configuration()
    configuration.model.actionDim = 7
    let policy = ClassicPolicy(
      configuration: configuration.model, actionDim: 7, cameras: 1, stateDim: nil,
      vision: GivenFeatures(), language: GivenFeatures(), generator: generator)
    let valueFunction = ClassicValueFunction(
      configuration: configuration.valueFunction, hiddenDim: configuration.model.hiddenDim,
      generator: generator)
    policy.to(device)
    valueFunction.to(device)
    let policyOptimizer = AdamW(policy.parameters(), learningRate: 1e-4, weightDecay: 0)
    let valueOptimizer = AdamW(valueFunction.parameters(), learningRate: 1e-4, weightDecay: 0)
    let lastFrame = (0..<frames).map { $0 == frames - 1 }
    let width = GivenFeatures.width
    let batch = EpisodeBatch(
      input: PolicyInput(
        vision: Tensor.randn([1, frames, 1, width], generator: generator).to(device),
        language: Tensor.randn([1, frames, width], generator: generator).to(device), state: nil),
      actions: Tensor.randn([1, frames, 7], generator: generator).to(device),
      mask: Tensor.ones([1, frames], device: device),
      rewards: [lastFrame.map { $0 ? 1 : 0 }], dones: [lastFrame])
    return try (0..<steps).map { _ in
      let start = ContinuousClock.now
      policyOptimizer.zeroGrad()
      valueOptimizer.zeroGrad()
      let losses = try autonomousLosses(policy, valueFunction, batch, configuration.training)
      losses.total.backward()
      policyOptimizer.step()
      valueOptimizer.step()
      _ = losses.total.item()  // waits for the device
      return (ContinuousClock.now - start) / .seconds(1)
    }
  }
}

/// Stands for a frozen encoder whose features are given.
private struct GivenFeatures: VisionEncoder, TextEncoder {
  static let width = 768
  var width: Int { Self.width }
  let imageSize = 224
  let patchSize = 32
  let leadingTokens = 0
  let processing = ImageProcessorConfiguration.Family.clip
  let maximumLength = 512
  let vocabularySize = 0
  static func resolve(_ nameInFile: String) -> WeightName { .ignored }
  func features(_ pixels: Tensor) -> Tensor { pixels }
  func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput {
    fatalError("GivenFeatures: encodes nothing")
  }
  func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput {
    fatalError("GivenFeatures: encodes nothing")
  }
}
