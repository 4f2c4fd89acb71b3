/// The sizes of a BERT, as `config.json` gives them; defaults are BERT-base's.
public struct BERTConfiguration: Sendable, Hashable {
  public var vocabularySize = 30522
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// The longest text, in tokens.
  public var maximumLength = 512
  public var typeCount = 2
  public var activation = Activation.gelu
  public var layerNormEpsilon = 1e-12
  public var initializerRange = 0.02
  /// The token whose embedding gets no gradient, as in `transformers`.
  public var padID: Int? = 0

  public init() {}

  init(_ settings: Settings) throws {
    var settings = settings
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.integer("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    maximumLength = settings.integer("max_position_embeddings", default: maximumLength)
    typeCount = settings.integer("type_vocab_size", default: typeCount)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    padID =
      settings.fields["pad_token_id"] == .null
      ? nil : settings.integer("pad_token_id", default: 0, atLeast: 0)
    if hiddenSize % headCount != 0 {
      settings.reject(
        "hidden_size", wanted: "a multiple of num_attention_heads, which is \(headCount)")
    }
    if let padID, padID >= vocabularySize {
      settings.reject("pad_token_id", wanted: "less than vocab_size, which is \(vocabularySize)")
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
