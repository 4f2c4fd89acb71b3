public import Torch

// RoBERTa (Liu et al. 2019, arXiv:1907.11692), XLM-R (Conneau et al. 2020, arXiv:1911.02116) and
// CamemBERT (Martin et al. 2020, arXiv:1911.03894) as encoders, as `transformers` has them in
// modeling_roberta.py: BERT's layers behind other embeddings. Properties are in its registration
// order, on which the optimizer's state depends, and names are its own.
//
// Shapes: B texts, L tokens, D = hidden size.

/// BERT's transformer, with positions that are counted over the tokens of a text alone.
///
/// It is always in evaluation mode: the dropout of `config.json` is not applied, also where the
/// model is trained.
public struct RoBERTaModel: TextEncoder {
  let embeddings: RoBERTaEmbeddings
  let encoder: BERTEncoder
  let pooler: BERTPooler?
  public let configuration: BERTConfiguration

  /// A model with the first values that `transformers` would draw, with a pooler.
  public init(_ configuration: BERTConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator), pooler: true)
  }

  init(_ configuration: BERTConfiguration, _ initializer: Initializer, pooler: Bool) {
    embeddings = RoBERTaEmbeddings(configuration, initializer)
    encoder = BERTEncoder(configuration, initializer)
    self.pooler =
      pooler
      ? BERTPooler(configuration.hiddenSize, std: configuration.initializerRange, initializer) : nil
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  /// Positions up to the padding token's id belong to no text.
  public var maximumLength: Int { configuration.positionCount - embeddings.padID - 1 }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var meaning: (pooled: String, features: String) { BERTPooler.meaning(pooler) }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput {
    let states = encoder(embeddings(ids), mask: mask, all: hiddenStates)
    return TextOutput(states, all: hiddenStates) { pooler?($0) }
  }

  /// Weights without a pooler make a model without one.
  static let family = Family<any TextEncoder>("roberta", "xlm-roberta", "camembert") { folder in
    let isRoBERTa = folder.settings["model_type"] == .string("roberta")
    let configuration = try BERTConfiguration(
      folder.settings, defaults: .roBERTa(vocabularySize: isRoBERTa ? 50265 : 30522))
    return try folder.load(RoBERTaModel.self) { initializer, names in
      let pooler = names?.contains { $0.hasPrefix("pooler.") } ?? true
      return RoBERTaModel(configuration, initializer, pooler: pooler)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    WeightName(
      nameInFile, withoutPrefix: ["roberta."], ignoring: ["lm_head.", "classifier.", "qa_outputs."])
  }
}

extension BERTConfiguration {
  /// The defaults of `RobertaConfig`.
  public static func roBERTa(vocabularySize: Int = 50265) -> Self {
    var configuration = Self()
    configuration.vocabularySize = vocabularySize
    configuration.padID = 1
    configuration.countsPositionsFromPadID = true
    return configuration
  }
}

/// Norm(word + type + position). All tokens are of type 0.
struct RoBERTaEmbeddings: Module {
  let wordEmbeddings: Embedding
  let tokenTypeEmbeddings: Embedding
  let norm: LayerNorm
  let positionEmbeddings: Embedding
  let padID: Int

  static let checkpointNames = ["norm": "LayerNorm"]

  init(_ configuration: BERTConfiguration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, configuration.initializerRange)
    guard let padID = configuration.padID else {
      fatalError("RoBERTaModel: configuration.padID is nil, wanted the padding token's id")
    }
    self.padID = padID
    wordEmbeddings = initializer.embedding(
      configuration.vocabularySize, size, std: std, zeroed: padID)
    tokenTypeEmbeddings = initializer.embedding(configuration.typeCount, size, std: std)
    norm = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    positionEmbeddings = initializer.embedding(
      configuration.positionCount, size, std: std, zeroed: padID)
  }

  /// int64 [B, L] -> [B, L, D].
  func callAsFunction(_ ids: Tensor) -> Tensor {
    let positions = positionEmbeddings.counted(ids, after: padID, of: "RoBERTaModel")
    let type = tokenTypeEmbeddings.weight.select(dim: 0, index: 0)
    return norm(wordEmbeddings(ids, fixed: padID) + type + positions)
  }
}
