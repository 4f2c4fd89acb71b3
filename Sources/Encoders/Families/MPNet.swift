public import Torch

// MPNet (Song et al. 2020, arXiv:2004.09297), as `transformers` has it in modeling_mpnet.py:
// properties are in its registration order, on which the optimizer's state depends, and names are
// its own.
//
// Shapes: B texts, L tokens, D = hidden size, H heads.

/// The sizes of an MPNet, as `config.json` gives them; defaults are those of `MPNetConfig`.
public struct MPNetConfiguration: Sendable, Hashable {
  public var vocabularySize = 30527
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// How many positions have an embedding.
  public var positionCount = 512
  /// How many distances have room for a bias. As in `transformers`, ``usedBucketCount`` are used.
  public var bucketCount = Self.usedBucketCount
  public var activation = Activation.gelu
  public var layerNormEpsilon = 1e-12
  public var initializerRange = 0.02

  // Constants of modeling_mpnet.py, whatever `config.json` says.
  /// The token whose embedding gets no gradient, and after whose id positions start.
  public static let padID = 1
  public static let usedBucketCount = 32
  /// From this distance on, all share one bias.
  public static let maximumDistance = 128

  public init() {}

  init(_ settings: Settings) throws {
    var settings = settings
    vocabularySize = settings.integer(
      "vocab_size", default: vocabularySize, atLeast: Self.padID + 1)
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    positionCount = settings.integer(
      "max_position_embeddings", default: positionCount, atLeast: Self.padID + 2)
    bucketCount = settings.integer(
      "relative_attention_num_buckets", default: bucketCount, atLeast: Self.usedBucketCount)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    settings.checkHeads(hiddenSize, headCount)
    try settings.finish()
  }
}

/// A post-norm transformer over word pieces, whose attention is biased by distance, with or without
/// a pooler.
///
/// It is always in evaluation mode: the dropout of `config.json` is not applied, also where the
/// model is trained.
public struct MPNetModel: TextEncoder {
  let embeddings: MPNetEmbeddings
  let encoder: MPNetEncoder
  let pooler: BERTPooler?
  public let configuration: MPNetConfiguration

  /// A model with the first values that `transformers` would draw, with a pooler.
  public init(_ configuration: MPNetConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator), pooler: true)
  }

  init(_ configuration: MPNetConfiguration, _ initializer: Initializer, pooler: Bool) {
    embeddings = MPNetEmbeddings(configuration, initializer)
    encoder = MPNetEncoder(configuration, initializer)
    self.pooler =
      pooler
      ? BERTPooler(configuration.hiddenSize, std: configuration.initializerRange, initializer) : nil
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  /// Positions up to the padding token's id belong to no text.
  public var maximumLength: Int { configuration.positionCount - MPNetConfiguration.padID - 1 }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var meaning: (pooled: String, features: String) { BERTPooler.meaning(pooler) }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput {
    let states = encoder(embeddings(ids), mask: mask, all: hiddenStates)
    return TextOutput(states, all: hiddenStates) { pooler?($0) }
  }

  /// Weights without a pooler make a model without one.
  static let family = Family<any TextEncoder>("mpnet") { folder in
    let configuration = try MPNetConfiguration(folder.settings)
    return try folder.load(MPNetModel.self) { initializer, names in
      let pooler = names?.contains { $0.hasPrefix("pooler.") } ?? true
      return MPNetModel(configuration, initializer, pooler: pooler)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    WeightName(
      nameInFile, withoutPrefix: ["mpnet."], ignoring: ["lm_head.", "classifier.", "qa_outputs."])
  }
}

/// Norm(word + position), with positions that are counted over the tokens of a text alone.
struct MPNetEmbeddings: Module {
  let wordEmbeddings: Embedding
  let positionEmbeddings: Embedding
  let norm: LayerNorm

  static let checkpointNames = ["norm": "LayerNorm"]

  init(_ configuration: MPNetConfiguration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, configuration.initializerRange)
    let padID = MPNetConfiguration.padID
    wordEmbeddings = initializer.embedding(
      configuration.vocabularySize, size, std: std, zeroed: padID)
    positionEmbeddings = initializer.embedding(
      configuration.positionCount, size, std: std, zeroed: padID)
    norm = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
  }

  /// int64 [B, L] -> [B, L, D].
  func callAsFunction(_ ids: Tensor) -> Tensor {
    let padID = MPNetConfiguration.padID
    return norm(
      wordEmbeddings(ids, fixed: padID)
        + positionEmbeddings.counted(ids, after: padID, of: "MPNetModel"))
  }
}

struct MPNetEncoder: Module {
  let layer: [MPNetLayer]
  /// For each bucket of distances and each head, what every layer adds to products of queries and
  /// keys.
  let relativeAttentionBias: Embedding

  init(_ configuration: MPNetConfiguration, _ initializer: Initializer) {
    layer = (0..<configuration.layerCount).map { _ in MPNetLayer(configuration, initializer) }
    relativeAttentionBias = initializer.embedding(
      configuration.bucketCount, configuration.headCount, std: configuration.initializerRange)
  }

  /// [B, L, D] -> that and every layer's output; the last one alone unless all are asked for.
  func callAsFunction(_ x: Tensor, mask: Tensor?, all: Bool) -> [Tensor] {
    let buckets = distanceBuckets(
      MPNetConfiguration.usedBucketCount, maximumDistance: MPNetConfiguration.maximumDistance,
      length: x.shape[1], device: x.device)
    let bias = distanceBias(relativeAttentionBias, buckets, mask: mask)
    return hiddenStates(layer, from: x, all: all) { $0($1, bias: bias) }
  }
}

/// Norm(x + Attention(x)), then Norm(x + MLP(x)).
struct MPNetLayer: Module {
  let query: Linear
  let key: Linear
  let value: Linear
  let attentionOutput: Linear
  let attentionNorm: LayerNorm
  let up: Linear
  let down: Linear
  let norm: LayerNorm
  let heads: Int
  let activation: Activation

  static let checkpointNames = [
    "query": "attention.attn.q", "key": "attention.attn.k", "value": "attention.attn.v",
    "attentionOutput": "attention.attn.o", "attentionNorm": "attention.LayerNorm",
    "up": "intermediate.dense", "down": "output.dense", "norm": "output.LayerNorm",
  ]

  init(_ configuration: MPNetConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let (std, epsilon) = (configuration.initializerRange, configuration.layerNormEpsilon)
    query = initializer.linear(size, size, std: std)
    key = initializer.linear(size, size, std: std)
    value = initializer.linear(size, size, std: std)
    attentionOutput = initializer.linear(size, size, std: std)
    attentionNorm = initializer.layerNorm(size, epsilon: epsilon)
    up = initializer.linear(size, inner, std: std)
    down = initializer.linear(inner, size, std: std)
    norm = initializer.layerNorm(size, epsilon: epsilon)
    heads = configuration.headCount
    activation = configuration.activation
  }

  /// - Parameter bias: what is added to products of queries and keys, [1 or B, H, L, L].
  func callAsFunction(_ x: Tensor, bias: Tensor) -> Tensor {
    let mixed = attention(query: query(x), key: key(x), value: value(x), heads: heads, mask: bias)
    let x = attentionNorm(x + attentionOutput(mixed))
    return norm(x + down(activation(up(x))))
  }
}
