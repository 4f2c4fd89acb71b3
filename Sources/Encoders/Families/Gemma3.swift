public import Torch

// The text transformer of Gemma 3 (Gemma Team 2025, arXiv:2503.19786), of which EmbeddingGemma is
// one, as `transformers` has it in modeling_gemma3.py: properties are in its registration order, on
// which the optimizer's state depends, and names are its own.
//
// Shapes: B texts, L tokens, D = hidden size, H heads of queries, G heads of keys, E = head size.

/// A Gemma 3 without its language model's head and, of a whole one, without its eyes.
///
/// Its summary of a text is the last token, the only one that has seen all of it; a bidirectional
/// model has none. Softcapping of logits does not concern it. It is always in evaluation mode.
public struct Gemma3TextModel: TextEncoder {
  let embedTokens: Embedding
  let layers: [Gemma3Layer]
  let norm: Gemma3Norm
  public let configuration: Gemma3TextConfiguration

  /// A model with the first values that `transformers` would draw.
  public init(_ configuration: Gemma3TextConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: Gemma3TextConfiguration, _ initializer: Initializer) {
    embedTokens = initializer.embedding(
      configuration.vocabularySize, configuration.hiddenSize, std: configuration.initializerRange,
      zeroed: configuration.padID)
    layers = configuration.layers.map { _ in Gemma3Layer(configuration, initializer) }
    norm = Gemma3Norm(configuration.hiddenSize, configuration, initializer)
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var maximumLength: Int { configuration.maximumLength }
  public var vocabularySize: Int { configuration.vocabularySize }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates all: Bool) -> TextOutput {
    let (length, device) = (ids.shape[1], ids.device)
    // In the weights' dtype, whose rounding of √D the model was trained with.
    let scale = Tensor(
      scalar: Double(width).squareRoot(), dtype: embedTokens.weight.dtype, device: device)
    let x = embedTokens(ids, fixed: configuration.padID) * scale
    func context(_ rotary: RotaryEmbedding, window: Int?) -> (rotation: Rotation, mask: Tensor) {
      (
        rotary.rotation(
          length: length, size: configuration.headSize, dtype: x.dtype, device: device),
        queryMask(
          length: length, mask: mask, window: window, isCausal: !configuration.isBidirectional,
          device: device)
      )
    }
    let local = context(configuration.localRotary, window: configuration.window)
    let global = context(configuration.globalRotary, window: nil)
    let states = hiddenStates(Array(zip(layers, configuration.layers)), from: x, all: all) {
      let (rotation, mask) = $0.1 == .local ? local : global
      return $0.0($1, rotation: rotation, mask: mask)
    }
    return TextOutput(states, norm: { norm($0) }, all: all) {
      configuration.isBidirectional ? nil : Pooling.last($0, mask: mask)
    }
  }

  static let family = Family<any TextEncoder>("gemma3", "gemma3_text") { folder in
    let configuration = try Gemma3TextConfiguration(folder.settings)
    return try folder.load(Gemma3TextModel.self) { initializer, _ in
      Gemma3TextModel(configuration, initializer)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    let others = ["vision_tower.", "multi_modal_projector.", "lm_head.", "score."]
    let levels = ["model.language_model.", "language_model.model.", "language_model.", "model."]
    return WeightName(
      nameInFile, withoutPrefix: levels,
      ignoring: others + others.map { "model." + $0 } + ["language_model.lm_head."])
  }
}

/// x + Norm(Attention(Norm(x))), then x + Norm(MLP(Norm(x))).
struct Gemma3Layer: Module {
  let selfAttn: Gemma3Attention
  let mlp: Gemma3MLP
  let inputNorm: Gemma3Norm
  let postAttentionNorm: Gemma3Norm
  let preFeedforwardNorm: Gemma3Norm
  let postFeedforwardNorm: Gemma3Norm

  static let checkpointNames = [
    "inputNorm": "input_layernorm", "postAttentionNorm": "post_attention_layernorm",
    "preFeedforwardNorm": "pre_feedforward_layernorm",
    "postFeedforwardNorm": "post_feedforward_layernorm",
  ]

  init(_ configuration: Gemma3TextConfiguration, _ initializer: Initializer) {
    let size = configuration.hiddenSize
    selfAttn = Gemma3Attention(configuration, initializer)
    mlp = Gemma3MLP(configuration, initializer)
    inputNorm = Gemma3Norm(size, configuration, initializer)
    postAttentionNorm = Gemma3Norm(size, configuration, initializer)
    preFeedforwardNorm = Gemma3Norm(size, configuration, initializer)
    postFeedforwardNorm = Gemma3Norm(size, configuration, initializer)
  }

  func callAsFunction(_ x: Tensor, rotation: Rotation, mask: Tensor) -> Tensor {
    let x = x + postAttentionNorm(selfAttn(inputNorm(x), rotation: rotation, mask: mask))
    return x + postFeedforwardNorm(mlp(preFeedforwardNorm(x)))
  }
}

/// Attention in which several heads of queries share one of keys and values.
struct Gemma3Attention: Module {
  let qProj: Linear
  let kProj: Linear
  let vProj: Linear
  let oProj: Linear
  let qNorm: Gemma3Norm
  let kNorm: Gemma3Norm
  let headSize: Int
  let scale: Double

  init(_ configuration: Gemma3TextConfiguration, _ initializer: Initializer) {
    func linear(_ input: Int, _ output: Int) -> Linear {
      initializer.linear(
        input, output, std: configuration.initializerRange, bias: configuration.hasAttentionBias)
    }
    headSize = configuration.headSize
    let size = configuration.hiddenSize
    let queries = saturated(configuration.headCount, headSize)
    let keys = saturated(configuration.keyHeadCount, headSize)
    qProj = linear(size, queries)
    kProj = linear(size, keys)
    vProj = linear(size, keys)
    oProj = linear(queries, size)
    qNorm = Gemma3Norm(headSize, configuration, initializer)
    kNorm = Gemma3Norm(headSize, configuration, initializer)
    scale = 1 / configuration.queryScalar.squareRoot()
  }

  /// [B, L, D] -> [B, L, D].
  func callAsFunction(_ x: Tensor, rotation: Rotation, mask: Tensor) -> Tensor {
    func split(_ x: Tensor) -> Tensor {
      x.reshape(x.shape[0], x.shape[1], -1, headSize).transpose(1, 2)
    }
    let q = rotation(qNorm(split(qProj(x))))  // [B, H, L, E]
    let k = rotation(kNorm(split(kProj(x))))  // [B, G, L, E]
    let v = split(vProj(x))  // [B, G, L, E]
    let sharing = q.shape[1] / k.shape[1]
    let mixed = scaledDotProductAttention(
      q, k.repeatInterleave(sharing, dim: 1), v.repeatInterleave(sharing, dim: 1), mask: mask,
      scale: scale)
    return oProj(mixed.transpose(1, 2).flatten(from: 2, to: 3))
  }
}

struct Gemma3MLP: Module {
  let gateProj: Linear
  let upProj: Linear
  let downProj: Linear
  let activation: Activation

  init(_ configuration: Gemma3TextConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let std = configuration.initializerRange
    gateProj = initializer.linear(size, inner, std: std, bias: false)
    upProj = initializer.linear(size, inner, std: std, bias: false)
    downProj = initializer.linear(inner, size, std: std, bias: false)
    activation = configuration.activation
  }

  func callAsFunction(_ x: Tensor) -> Tensor { downProj(activation(gateProj(x)) * upProj(x)) }
}

/// Each vector to a mean square of 1, then scaled by 1 + weight, all of it in float32.
struct Gemma3Norm: Module {
  let weight: Tensor  // [size]
  let epsilon: Double

  init(_ size: Int, _ configuration: Gemma3TextConfiguration, _ initializer: Initializer) {
    weight = initializer.full([size], 0)
    epsilon = configuration.normEpsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    (rootMeanSquareNorm(x, epsilon: epsilon) * (1 + weight.to(.float32))).to(x.dtype)
  }
}
