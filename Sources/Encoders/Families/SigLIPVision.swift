public import Torch

// The vision transformer of SigLIP (Zhai et al. 2023, arXiv:2303.15343), which SigLIP 2 (Tschannen et
// al. 2025, arXiv:2502.14786) has as well at a fixed resolution, as `transformers` has it in
// modeling_siglip.py: properties are in its registration order, on which the optimizer's state
// depends, and names are its own.
//
// Shapes: B images, L tokens (patches row by row, no class token), D = hidden size.

/// The sizes of a SigLIP vision transformer, as `config.json` gives them; defaults are base-patch16's.
public struct SigLIPVisionConfiguration: Sendable, Hashable {
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// Side of the square images it was trained on, in pixels.
  public var imageSize = 224
  /// Side of the square patches, in pixels.
  public var patchSize = 16
  public var activation = Activation.geluTanh
  public var layerNormEpsilon = 1e-6
  /// Whether a head pools the tokens by attention.
  public var hasHead = true

  public init() {}

  /// Reads a whole SigLIP's nested `vision_config`, or a vision model's flat configuration.
  init(_ settings: Settings) throws {
    var settings = settings.nested("vision_config") ?? settings
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    imageSize = settings.side("image_size", default: imageSize)
    patchSize = settings.side("patch_size", default: patchSize)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    hasHead = settings.bool("vision_use_head", default: hasHead)
    settings.checkVision(
      hiddenSize: hiddenSize, headCount: headCount, imageSize: imageSize, patchSize: patchSize)
    try settings.finish()
  }
}

/// SigLIP's image tower: a pre-norm vision transformer over patches, and a head that pools them.
///
/// Without a head (`vision_use_head` false) its features are the mean of the tokens.
public struct SigLIPVisionModel: VisionEncoder {
  let embeddings: SigLIPVisionEmbeddings
  let encoder: SigLIPEncoder
  let postLayernorm: LayerNorm
  let head: SigLIPPoolingHead?
  public let configuration: SigLIPVisionConfiguration

  /// A model with first values by the rules of `transformers`.
  public init(_ configuration: SigLIPVisionConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: SigLIPVisionConfiguration, _ initializer: Initializer) {
    embeddings = SigLIPVisionEmbeddings(configuration, initializer)
    encoder = SigLIPEncoder(configuration, initializer)
    postLayernorm = initializer.layerNorm(
      configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
    head = configuration.hasHead ? SigLIPPoolingHead(configuration, initializer) : nil
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var imageSize: Int { configuration.imageSize }
  public var patchSize: Int { configuration.patchSize }
  public var leadingTokens: Int { 0 }
  public var meaning: (pooled: String, features: String) {
    (
      head == nil
        ? "the mean of last_hidden_state (transformers has no pooler_output of it)"
        : "transformers' pooler_output, what the attention head makes of the tokens", "pooled"
    )
  }
  public var processing: ImageProcessorConfiguration.Family { .siglip }

  public func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput {
    var x = embeddings(pixels)  // [B, L, D]
    var states = hiddenStates ? [x] : []
    for layer in encoder.layers {
      x = layer(x)
      if hiddenStates { states.append(x) }
    }
    x = postLayernorm(x)
    return VisionOutput(
      lastHiddenState: x, pooled: head?(x) ?? x.mean(dim: 1), hiddenStates: states)
  }

  /// What the head pools, [B, D].
  public func features(_ pixels: Tensor) -> Tensor { self(pixels).pooled }

  static let family = Family<any VisionEncoder>("siglip", "siglip_vision_model") { folder in
    let configuration = try SigLIPVisionConfiguration(folder.settings)
    return try folder.load(SigLIPVisionModel.self) { initializer, _ in
      SigLIPVisionModel(configuration, initializer)
    }
  }

  /// SigLIP 2 for images of any shape: each is resized by itself, and its patches come as a list.
  static let naflex = Family<any VisionEncoder>(
    refusing: "siglip2", "siglip2_vision_model",
    because: "the NaFlex models of SigLIP 2 are not read; take one of a fixed resolution, such as "
      + "google/siglip2-base-patch16-224, whose model_type is siglip")

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    spelling == .transformers4 ? "vision_model." + name : name
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    // A whole SigLIP or an image classifier may hold the tower.
    let others = ["text_model.", "logit_scale", "logit_bias", "classifier."]
    if others.contains(where: nameInFile.hasPrefix) { return .ignored }
    if nameInFile.hasSuffix(".position_ids") { return .ignored }
    return .parameter(
      nameInFile.hasPrefix("vision_model.") ? String(nameInFile.dropFirst(13)) : nameInFile)
  }
}

/// Patches as tokens, with learned positions.
struct SigLIPVisionEmbeddings: Module {
  let patchEmbedding: Conv2d
  let positionEmbedding: Embedding

  init(_ configuration: SigLIPVisionConfiguration, _ initializer: Initializer) {
    let (size, patch) = (configuration.hiddenSize, configuration.patchSize)
    let grid = configuration.imageSize / patch
    patchEmbedding = Conv2d(
      weight: initializer.lecun([size, 3, patch, patch], input: saturated(3, patch, patch)),
      bias: initializer.full([size], 0), stride: patch)
    positionEmbedding = initializer.embedding(
      saturated(grid, grid), size, std: 1 / Double(size).squareRoot())
  }

  /// [B, 3, H, W] -> [B, L, D].
  func callAsFunction(_ pixels: Tensor) -> Tensor {
    let (patches, grid) = patchEmbedding.patches(pixels)
    return patches + positions(positionEmbedding.weight, classes: 0, grid: grid)
  }
}

struct SigLIPEncoder: Module {
  let layers: [SigLIPEncoderLayer]

  init(_ configuration: SigLIPVisionConfiguration, _ initializer: Initializer) {
    layers = (0..<configuration.layerCount).map { _ in
      SigLIPEncoderLayer(configuration, initializer)
    }
  }
}

/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct SigLIPEncoderLayer: Module {
  let layerNorm1: LayerNorm
  let selfAttn: CLIPAttention
  let layerNorm2: LayerNorm
  let mlp: VisionMLP

  init(_ configuration: SigLIPVisionConfiguration, _ initializer: Initializer) {
    let (size, epsilon) = (configuration.hiddenSize, configuration.layerNormEpsilon)
    func projection() -> Linear {
      Linear(
        weight: initializer.xavier([size, size], input: size, output: size),
        bias: initializer.full([size], 0))
    }
    layerNorm1 = initializer.layerNorm(size, epsilon: epsilon)
    selfAttn = CLIPAttention(
      kProj: projection(), vProj: projection(), qProj: projection(), outProj: projection(),
      heads: configuration.headCount)
    layerNorm2 = initializer.layerNorm(size, epsilon: epsilon)
    mlp = VisionMLP(configuration, initializer)
  }

  /// [B, L, D] -> [B, L, D].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let normed = layerNorm1(x)
    let x = x + selfAttn(normed, over: normed)
    return x + mlp(layerNorm2(x))
  }
}

/// A learned query looks at all tokens; then x + MLP(Norm(x)).
struct SigLIPPoolingHead: Module {
  let probe: Tensor  // [1, 1, D]
  let inputWeight: Tensor  // [3 · D, D], of query, key and value
  let inputBias: Tensor  // [3 · D]
  let output: Linear
  let layernorm: LayerNorm
  let mlp: VisionMLP
  let heads: Int

  static let checkpointNames = [
    "inputWeight": "attention.in_proj_weight", "inputBias": "attention.in_proj_bias",
    "output": "attention.out_proj",
  ]

  init(_ configuration: SigLIPVisionConfiguration, _ initializer: Initializer) {
    let size = configuration.hiddenSize
    probe = initializer.xavier([1, 1, size], input: size, output: size)
    inputWeight = initializer.xavier([3 * size, size], input: size, output: 3 * size)
    inputBias = initializer.full([3 * size], 0)
    output = Linear(
      weight: initializer.lecun([size, size], input: size), bias: initializer.full([size], 0))
    layernorm = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    mlp = VisionMLP(configuration, initializer)
    heads = configuration.headCount
  }

  /// [B, L, D] -> [B, D].
  func callAsFunction(_ tokens: Tensor) -> Tensor {
    let (count, size) = (tokens.shape[0], probe.shape[2])
    let weights = inputWeight.split(sizes: [size, 2 * size])
    let biases = inputBias.split(sizes: [size, 2 * size])
    // The query is the same for all images.
    let query = Linear(weight: weights[0], bias: biases[0])(probe).expand([count, 1, size])
    let pairs = Linear(weight: weights[1], bias: biases[1])(tokens).chunk(2, dim: 2)
    let x = output(attention(query: query, key: pairs[0], value: pairs[1], heads: heads))
    return (x + mlp(layernorm(x))).select(dim: 1, index: 0)
  }
}

extension VisionMLP {
  init(_ configuration: SigLIPVisionConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    func linear(_ input: Int, _ output: Int) -> Linear {
      Linear(
        weight: initializer.xavier([output, input], input: input, output: output),
        bias: initializer.normal([output], std: 1e-6))
    }
    self.init(
      fc1: linear(size, inner), fc2: linear(inner, size), activation: configuration.activation)
  }
}

extension Initializer {
  /// Normal with variance 1 / input, widened as for a normal that is cut off at two deviations;
  /// `transformers` cuts it off at 2, which no weight of any size in use reaches.
  fileprivate func lecun(_ shape: [Int], input: Int) -> Tensor {
    normal(shape, std: 1 / Double(input).squareRoot() / 0.87962566103423978)
  }
}
