public import Encoders
public import Torch

// B episodes in a batch, T frames of the longest, A action width, D hidden width, S state width,
// C cameras, V and L widths of the vision and language encoders' features.

/// What the policy sees: one row for each frame of each episode.
public struct PolicyInput {
  /// Features of every camera's picture from the vision encoder.
  public let vision: Tensor  // [B, T, C, V]
  /// Features of the task's text from the language encoder; nil where there is no text.
  public let language: Tensor?  // [B, T, L]
  /// The robot's state; nil where the policy does not use it.
  public let state: Tensor?  // [B, T, S]

  public init(vision: Tensor, language: Tensor?, state: Tensor?) {
    self.vision = vision
    self.language = language
    self.state = state
  }
}

/// The classic recipe's policy: encoders, fusion, conditioning and a Gaussian action head.
///
/// Vision and language features are projected to D and fused by an MLP; embeddings of advantage and
/// quality are added when given; the action expert gives the mean and standard deviation of a normal
/// distribution for every action dimension. Property order is the order in which the PyTorch project
/// `pi06` registers its parameters: the optimizer's state is keyed by it.
public struct ClassicPolicy: Module {
  public let visionEncoder: ProjectedVisionEncoder
  public let languageEncoder: ProjectedLanguageEncoder
  let advantageEmbedding: Linear?
  let qualityEmbedding: Linear?
  let fusion: Sequential
  let actionExpert: ActionExpert
  /// Ours: projects the robot's state to D, fused beside vision and language.
  let stateEncoder: Linear?

  let hiddenDim: Int

  /// Builds the policy around two encoders, with weights drawn from the generator.
  package init(
    configuration: Configuration.Model, actionDim: Int, cameras: Int, stateDim: Int?,
    vision: any VisionEncoder, language: any TextEncoder, expertWidths: [Int] = [512, 256],
    generator: Generator
  ) {
    let hidden = configuration.hiddenDim
    hiddenDim = hidden
    visionEncoder = ProjectedVisionEncoder(
      visionModel: vision,
      projection: Linear(vision.width, hidden, generator: generator))
    languageEncoder = ProjectedLanguageEncoder(
      textModel: language,
      projection: Linear(language.width, hidden, generator: generator))
    advantageEmbedding =
      configuration.useAdvantageConditioning ? Linear(1, hidden, generator: generator) : nil
    qualityEmbedding =
      configuration.useQualityConditioning ? Linear(1, hidden, generator: generator) : nil
    let inputs = cameras + 1 + (stateDim == nil ? 0 : 1)
    fusion = Sequential(
      perceptron: [saturated(inputs, hidden), hidden], output: hidden, activation: gelu,
      generator: generator)
    actionExpert = ActionExpert(
      hidden: hidden, widths: expertWidths, actions: actionDim, generator: generator)
    stateEncoder = stateDim.map { Linear($0, hidden, generator: generator) }
  }

  /// Fused features of every frame, before conditioning; the value function reads these too.
  public func fused(_ input: PolicyInput) -> Tensor {
    let vision = visionEncoder.projection(input.vision).flatten(from: -2, to: -1)  // [B, T, C·D]
    let language =
      input.language.map { languageEncoder.projection($0) }
      ?? Tensor.zeros(
        Array(vision.shape.dropLast()) + [hiddenDim], dtype: vision.dtype, device: vision.device)
    var parts = [vision, language]
    if let stateEncoder, let state = input.state { parts.append(stateEncoder(state)) }
    return fusion(Tensor.cat(parts, dim: -1))  // [B, T, D]
  }

  /// The distribution of the action in every frame.
  ///
  /// - Parameters:
  ///   - fused: fused features, [B, T, D].
  ///   - advantage: normalised advantage, [B, T]; nil leaves the policy unconditioned.
  ///   - quality: quality of the behaviour, [B, T]; nil likewise.
  public func actions(
    _ fused: Tensor, advantage: Tensor? = nil, quality: Tensor? = nil
  ) -> Normal {
    var x = fused
    if let advantage, let advantageEmbedding {
      x = x + advantageEmbedding(advantage.unsqueeze(-1))
    }
    if let quality, let qualityEmbedding {
      x = x + qualityEmbedding(quality.unsqueeze(-1))
    }
    return actionExpert(x)
  }
}

/// A vision encoder and the projection of its features to D.
public struct ProjectedVisionEncoder: Module {
  public let visionModel: any VisionEncoder
  let projection: Linear
}

/// A text encoder and the projection of its features to D.
public struct ProjectedLanguageEncoder: Module {
  public let textModel: any TextEncoder
  let projection: Linear
}

/// Two hidden layers, then mean and standard deviation of every action dimension.
struct ActionExpert: Module {
  let network: Sequential

  init(hidden: Int, widths: [Int], actions: Int, generator: Generator) {
    network = Sequential(
      perceptron: [hidden] + widths, output: saturated(2, actions), activation: gelu,
      generator: generator)
  }

  func callAsFunction(_ x: Tensor) -> Normal {
    let x = network(x)  // [B, T, 2·A]
    let pairs = x.reshape(x.shape.dropLast() + [x.shape.last! / 2, 2])
    return Normal(
      mean: pairs.select(dim: -1, index: 0),
      std: softplus(pairs.select(dim: -1, index: 1)) + 1e-5)
  }
}

extension Sequential {
  /// Linear, LayerNorm, activation for every width but the first, then Linear to `output`.
  init(
    perceptron widths: [Int], output: Int, activation: @escaping (Tensor) -> Tensor,
    generator: Generator
  ) {
    var layers: [any Layer] = []
    for (input, width) in zip(widths, widths.dropFirst()) {
      layers += [
        Linear(input, width, generator: generator), LayerNorm(width), Activation(activation),
      ]
    }
    layers.append(Linear(widths.last!, output, generator: generator))
    self.init(layers)
  }
}
