public import Torch

/// Times the flow policy of `configs/pistar06-small.yaml` with the encoders' tokens given: patches of each
/// camera, an instruction and tags as the encoders in Examples/encoders make them, state and actions
/// of 26 values.
public struct FlowBenchmark {
  private static let (width, patches, words, tagLength) = (64, 36, 11, 20)
  private static let (stateWidth, actionWidth) = (26, 26)
  private let cameras: Int
  private let device: Device
  private let policy: FlowPolicy
  private let generator = Generator(seed: 0)
  private let tags: TagFeatures

  public init(cameras: Int, device: Device) {
    self.cameras = cameras
    self.device = device
    var sizes = FlowSizes()
    (sizes.width, sizes.expertWidth, sizes.layers) = (128, 128, 3)
    (sizes.heads, sizes.headWidth, sizes.chunkLength) = (4, 32, 16)
    policy = FlowPolicy(
      sizes,
      prefix: PrefixShape(
        visionWidth: Self.width, cameras: cameras, languageWidth: Self.width,
        stateWidth: Self.stateWidth),
      actionWidth: Self.actionWidth, generator: generator)
    policy.to(device)
    tags = TagFeatures(
      tokens: Tensor.randn([2, Self.tagLength, Self.width], generator: generator).to(device),
      mask: Array(repeating: Array(repeating: true, count: Self.tagLength), count: 2))
  }

  private func vision(_ count: Int) -> Tensor {
    Tensor.randn([count, cameras * Self.patches, Self.width], generator: generator).to(device)
  }

  private func language(_ count: Int) -> Tensor {
    Tensor.randn([count, Self.words, Self.width], generator: generator).to(device)
  }

  /// Seconds of so many steps of `recap train`: the batch's chunks, labels and noise, forward and backward
  /// pass, clipping, AdamW.
  public func training(batch: Int) -> (_ steps: Int) throws -> [Double] {
    let frames = 256
    let random = { Tensor.randn([frames, $0], generator: generator).floats }
    let experience = Experience(
      tasks: ["task"],
      episodes: [
        .init(
          task: 0, type: nil, success: nil, states: random(Self.stateWidth),
          actions: random(Self.actionWidth), interventions: Array(repeating: false, count: frames))
      ], stateWidth: Self.stateWidth, actionWidth: Self.actionWidth)
    let given = GivenTokens(
      device: device, tags: tags, vision: vision(batch), language: language(batch))
    var options = FitOptions()
    (options.steps, options.batchSize) = (100_000, batch)
    let fit = PolicyFit(
      policy, experience, given,
      frames: (0..<frames).map {
        TrainingFrame(episode: 0, frame: $0, indicator: $0.isMultiple(of: 2))
      }, options: options)
    return { try seconds($0) { _ = try fit.next() } }
  }

  /// Seconds of so many chunks of actions for one robot, in 5 denoising steps.
  public func acting(guidance: Double) -> (_ chunks: Int) -> [Double] {
    let input = PrefixInput(
      vision: vision(1), language: language(1),
      state: Tensor.randn([1, Self.stateWidth], generator: generator).to(device))
    let shape = [1, policy.sizes.chunkLength, Self.actionWidth]
    return { chunks in
      seconds(chunks) {
        withoutGradient {
          let noise = Tensor.randn(shape, generator: generator).to(device)
          _ =
            policy.sample(
              input, tags: tags, indicator: .positive, guidance: guidance, steps: 5, noise: noise
            ).floats
        }
      }
    }
  }
}

private func seconds(_ count: Int, _ body: () throws -> Void) rethrows -> [Double] {
  try (0..<count).map { _ in
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}

/// The same tokens for every batch.
private struct GivenTokens: FrameFeatures {
  let device: Device
  let tags: TagFeatures?
  let vision: Tensor
  let language: Tensor

  func vision(_ frames: [(episode: Int, frame: Int)]) -> Tensor? { vision }

  func language(
    _ frames: [(episode: Int, frame: Int)]
  ) -> (tokens: Tensor, mask: [Bool])? {
    (language, Array(repeating: true, count: language.shape[0] * language.shape[1]))
  }
}
