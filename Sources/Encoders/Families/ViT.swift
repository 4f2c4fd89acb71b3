public import Torch

// The vision transformer ViT (Dosovitskiy et al. 2020, arXiv:2010.11929), as `transformers` 5 has it
// in modeling_vit.py: properties are in its registration order, on which the optimizer's state
// depends, and names are its own. Its release 4 registered a layer's norms after its MLP.
//
// Shapes: B images, L tokens (the class token, then patches row by row), D = hidden size.

/// The sizes of a ViT, as `config.json` gives them; defaults are those of base-patch16.
public struct ViTConfiguration: Sendable, Hashable {
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// Side of the square images it was trained on, in pixels.
  public var imageSize = 224
  /// Side of the square patches, in pixels.
  public var patchSize = 16
  public var activation = Activation.gelu
  /// Whether queries, keys and values have a bias.
  public var hasQKVBias = true
  public var layerNormEpsilon = 1e-12
  public var initializerRange = 0.02
  /// Width of what the pooler gives; nil: the hidden size.
  public var poolerSize: Int?

  public init() {}

  init(_ settings: Settings) throws {
    var settings = settings
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    imageSize = settings.side("image_size", default: imageSize)
    patchSize = settings.side("patch_size", default: patchSize)
    activation = settings.activation("hidden_act", default: activation)
    hasQKVBias = settings.bool("qkv_bias", default: hasQKVBias)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    poolerSize = settings.integer("pooler_output_size", default: hiddenSize)
    if let pooler = settings["pooler_act"], pooler != .string("tanh") {
      settings.reject("pooler_act", wanted: "\"tanh\"")
    }
    settings.checkVision(
      hiddenSize: hiddenSize, headCount: headCount, imageSize: imageSize, patchSize: patchSize)
    try settings.finish()
  }
}

/// A pre-norm vision transformer over a class token and patches, with or without a pooler.
///
/// Its features are the class token behind the closing norm, also where there is a pooler: many
/// published ones were never trained. It is always in evaluation mode: the dropout of `config.json` is
/// not applied, also where the model is trained.
public struct ViTModel: VisionEncoder {
  let embeddings: ViTEmbeddings
  let layers: [ViTLayer]
  let layernorm: LayerNorm
  let pooler: ViTPooler?
  public let configuration: ViTConfiguration

  /// A model with first values by the rules of `transformers`, with a pooler.
  public init(_ configuration: ViTConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator), pooler: true)
  }

  init(_ configuration: ViTConfiguration, _ initializer: Initializer, pooler: Bool) {
    embeddings = ViTEmbeddings(configuration, initializer)
    layers = (0..<configuration.layerCount).map { _ in ViTLayer(configuration, initializer) }
    layernorm = initializer.layerNorm(
      configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
    self.pooler = pooler ? ViTPooler(configuration, initializer) : nil
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var imageSize: Int { configuration.imageSize }
  public var patchSize: Int { configuration.patchSize }
  public var leadingTokens: Int { 1 }
  public var meaning: (pooled: String, features: String) {
    let token = "the class token of last_hidden_state"
    return (
      pooler == nil
        ? "\(token) (transformers has no pooler_output of it)"
        : "transformers' pooler_output, the class token through the pooler", token
    )
  }
  public var processing: ImageProcessorConfiguration.Family { .vit }

  public func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput {
    var x = embeddings(pixels)  // [B, L, D]
    var states = hiddenStates ? [x] : []
    for layer in layers {
      x = layer(x)
      if hiddenStates { states.append(x) }
    }
    x = layernorm(x)
    let first = x.select(dim: 1, index: 0)
    return VisionOutput(lastHiddenState: x, pooled: pooler?(first) ?? first, hiddenStates: states)
  }

  /// The class token of `lastHiddenState`, [B, D]. The last layer computes that token alone.
  public func features(_ pixels: Tensor) -> Tensor {
    var x = embeddings(pixels)
    for layer in layers.dropLast() { x = layer(x) }
    if let last = layers.last { x = last(x, queries: 1) }
    return layernorm(x.select(dim: 1, index: 0))
  }

  /// Weights without a pooler make a model without one.
  static let family = Family<any VisionEncoder>("vit") { folder in
    let configuration = try ViTConfiguration(folder.settings)
    return try folder.load(ViTModel.self) { initializer, names in
      let pooler = names?.contains { $0.hasPrefix("pooler.") } ?? true
      return ViTModel(configuration, initializer, pooler: pooler)
    }
  }

  private static let renaming = Renaming(parts: [
    ("encoder.layer.", "layers."),
    (".attention.attention.query.", ".attention.q_proj."),
    (".attention.attention.key.", ".attention.k_proj."),
    (".attention.attention.value.", ".attention.v_proj."),
    (".attention.output.dense.", ".attention.o_proj."),
    (".intermediate.dense.", ".mlp.fc1."),
    (".output.dense.", ".mlp.fc2."),
  ])

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    spelling == .transformers4 ? renaming.older(name) : name
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    // Heads for images' classes and for masked patches.
    if ["classifier.", "decoder."].contains(where: nameInFile.hasPrefix) { return .ignored }
    let name = nameInFile.hasPrefix("vit.") ? String(nameInFile.dropFirst(4)) : nameInFile
    return name == "embeddings.mask_token" ? .ignored : .parameter(renaming.newer(name))
  }
}

/// Patches as tokens, after a class token, with learned positions.
struct ViTEmbeddings: Module {
  let clsToken: Tensor  // [1, 1, D]
  let positionEmbeddings: Tensor  // [1, 1 + G · G, D]
  let patchEmbeddings: PatchProjection

  init(_ configuration: ViTConfiguration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, configuration.initializerRange)
    let grid = configuration.imageSize / configuration.patchSize
    clsToken = initializer.normal([1, 1, size], std: std)
    positionEmbeddings = initializer.normal([1, 1 + saturated(grid, grid), size], std: std)
    patchEmbeddings = PatchProjection(
      initializer, size: size, patch: configuration.patchSize, std: std)
  }

  /// [B, 3, H, W] -> [B, L, D].
  func callAsFunction(_ pixels: Tensor) -> Tensor {
    let (patches, grid) = patchEmbeddings.projection.patches(pixels)  // [B, L - 1, D]
    let first = clsToken.expand([patches.shape[0], 1, clsToken.shape[2]])
    return Tensor.cat([first, patches], dim: 1)
      + positions(positionEmbeddings.squeeze(0), classes: 1, grid: grid)
  }
}

/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct ViTLayer: Module {
  let attention: VisionAttention
  let layernormBefore: LayerNorm
  let layernormAfter: LayerNorm
  let mlp: VisionMLP

  init(_ configuration: ViTConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let (std, epsilon) = (configuration.initializerRange, configuration.layerNormEpsilon)
    attention = VisionAttention(
      initializer, size: size, heads: configuration.headCount, bias: configuration.hasQKVBias,
      std: std)
    layernormBefore = initializer.layerNorm(size, epsilon: epsilon)
    layernormAfter = initializer.layerNorm(size, epsilon: epsilon)
    mlp = VisionMLP(
      fc1: initializer.linear(size, inner, std: std),
      fc2: initializer.linear(inner, size, std: std), activation: configuration.activation)
  }

  /// [B, L, D] -> [B, L, D], or, with `queries`, the first so many tokens of that.
  func callAsFunction(_ x: Tensor, queries: Int? = nil) -> Tensor {
    let normed = layernormBefore(x)
    var x = x
    if let queries {
      x =
        x.narrow(dim: 1, start: 0, length: queries)
        + attention(normed.narrow(dim: 1, start: 0, length: queries), over: normed)
    } else {
      x = x + attention(normed, over: normed)
    }
    return x + mlp(layernormAfter(x))
  }
}

/// tanh of a linear map of the class token.
struct ViTPooler: Module {
  let dense: Linear

  init(_ configuration: ViTConfiguration, _ initializer: Initializer) {
    let size = configuration.hiddenSize
    dense = initializer.linear(
      size, configuration.poolerSize ?? size, std: configuration.initializerRange)
  }

  func callAsFunction(_ first: Tensor) -> Tensor { dense(first).tanh() }
}
