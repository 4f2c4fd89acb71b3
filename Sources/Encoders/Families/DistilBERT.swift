public import Torch

// DistilBERT (Sanh et al. 2019, arXiv:1910.01108), as `transformers` has it in
// modeling_distilbert.py: properties are in its registration order, on which the optimizer's state
// depends, and names are its own.
//
// Shapes: B texts, L tokens, D = hidden size.

/// The sizes of a DistilBERT, as `config.json` gives them; defaults are distilbert-base's.
public struct DistilBERTConfiguration: Sendable, Hashable {
  public var vocabularySize = 30522
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 6
  public var headCount = 12
  /// The longest text, in tokens.
  public var maximumLength = 512
  public var activation = Activation.gelu
  public var initializerRange = 0.02
  /// The token whose embedding gets no gradient, as in `transformers`.
  public var padID: Int? = 0

  public init() {}

  init(_ settings: Settings) throws {
    var settings = settings
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("dim", default: hiddenSize)
    intermediateSize = settings.integer("hidden_dim", default: intermediateSize)
    layerCount = settings.layers("n_layers", default: layerCount)
    headCount = settings.integer("n_heads", default: headCount)
    maximumLength = settings.integer("max_position_embeddings", default: maximumLength)
    activation = settings.activation("activation", default: activation)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    padID = settings.tokenID("pad_token_id", default: padID, below: vocabularySize)
    if hiddenSize % headCount != 0 {
      settings.reject("dim", wanted: "a multiple of n_heads, which is \(headCount)")
    }
    try settings.finish()
  }
}

/// BERT with half its layers, without token types and pooler.
///
/// It is always in evaluation mode: the dropout of `config.json` is not applied, also where the
/// model is trained. A model without weights draws its positions also where `sinusoidal_pos_embds`.
public struct DistilBERTModel: TextEncoder {
  let embeddings: DistilBERTEmbeddings
  let transformer: DistilBERTTransformer
  public let configuration: DistilBERTConfiguration

  /// A model with the first values that `transformers` would draw.
  public init(_ configuration: DistilBERTConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: DistilBERTConfiguration, _ initializer: Initializer) {
    embeddings = DistilBERTEmbeddings(configuration, initializer)
    transformer = DistilBERTTransformer(configuration, initializer)
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var maximumLength: Int { configuration.maximumLength }
  public var vocabularySize: Int { configuration.vocabularySize }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates all: Bool) -> TextOutput {
    let mask = mask.map(keyMask)
    let states = hiddenStates(transformer.layer, from: embeddings(ids), all: all) {
      $0($1, mask: mask)
    }
    return TextOutput(states, all: all) { _ in nil }
  }

  static let family = Family<any TextEncoder>("distilbert") { folder in
    let configuration = try DistilBERTConfiguration(folder.settings)
    return try folder.load(DistilBERTModel.self) { initializer, _ in
      DistilBERTModel(configuration, initializer)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    WeightName(
      nameInFile, withoutPrefix: ["distilbert."],
      ignoring: [
        "vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "pre_classifier.",
        "classifier.", "qa_outputs.",
      ])
  }
}

/// Norm(word + position).
struct DistilBERTEmbeddings: Module {
  let wordEmbeddings: Embedding
  let positionEmbeddings: Embedding
  let norm: LayerNorm
  let padID: Int?

  static let checkpointNames = ["norm": "LayerNorm"]

  init(_ configuration: DistilBERTConfiguration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, configuration.initializerRange)
    padID = configuration.padID
    wordEmbeddings = initializer.embedding(
      configuration.vocabularySize, size, std: std, zeroed: padID)
    positionEmbeddings = initializer.embedding(configuration.maximumLength, size, std: std)
    norm = initializer.layerNorm(size, epsilon: 1e-12)
  }

  /// int64 [B, L] -> [B, L, D].
  func callAsFunction(_ ids: Tensor) -> Tensor {
    norm(
      wordEmbeddings(ids, fixed: padID)
        + positionEmbeddings.first(ids.shape[1], of: "DistilBERTModel"))
  }
}

struct DistilBERTTransformer: Module {
  let layer: [DistilBERTLayer]

  init(_ configuration: DistilBERTConfiguration, _ initializer: Initializer) {
    layer = (0..<configuration.layerCount).map { _ in DistilBERTLayer(configuration, initializer) }
  }
}

/// Norm(x + Attention(x)), then Norm(x + MLP(x)).
struct DistilBERTLayer: Module {
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
    "query": "attention.q_lin", "key": "attention.k_lin", "value": "attention.v_lin",
    "attentionOutput": "attention.out_lin", "attentionNorm": "sa_layer_norm", "up": "ffn.lin1",
    "down": "ffn.lin2", "norm": "output_layer_norm",
  ]

  init(_ configuration: DistilBERTConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let std = configuration.initializerRange
    query = initializer.linear(size, size, std: std)
    key = initializer.linear(size, size, std: std)
    value = initializer.linear(size, size, std: std)
    attentionOutput = initializer.linear(size, size, std: std)
    attentionNorm = initializer.layerNorm(size, epsilon: 1e-12)
    up = initializer.linear(size, inner, std: std)
    down = initializer.linear(inner, size, std: std)
    norm = initializer.layerNorm(size, epsilon: 1e-12)
    heads = configuration.headCount
    activation = configuration.activation
  }

  func callAsFunction(_ x: Tensor, mask: Tensor?) -> Tensor {
    let mixed = attention(query: query(x), key: key(x), value: value(x), heads: heads, mask: mask)
    let x = attentionNorm(x + attentionOutput(mixed))
    return norm(x + down(activation(up(x))))
  }
}
