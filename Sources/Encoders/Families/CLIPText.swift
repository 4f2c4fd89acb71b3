public import Torch

// The text transformer of CLIP (Radford et al. 2021, arXiv:2103.00020), as `transformers` has it in
// modeling_clip.py: properties are in its registration order, on which the optimizer's state
// depends, and names are its own.
//
// Shapes: B texts, L tokens, D = hidden size.

/// The sizes of a CLIP text transformer, as `config.json` gives them; defaults are ViT-B/32's.
public struct CLIPTextConfiguration: Sendable, Hashable {
  public var vocabularySize = 49408
  public var hiddenSize = 512
  public var intermediateSize = 2048
  public var layerCount = 12
  public var headCount = 8
  /// The longest text, in tokens.
  public var maximumLength = 77
  public var activation = Activation.quickGELU
  public var layerNormEpsilon = 1e-5
  public var initializerFactor = 1.0
  /// The token that ends a text; 2, which the first releases wrote whatever it was, stands for the
  /// highest id in the text.
  public var endID = 49407

  public init() {}

  /// Reads a whole CLIP's nested `text_config` (or the older `text_config_dict`, which wins), or a
  /// text model's flat configuration.
  init(_ settings: Settings) throws {
    var settings = settings.nested("text_config_dict") ?? settings.nested("text_config") ?? settings
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    maximumLength = settings.integer("max_position_embeddings", default: maximumLength)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerFactor = settings.number("initializer_factor", default: initializerFactor)
    endID = settings.integer("eos_token_id", default: endID, atLeast: 0)
    settings.checkHeads(hiddenSize, headCount)
    try settings.finish()
  }
}

/// CLIP's text tower: a pre-norm transformer whose tokens see those before them.
///
/// Its features are the token that ends the text, after the closing norm and before CLIP's
/// projection. Attention has no dropout (`attention_dropout` is 0 in every published model).
public struct CLIPTextModel: TextEncoder {
  let embeddings: CLIPTextEmbeddings
  let encoder: CLIPTextEncoder
  let finalLayerNorm: LayerNorm
  public let configuration: CLIPTextConfiguration

  /// A model with the first values that `transformers` would draw.
  public init(_ configuration: CLIPTextConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: CLIPTextConfiguration, _ initializer: Initializer) {
    let (size, std) = (configuration.hiddenSize, 0.02 * configuration.initializerFactor)
    embeddings = CLIPTextEmbeddings(
      tokenEmbedding: initializer.embedding(configuration.vocabularySize, size, std: std),
      positionEmbedding: initializer.embedding(configuration.maximumLength, size, std: std))
    encoder = CLIPTextEncoder(configuration, initializer)
    finalLayerNorm = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var maximumLength: Int { configuration.maximumLength }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var meaning: (pooled: String, features: String) {
    (
      "transformers' pooler_output, the ending token behind final_layer_norm (text_embeds are its projection)",
      "pooled"
    )
  }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates all: Bool) -> TextOutput {
    let allowed = queryMask(length: ids.shape[1], mask: mask, device: ids.device)
    let states = hiddenStates(encoder.layers, from: embeddings(ids), all: all) {
      $0($1, mask: allowed)
    }
    let last = finalLayerNorm(states.last!)
    // The first of equals, as padding may be the ending token once more.
    let end = configuration.endID == 2 ? ids : ids.eq(configuration.endID).to(.int64)
    return TextOutput(
      lastHiddenState: last, pooled: Pooling.token(last, at: end.argmax(dim: 1)),
      hiddenStates: all ? states : [])
  }

  static let family = Family<any TextEncoder>("clip", "clip_text_model") { folder in
    let configuration = try CLIPTextConfiguration(folder.settings)
    return try folder.load(CLIPTextModel.self) { initializer, _ in
      CLIPTextModel(configuration, initializer)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    WeightName(
      nameInFile, withoutPrefix: ["text_model."],
      ignoring: ["vision_model.", "visual_projection.", "text_projection.", "logit_scale"])
  }

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    spelling == .transformers4 ? "text_model." + name : name
  }
}

/// Token + position.
struct CLIPTextEmbeddings: Module {
  let tokenEmbedding: Embedding
  let positionEmbedding: Embedding

  /// int64 [B, L] -> [B, L, D].
  func callAsFunction(_ ids: Tensor) -> Tensor {
    tokenEmbedding(ids) + positionEmbedding.first(ids.shape[1], of: "the text encoder")
  }
}

struct CLIPTextEncoder: Module {
  let layers: [CLIPTextLayer]

  init(_ configuration: CLIPTextConfiguration, _ initializer: Initializer) {
    layers = (0..<configuration.layerCount).map { _ in CLIPTextLayer(configuration, initializer) }
  }
}

/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct CLIPTextLayer: Module {
  let selfAttn: CLIPTextAttention
  let layerNorm1: LayerNorm
  let mlp: CLIPTextMLP
  let layerNorm2: LayerNorm

  init(_ configuration: CLIPTextConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let outward = configuration.initializerFactor / Double(size).squareRoot()
    let inward = outward / Double(2 * configuration.layerCount).squareRoot()
    selfAttn = CLIPTextAttention(
      kProj: initializer.linear(size, size, std: inward),
      vProj: initializer.linear(size, size, std: inward),
      qProj: initializer.linear(size, size, std: inward),
      outProj: initializer.linear(size, size, std: outward), heads: configuration.headCount)
    layerNorm1 = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    mlp = CLIPTextMLP(
      fc1: initializer.linear(size, inner, std: outward / 2.0.squareRoot()),
      fc2: initializer.linear(inner, size, std: inward), activation: configuration.activation)
    layerNorm2 = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
  }

  func callAsFunction(_ x: Tensor, mask: Tensor?) -> Tensor {
    let x = x + selfAttn(layerNorm1(x), mask: mask)
    return x + mlp(layerNorm2(x))
  }
}

struct CLIPTextAttention: Module {
  let kProj: Linear
  let vProj: Linear
  let qProj: Linear
  let outProj: Linear
  let heads: Int

  func callAsFunction(_ x: Tensor, mask: Tensor?) -> Tensor {
    outProj(
      attention(query: qProj(x), key: kProj(x), value: vProj(x), heads: heads, mask: mask))
  }
}

struct CLIPTextMLP: Module {
  let fc1: Linear
  let fc2: Linear
  let activation: Activation

  func callAsFunction(_ x: Tensor) -> Tensor { fc2(activation(fc1(x))) }
}
