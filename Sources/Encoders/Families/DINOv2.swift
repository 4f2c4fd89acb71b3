public import Torch

// DINOv2 (Oquab et al. 2023, arXiv:2304.07193), without and with registers (Darcet et al. 2023,
// arXiv:2309.16588), as `transformers` has them in modeling_dinov2.py and
// modeling_dinov2_with_registers.py: properties are in its registration order, on which the
// optimizer's state depends, and names are its own.
//
// Shapes: B images, L tokens (the class token, registers, then patches row by row), P patches,
// D = hidden size.

/// The sizes of a DINOv2, as `config.json` gives them; defaults are those of the base model.
public struct DINOv2Configuration: Sendable, Hashable {
  public var hiddenSize = 768
  public var layerCount = 12
  public var headCount = 12
  /// Width of the MLP as a multiple of the hidden size.
  public var mlpRatio = 4.0
  /// Side of the square images it was trained on, in pixels.
  public var imageSize = 224
  /// Side of the square patches, in pixels.
  public var patchSize = 14
  public var activation = Activation.gelu
  /// The gated MLP of the giant model.
  public var usesSwiGLU = false
  /// Whether queries, keys and values have a bias.
  public var hasQKVBias = true
  public var layerNormEpsilon = 1e-6
  public var initializerRange = 0.02
  /// First value of what scales the outputs of attention and MLP.
  public var layerScale = 1.0
  /// Whether there is a token for masked patches, which only pre-training uses.
  public var hasMaskToken = true
  /// Nil: a model without registers.
  public var registerCount: Int?

  public init() {}

  init(_ settings: Settings, withRegisters: Bool) throws {
    var settings = settings
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    mlpRatio = settings.number("mlp_ratio", default: mlpRatio, atMost: 1000)
    imageSize = settings.side("image_size", default: imageSize)
    patchSize = settings.side("patch_size", default: withRegisters ? 16 : patchSize)
    activation = settings.activation("hidden_act", default: activation)
    usesSwiGLU = settings.bool("use_swiglu_ffn", default: usesSwiGLU)
    hasQKVBias = settings.bool("qkv_bias", default: hasQKVBias)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    layerScale = settings.number("layerscale_value", default: layerScale)
    if withRegisters {
      registerCount = settings.integer("num_register_tokens", default: 4, atLeast: 0)
    } else {
      hasMaskToken = settings.bool("use_mask_token", default: hasMaskToken)
    }
    settings.checkVision(
      hiddenSize: hiddenSize, headCount: headCount, imageSize: imageSize, patchSize: patchSize)
    try settings.finish()
  }

  /// Width of the MLP; of the gated one two thirds of that, as a multiple of 8.
  var intermediateSize: Int {
    let size = Int(Double(hiddenSize) * mlpRatio)
    return usesSwiGLU ? (Int(Double(size * 2) / 3) + 7) / 8 * 8 : size
  }
}

/// DINOv2's vision transformer, pre-norm over a class token, registers and patches.
///
/// Its features are the class token behind the closing norm. It is always in evaluation mode:
/// dropout and dropped paths of `config.json` are not applied, also where the model is trained.
public struct DINOv2Model: VisionEncoder {
  let embeddings: DINOv2Embeddings
  let encoder: DINOv2Encoder
  let layernorm: LayerNorm
  public let configuration: DINOv2Configuration

  /// A model with first values by the rules of `transformers`.
  public init(_ configuration: DINOv2Configuration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: DINOv2Configuration, _ initializer: Initializer) {
    embeddings = DINOv2Embeddings(configuration, initializer)
    encoder = DINOv2Encoder(configuration, initializer)
    layernorm = initializer.layerNorm(
      configuration.hiddenSize, epsilon: configuration.layerNormEpsilon)
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var imageSize: Int { configuration.imageSize }
  public var patchSize: Int { configuration.patchSize }
  public var leadingTokens: Int { 1 + (configuration.registerCount ?? 0) }
  public var meaning: (pooled: String, features: String) {
    ("transformers' pooler_output, the class token of last_hidden_state", "pooled")
  }
  public var processing: ImageProcessorConfiguration.Family { .dinov2 }

  public func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput {
    var x = embeddings(pixels)  // [B, L, D]
    var states = hiddenStates ? [x] : []
    for layer in encoder.layer {
      x = layer(x)
      if hiddenStates { states.append(x) }
    }
    x = layernorm(x)
    return VisionOutput(
      lastHiddenState: x, pooled: x.select(dim: 1, index: 0), hiddenStates: states)
  }

  /// The class token of `lastHiddenState`, [B, D]. The last layer computes that token alone.
  public func features(_ pixels: Tensor) -> Tensor {
    var x = embeddings(pixels)
    for layer in encoder.layer.dropLast() { x = layer(x) }
    if let last = encoder.layer.last { x = last(x, queries: 1) }
    return layernorm(x.select(dim: 1, index: 0))
  }

  static let family = Family<any VisionEncoder>("dinov2") { try load($0, withRegisters: false) }

  static let familyWithRegisters = Family<any VisionEncoder>("dinov2_with_registers") {
    try load($0, withRegisters: true)
  }

  private static func load(_ folder: ModelFolder, withRegisters: Bool) throws -> DINOv2Model {
    let configuration = try DINOv2Configuration(folder.settings, withRegisters: withRegisters)
    return try folder.load(DINOv2Model.self) { initializer, _ in
      DINOv2Model(configuration, initializer)
    }
  }

  private static let renaming = Renaming(parts: [
    (".attention.attention.query.", ".attention.q_proj."),
    (".attention.attention.key.", ".attention.k_proj."),
    (".attention.attention.value.", ".attention.v_proj."),
    (".attention.output.dense.", ".attention.o_proj."),
    (".mlp.weights_out.", ".mlp.down_proj."),
  ])

  /// Gate and values, which `transformers` 4 has in one layer.
  private static let joined = (
    older: ".mlp.weights_in.", newer: [".mlp.gate_proj.", ".mlp.up_proj."]
  )

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    guard spelling == .transformers4 else { return name }
    return joined.newer.reduce(renaming.older(name)) { $0.replacing($1, with: joined.older) }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    if nameInFile.hasPrefix("classifier.") { return .ignored }
    let prefix = ["dinov2.", "dinov2_with_registers."].first(where: nameInFile.hasPrefix) ?? ""
    let name = renaming.newer(String(nameInFile.dropFirst(prefix.count)))
    guard name.contains(joined.older) else { return .parameter(name) }
    return .parts(joined.newer.map { name.replacing(joined.older, with: $0) })
  }
}

/// Patches as tokens with learned positions, after a class token and registers.
struct DINOv2Embeddings: Module {
  let clsToken: Tensor  // [1, 1, D]
  let maskToken: Tensor?  // [1, D]
  let positionEmbeddings: Tensor  // [1, 1 + G · G, D]
  let registerTokens: Tensor?  // [1, registers, D]
  let patchEmbeddings: PatchProjection

  init(_ configuration: DINOv2Configuration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, configuration.initializerRange)
    let grid = configuration.imageSize / configuration.patchSize
    clsToken = initializer.normal([1, 1, size], std: std)
    maskToken = configuration.hasMaskToken ? initializer.full([1, size], 0) : nil
    positionEmbeddings = initializer.normal([1, 1 + saturated(grid, grid), size], std: std)
    registerTokens = configuration.registerCount.map { initializer.full([1, $0, size], 0) }
    patchEmbeddings = PatchProjection(
      initializer, size: size, patch: configuration.patchSize, std: std)
  }

  /// [B, 3, H, W] -> [B, L, D].
  func callAsFunction(_ pixels: Tensor) -> Tensor {
    let (patches, grid) = patchEmbeddings.projection.patches(pixels)  // [B, P, D]
    let (count, size) = (patches.shape[0], clsToken.shape[2])
    let places = positions(positionEmbeddings.squeeze(0), classes: 1, grid: grid) {
      let square = $0.to(.float32)
      // The two models were published with different resampling.
      return registerTokens == nil
        ? interpolateBicubic(square, height: $1, width: $2)
        : interpolateBicubicAntialiased(square, height: $1, width: $2)
    }
    let x = Tensor.cat([clsToken.expand([count, 1, size]), patches], dim: 1) + places
    guard let registerTokens else { return x }
    let registers = registerTokens.expand([count, registerTokens.shape[1], size])
    return Tensor.cat(
      [
        x.narrow(dim: 1, start: 0, length: 1), registers,
        x.narrow(dim: 1, start: 1, length: x.shape[1] - 1),
      ], dim: 1)
  }
}

struct DINOv2Encoder: Module {
  let layer: [DINOv2Layer]

  init(_ configuration: DINOv2Configuration, _ initializer: Initializer) {
    layer = (0..<configuration.layerCount).map { _ in DINOv2Layer(configuration, initializer) }
  }
}

/// x + Scale(Attention(Norm(x))), then x + Scale(MLP(Norm(x))).
struct DINOv2Layer: Module {
  let norm1: LayerNorm
  let attention: VisionAttention
  let layerScale1: DINOv2LayerScale
  let norm2: LayerNorm
  let mlp: any DINOv2MLP
  let layerScale2: DINOv2LayerScale

  init(_ configuration: DINOv2Configuration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let (std, epsilon) = (configuration.initializerRange, configuration.layerNormEpsilon)
    norm1 = initializer.layerNorm(size, epsilon: epsilon)
    attention = VisionAttention(
      initializer, size: size, heads: configuration.headCount, bias: configuration.hasQKVBias,
      std: std)
    layerScale1 = DINOv2LayerScale(lambda1: initializer.full([size], configuration.layerScale))
    norm2 = initializer.layerNorm(size, epsilon: epsilon)
    mlp =
      configuration.usesSwiGLU
      ? DINOv2SwiGLU(
        gateProj: initializer.linear(size, inner, std: std),
        upProj: initializer.linear(size, inner, std: std),
        downProj: initializer.linear(inner, size, std: std))
      : VisionMLP(
        fc1: initializer.linear(size, inner, std: std),
        fc2: initializer.linear(inner, size, std: std), activation: configuration.activation)
    layerScale2 = DINOv2LayerScale(lambda1: initializer.full([size], configuration.layerScale))
  }

  /// [B, L, D] -> [B, L, D], or, with `queries`, the first so many tokens of that.
  func callAsFunction(_ x: Tensor, queries: Int? = nil) -> Tensor {
    let normed = norm1(x)
    var x = x
    if let queries {
      x =
        x.narrow(dim: 1, start: 0, length: queries)
        + layerScale1(attention(normed.narrow(dim: 1, start: 0, length: queries), over: normed))
    } else {
      x = x + layerScale1(attention(normed, over: normed))
    }
    return x + layerScale2(mlp(norm2(x)))
  }
}

/// A learned factor for each feature.
struct DINOv2LayerScale: Module {
  let lambda1: Tensor  // [D]

  func callAsFunction(_ x: Tensor) -> Tensor { x * lambda1 }
}

/// Either of the MLPs that a DINOv2 can have.
protocol DINOv2MLP: Module {
  func callAsFunction(_ x: Tensor) -> Tensor
}

extension VisionMLP: DINOv2MLP {}

/// down(silu(gate(x)) · up(x)) (Shazeer 2020, arXiv:2002.05202).
struct DINOv2SwiGLU: DINOv2MLP {
  let gateProj: Linear
  let upProj: Linear
  let downProj: Linear

  func callAsFunction(_ x: Tensor) -> Tensor { downProj(silu(gateProj(x)) * upProj(x)) }
}
