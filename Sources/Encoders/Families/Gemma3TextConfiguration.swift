/// The sizes of a Gemma 3 text transformer, as `config.json` gives them; defaults are those of
/// `Gemma3TextConfig`.
public struct Gemma3TextConfiguration: Sendable, Hashable {
  /// How far a layer looks.
  public enum Layer: String, Sendable, Hashable {
    case local = "sliding_attention"
    case global = "full_attention"
  }

  public var vocabularySize = 262_208
  public var hiddenSize = 2304
  public var intermediateSize = 9216
  public var headCount = 8
  /// Heads of keys and values; ``headCount`` is a multiple.
  public var keyHeadCount = 4
  /// Width of a head; all heads together need not have ``hiddenSize``.
  public var headSize = 256
  public var layers = Self.layers(count: 26, globalEvery: 6)
  /// The longest text, in tokens.
  public var maximumLength = 131_072
  /// From this distance on, a token is out of sight in local layers.
  public var window = 4096
  /// Whether tokens see those after them, as in EmbeddingGemma.
  public var isBidirectional = false
  /// Products of queries and keys are divided by its root.
  public var queryScalar = 256.0
  public var hasAttentionBias = false
  public var activation = Activation.geluTanh
  public var normEpsilon = 1e-6
  public var initializerRange = 0.02
  /// The token whose embedding gets no gradient, as in `transformers`.
  public var padID: Int? = 0
  var localRotary = RotaryEmbedding(base: 10_000)
  var globalRotary = RotaryEmbedding(base: 1_000_000)

  public init() {}

  /// Every so many layers a global one, the others local.
  public static func layers(count: Int, globalEvery period: Int) -> [Layer] {
    (1...count).map { $0 % period == 0 ? .global : .local }
  }

  /// Reads a whole Gemma's nested `text_config`, or a text model's flat configuration.
  init(_ settings: Settings) throws {
    var settings = settings.nested("text_config") ?? settings
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    headCount = settings.integer("num_attention_heads", default: headCount)
    keyHeadCount = settings.integer("num_key_value_heads", default: keyHeadCount)
    headSize = settings.integer("head_dim", default: headSize)
    maximumLength = settings.integer("max_position_embeddings", default: maximumLength)
    isBidirectional = settings.bool("use_bidirectional_attention", default: false)
    window = settings.integer("sliding_window", default: window)
    if isBidirectional { window = window / 2 + 1 }
    queryScalar = settings.number("query_pre_attn_scalar", default: queryScalar)
    hasAttentionBias = settings.bool("attention_bias", default: hasAttentionBias)
    activation = settings.activation("hidden_activation", default: activation)
    normEpsilon = settings.number("rms_norm_eps", default: normEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    padID = settings.tokenID("pad_token_id", default: padID, below: vocabularySize)
    readLayers(&settings)
    readRotary(&settings)
    if headCount % keyHeadCount != 0 {
      settings.reject(
        "num_attention_heads",
        wanted: "a multiple of num_key_value_heads, which is \(keyHeadCount)")
    }
    if headSize % 2 != 0 { settings.reject("head_dim", wanted: "an even number") }
    if queryScalar == 0 { settings.reject("query_pre_attn_scalar", wanted: "more than 0") }
    if settings["attn_logit_softcapping"] != nil {
      settings.reject("attn_logit_softcapping", wanted: "null: attention is not capped")
    }
    if !settings.bool("is_causal", default: true) {
      settings.reject("is_causal", wanted: "true; see use_bidirectional_attention")
    }
    try settings.finish()
  }

  /// `layer_types`, or the older `sliding_window_pattern`.
  private mutating func readLayers(_ settings: inout Settings) {
    let count = settings.layers("num_hidden_layers", default: layers.count)
    let period = settings.integer("sliding_window_pattern", default: 6)
    layers = Self.layers(count: count, globalEvery: period)
    guard let types = settings["layer_types"] else { return }
    let read = (types.array ?? []).compactMap { type in
      if case .string(let name) = type { Layer(rawValue: name) } else { nil }
    }
    if read.count == count, types.array?.count == count {
      layers = read
    } else {
      settings.reject(
        "layer_types",
        wanted: "sliding_attention or full_attention for each of \(count) layers")
    }
  }

  /// `rope_parameters`, or the older `rope_theta`, `rope_local_base_freq` and `rope_scaling`, which
  /// is that of global layers.
  private mutating func readRotary(_ settings: inout Settings) {
    globalRotary.base = settings.number("rope_theta", default: globalRotary.base)
    localRotary.base = settings.number("rope_local_base_freq", default: localRotary.base)
    settings.read("rope_parameters") { kinds in
      if kinds["full_attention"] == nil, kinds["sliding_attention"] == nil {
        kinds.reject("full_attention", wanted: "an object for each kind of layer")
      }
      kinds.read("full_attention") { globalRotary.read(&$0) }
      kinds.read("sliding_attention") { localRotary.read(&$0) }
    }
    settings.read("rope_scaling") { globalRotary.read(&$0) }
  }
}

extension RotaryEmbedding {
  fileprivate mutating func read(_ settings: inout Settings) {
    base = settings.number("rope_theta", default: base)
    let key = settings["rope_type"] == nil && settings["type"] != nil ? "type" : "rope_type"
    switch settings.string(key, default: "default") {
    case "default": factor = 1
    case "linear":
      factor = settings.number("factor", default: 0)
      if factor == 0 { settings.reject("factor", wanted: "a number above 0") }
    default: settings.reject(key, wanted: "\"default\" or \"linear\"")
    }
    if settings.number("partial_rotary_factor", default: 1) != 1 {
      settings.reject("partial_rotary_factor", wanted: "1: whole heads are rotated")
    }
  }
}
