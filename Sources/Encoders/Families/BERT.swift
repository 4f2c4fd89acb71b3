public import Torch

// BERT (Devlin et al. 2018, arXiv:1810.04805) as an encoder, as `transformers` has it in
// modeling_bert.py: properties are in its registration order, on which the optimizer's state
// depends, and names are its own.
//
// Shapes: B texts, L tokens, D = hidden size.

/// The sizes of a BERT or RoBERTa, as `config.json` gives them; defaults are BERT-base's.
public struct BERTConfiguration: Sendable, Hashable {
  public var vocabularySize = 30522
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// How many positions have an embedding.
  public var positionCount = 512
  public var typeCount = 2
  public var activation = Activation.gelu
  public var layerNormEpsilon = 1e-12
  public var initializerRange = 0.02
  /// The token whose embedding gets no gradient, as in `transformers`.
  public var padID: Int? = 0
  /// Whether positions start after ``padID``, as RoBERTa's do, which then has to be given.
  public var countsPositionsFromPadID = false

  public init() {}

  /// - Parameter defaults: what keys that are absent stand for.
  init(_ settings: Settings, defaults: Self = Self()) throws {
    self = defaults
    var settings = settings
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    positionCount = settings.integer("max_position_embeddings", default: positionCount)
    typeCount = settings.integer("type_vocab_size", default: typeCount)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    padID = settings.tokenID("pad_token_id", default: padID, below: vocabularySize)
    settings.checkHeads(hiddenSize, headCount)
    if countsPositionsFromPadID {
      if padID == nil { settings.reject("pad_token_id", wanted: "an id: positions follow it") }
      if positionCount < (padID ?? 0) + 2 {
        settings.reject("max_position_embeddings", wanted: "at least 2 more than pad_token_id")
      }
    }
    // Variants that compute something else under the same model_type.
    if let kind = settings["position_embedding_type"], kind != .string("absolute") {
      settings.reject("position_embedding_type", wanted: "\"absolute\"")
    }
    for key in ["is_decoder", "add_cross_attention"] where settings.bool(key, default: false) {
      settings.reject(key, wanted: "false: only encoders are read")
    }
    try settings.finish()
  }
}

/// A post-norm transformer over word pieces, with or without a pooler.
///
/// It is always in evaluation mode: the dropout of `config.json` is not applied, also where the
/// model is trained.
public struct BERTModel: TextEncoder {
  let embeddings: BERTEmbeddings
  let encoder: BERTEncoder
  let pooler: BERTPooler?
  public let configuration: BERTConfiguration

  /// A model with the first values that `transformers` would draw, with a pooler.
  public init(_ configuration: BERTConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator), pooler: true)
  }

  init(_ configuration: BERTConfiguration, _ initializer: Initializer, pooler: Bool) {
    embeddings = BERTEmbeddings(configuration, initializer)
    encoder = BERTEncoder(configuration, initializer)
    self.pooler =
      pooler
      ? BERTPooler(configuration.hiddenSize, std: configuration.initializerRange, initializer) : nil
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var maximumLength: Int { configuration.positionCount }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var meaning: (pooled: String, features: String) { BERTPooler.meaning(pooler) }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput {
    let states = encoder(embeddings(ids), mask: mask, all: hiddenStates)
    return TextOutput(states, all: hiddenStates) { pooler?($0) }
  }

  /// Weights without a pooler make a model without one.
  static let family = Family<any TextEncoder>("bert") { folder in
    let configuration = try BERTConfiguration(folder.settings)
    return try folder.load(BERTModel.self) { initializer, names in
      let pooler = names?.contains { $0.hasPrefix("pooler.") } ?? true
      return BERTModel(configuration, initializer, pooler: pooler)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    WeightName(
      nameInFile, withoutPrefix: ["bert."], ignoring: ["cls.", "classifier.", "qa_outputs."])
  }
}

/// Norm(word + type + position). All tokens are of type 0.
struct BERTEmbeddings: Module {
  let wordEmbeddings: Embedding
  let positionEmbeddings: Embedding
  let tokenTypeEmbeddings: Embedding
  let norm: LayerNorm
  let padID: Int?

  static let checkpointNames = ["norm": "LayerNorm"]

  init(_ configuration: BERTConfiguration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, configuration.initializerRange)
    padID = configuration.padID
    wordEmbeddings = initializer.embedding(
      configuration.vocabularySize, size, std: std, zeroed: padID)
    positionEmbeddings = initializer.embedding(configuration.positionCount, size, std: std)
    tokenTypeEmbeddings = initializer.embedding(configuration.typeCount, size, std: std)
    norm = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
  }

  /// int64 [B, L] -> [B, L, D].
  func callAsFunction(_ ids: Tensor) -> Tensor {
    let positions = positionEmbeddings.first(ids.shape[1], of: "BERTModel")
    let type = tokenTypeEmbeddings.weight.select(dim: 0, index: 0)
    return norm(wordEmbeddings(ids, fixed: padID) + type + positions)
  }
}

struct BERTEncoder: Module {
  let layer: [BERTLayer]

  init(_ configuration: BERTConfiguration, _ initializer: Initializer) {
    layer = (0..<configuration.layerCount).map { _ in BERTLayer(configuration, initializer) }
  }

  /// [B, L, D] -> that and every layer's output; the last one alone unless all are asked for.
  func callAsFunction(_ x: Tensor, mask: Tensor?, all: Bool) -> [Tensor] {
    let mask = mask.map(keyMask)
    return hiddenStates(layer, from: x, all: all) { $0($1, mask: mask) }
  }
}

/// Norm(x + Attention(x)), then Norm(x + MLP(x)).
struct BERTLayer: Module {
  let query: Linear
  let key: Linear
  let value: Linear
  let attentionDense: Linear
  let attentionNorm: LayerNorm
  let up: Linear
  let down: Linear
  let norm: LayerNorm
  let heads: Int
  let activation: Activation

  static let checkpointNames = [
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "attentionDense": "attention.output.dense", "attentionNorm": "attention.output.LayerNorm",
    "up": "intermediate.dense", "down": "output.dense", "norm": "output.LayerNorm",
  ]

  init(_ configuration: BERTConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let (std, epsilon) = (configuration.initializerRange, configuration.layerNormEpsilon)
    query = initializer.linear(size, size, std: std)
    key = initializer.linear(size, size, std: std)
    value = initializer.linear(size, size, std: std)
    attentionDense = initializer.linear(size, size, std: std)
    attentionNorm = initializer.layerNorm(size, epsilon: epsilon)
    up = initializer.linear(size, inner, std: std)
    down = initializer.linear(inner, size, std: std)
    norm = initializer.layerNorm(size, epsilon: epsilon)
    heads = configuration.headCount
    activation = configuration.activation
  }

  func callAsFunction(_ x: Tensor, mask: Tensor?) -> Tensor {
    let mixed = attention(query: query(x), key: key(x), value: value(x), heads: heads, mask: mask)
    let x = attentionNorm(x + attentionDense(mixed))
    return norm(x + down(activation(up(x))))
  }
}

/// tanh of a linear map of the first token.
struct BERTPooler: Module {
  let dense: Linear

  init(_ size: Int, std: Double, _ initializer: Initializer) {
    dense = initializer.linear(size, size, std: std)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { dense(x.select(dim: 1, index: 0)).tanh() }

  /// What the vectors of a model with or without such a pooler are.
  static func meaning(_ pooler: BERTPooler?) -> (pooled: String, features: String) {
    if pooler != nil {
      return ("transformers' pooler_output, the first token through the pooler", "pooled")
    }
    let mean = "the mean of last_hidden_state over the tokens of the mask"
    return ("\(mean) (the weights have no pooler)", mean)
  }
}
