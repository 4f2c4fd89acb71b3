public import Torch

// The vision transformer of CLIP (Radford et al. 2021, arXiv:2103.00020), as `transformers`
// has it in modeling_clip.py: properties are in its registration order, on which the optimizer's
// state depends, and names are its own.
//
// Shapes: B images, L tokens (the class token, then patches row by row), D = hidden size.

/// The sizes of a CLIP vision transformer, as `config.json` gives them; defaults are ViT-B/32's.
public struct CLIPVisionConfiguration: Sendable, Hashable {
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// Side of the square images it was trained on, in pixels.
  public var imageSize = 224
  /// Side of the square patches, in pixels.
  public var patchSize = 32
  public var activation = Activation.quickGELU
  public var layerNormEpsilon = 1e-5
  public var initializerRange = 0.02
  public var initializerFactor = 1.0

  public init() {}

  /// Reads a whole CLIP's nested `vision_config` (or the older `vision_config_dict`, which wins), or
  /// a vision model's flat configuration.
  init(_ settings: Settings) throws {
    var settings =
      settings.nested("vision_config_dict") ?? settings.nested("vision_config") ?? settings
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    imageSize = settings.side("image_size", default: imageSize)
    patchSize = settings.side("patch_size", default: patchSize)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    initializerFactor = settings.number("initializer_factor", default: initializerFactor)
    settings.checkVision(
      hiddenSize: hiddenSize, headCount: headCount, imageSize: imageSize, patchSize: patchSize)
    try settings.finish()
  }
}

/// CLIP's image tower: a pre-norm vision transformer over patches and a class token.
///
/// Its features are the class token of the last layer, before `post_layernorm`. Attention has no
/// dropout (`attention_dropout` is 0 in every published model).
public struct CLIPVisionModel: VisionEncoder {
  let embeddings: CLIPVisionEmbeddings
  let preNorm: LayerNorm
  let encoder: CLIPEncoder
  let postLayernorm: LayerNorm
  public let configuration: CLIPVisionConfiguration

  public static let checkpointNames = ["preNorm": "pre_layrnorm"]

  /// A model with the first values that `transformers` would draw.
  public init(_ configuration: CLIPVisionConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: CLIPVisionConfiguration, _ initializer: Initializer) {
    let (size, epsilon) = (configuration.hiddenSize, configuration.layerNormEpsilon)
    embeddings = CLIPVisionEmbeddings(configuration, initializer)
    preNorm = initializer.layerNorm(size, epsilon: epsilon)
    encoder = CLIPEncoder(configuration, initializer)
    postLayernorm = initializer.layerNorm(size, epsilon: epsilon)
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var imageSize: Int { configuration.imageSize }
  public var patchSize: Int { configuration.patchSize }
  public var leadingTokens: Int { 1 }
  public var meaning: (pooled: String, features: String) {
    (
      "transformers' pooler_output, the class token behind post_layernorm (image_embeds are its projection)",
      "the class token of last_hidden_state, before post_layernorm"
    )
  }
  public var processing: ImageProcessorConfiguration.Family { .clip }

  public func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput {
    var x = preNorm(embeddings(pixels))  // [B, L, D]
    var states = hiddenStates ? [x] : []
    for layer in encoder.layers {
      x = layer(x)
      if hiddenStates { states.append(x) }
    }
    let pooled = postLayernorm(x.select(dim: 1, index: 0))
    return VisionOutput(lastHiddenState: x, pooled: pooled, hiddenStates: states)
  }

  /// The class token of `lastHiddenState`, [B, D]. The last layer computes that token alone.
  public func features(_ pixels: Tensor) -> Tensor {
    var x = preNorm(embeddings(pixels))
    for layer in encoder.layers.dropLast() { x = layer(x) }
    if let last = encoder.layers.last { x = last(x, queries: 1) }
    return x.select(dim: 1, index: 0)
  }

  /// CLIP, and models that are trained in another way and built alike.
  static let family = Family<any VisionEncoder>(
    "clip", "clip_vision_model", "metaclip_2", "metaclip_2_vision_model", "altclip",
    "altclip_vision_model", "chinese_clip", "chinese_clip_vision_model"
  ) { folder in
    let configuration = try CLIPVisionConfiguration(folder.settings)
    return try folder.load(CLIPVisionModel.self) { initializer, _ in
      CLIPVisionModel(configuration, initializer)
    }
  }

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    spelling == .transformers4 ? "vision_model." + name : name
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    // A whole CLIP, a CLIP with one projection, or an image classifier may hold the tower.
    let others = [
      "text_model.", "text_projection.", "visual_projection.", "logit_scale", "classifier.",
    ]
    if others.contains(where: nameInFile.hasPrefix) { return .ignored }
    if nameInFile.hasSuffix(".position_ids") { return .ignored }
    return .parameter(
      nameInFile.hasPrefix("vision_model.") ? String(nameInFile.dropFirst(13)) : nameInFile)
  }
}

/// Patches as tokens, after a class token, with learned positions.
struct CLIPVisionEmbeddings: Module {
  let classEmbedding: Tensor  // [D]
  let patchEmbedding: Conv2d
  let positionEmbedding: Embedding

  init(_ configuration: CLIPVisionConfiguration, _ initializer: Initializer) {
    let (size, patch) = (configuration.hiddenSize, configuration.patchSize)
    let factor = configuration.initializerFactor
    let std = configuration.initializerRange * factor
    let grid = configuration.imageSize / patch
    classEmbedding = initializer.normal([size], std: factor / Double(size).squareRoot())
    patchEmbedding = Conv2d(
      weight: initializer.normal([size, 3, patch, patch], std: std),
      bias: nil, stride: patch)
    positionEmbedding = initializer.embedding(saturated(grid, grid) + 1, size, std: std)
  }

  /// [B, 3, H, W] -> [B, L, D].
  func callAsFunction(_ pixels: Tensor) -> Tensor {
    let (patches, grid) = patchEmbedding.patches(pixels)  // [B, L - 1, D]
    let first = classEmbedding.expand([patches.shape[0], 1, classEmbedding.count])
    return Tensor.cat([first, patches], dim: 1)
      + positions(positionEmbedding.weight, classes: 1, grid: grid)
  }
}

struct CLIPEncoder: Module {
  let layers: [CLIPEncoderLayer]

  init(_ configuration: CLIPVisionConfiguration, _ initializer: Initializer) {
    layers = (0..<configuration.layerCount).map { _ in
      CLIPEncoderLayer(configuration, initializer)
    }
  }
}

/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct CLIPEncoderLayer: Module {
  let selfAttn: CLIPAttention
  let layerNorm1: LayerNorm
  let mlp: VisionMLP
  let layerNorm2: LayerNorm

  init(_ configuration: CLIPVisionConfiguration, _ initializer: Initializer) {
    let (size, epsilon) = (configuration.hiddenSize, configuration.layerNormEpsilon)
    selfAttn = CLIPAttention(configuration, initializer)
    layerNorm1 = initializer.layerNorm(size, epsilon: epsilon)
    mlp = Self.mlp(configuration, initializer)
    layerNorm2 = initializer.layerNorm(size, epsilon: epsilon)
  }

  private static func mlp(
    _ configuration: CLIPVisionConfiguration, _ initializer: Initializer
  ) -> VisionMLP {
    let (size, factor) = (configuration.hiddenSize, configuration.initializerFactor)
    let outward = factor / Double(2 * size).squareRoot()
    let inward = factor / Double(saturated(2, size, configuration.layerCount)).squareRoot()
    return VisionMLP(
      fc1: initializer.linear(size, configuration.intermediateSize, std: outward),
      fc2: initializer.linear(configuration.intermediateSize, size, std: inward),
      activation: configuration.activation)
  }

  /// [B, L, D] -> [B, L, D], or, with `queries`, the first so many tokens of that.
  func callAsFunction(_ x: Tensor, queries: Int? = nil) -> Tensor {
    let normed = layerNorm1(x)
    var x = x
    if let queries {
      x =
        x.narrow(dim: 1, start: 0, length: queries)
        + selfAttn(normed.narrow(dim: 1, start: 0, length: queries), over: normed)
    } else {
      x = x + selfAttn(normed, over: normed)
    }
    return x + mlp(layerNorm2(x))
  }
}

/// The attention of CLIP and SigLIP.
struct CLIPAttention: Module {
  let kProj: Linear
  let vProj: Linear
  let qProj: Linear
  let outProj: Linear
  let heads: Int

  /// Queries [B, Q, D] over tokens [B, L, D] -> [B, Q, D].
  func callAsFunction(_ queries: Tensor, over tokens: Tensor) -> Tensor {
    outProj(
      attention(query: qProj(queries), key: kProj(tokens), value: vProj(tokens), heads: heads))
  }
}

extension CLIPAttention {
  init(_ configuration: CLIPVisionConfiguration, _ initializer: Initializer) {
    let size = configuration.hiddenSize
    let outward = configuration.initializerFactor / Double(size).squareRoot()
    let inward = outward / Double(2 * configuration.layerCount).squareRoot()
    kProj = initializer.linear(size, size, std: inward)
    vProj = initializer.linear(size, size, std: inward)
    qProj = initializer.linear(size, size, std: inward)
    outProj = initializer.linear(size, size, std: outward)
    heads = configuration.headCount
  }
}
