internal import Foundation
public import Torch

// The text transformer of SigLIP (Zhai et al. 2023, arXiv:2303.15343) and SigLIP 2 (Tschannen et
// al. 2025, arXiv:2502.14786), as `transformers` has it in modeling_siglip.py: CLIP's, with another
// order of parameters and nothing hidden from a token. Properties are in its registration order, on
// which the optimizer's state depends, and names are its own.
//
// Shapes: B texts, L tokens, D = hidden size.

/// The sizes of a SigLIP text transformer, as `config.json` gives them; defaults are base's.
public struct SigLIPTextConfiguration: Sendable, Hashable {
  public var vocabularySize = 32000
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  /// The longest text, in tokens, and the length to which all were padded in training.
  public var maximumLength = 64
  public var activation = Activation.geluTanh
  public var layerNormEpsilon = 1e-6
  /// Width of the features.
  public var projectionSize = 768
  /// The token that fills a text up.
  public var padID = 1

  public init() {}

  /// Reads a whole SigLIP's nested `text_config`, or a text model's flat configuration.
  ///
  /// - Parameter tokenizerPadID: the tokenizer's padding; `config.json` is often silent about it.
  init(_ settings: Settings, tokenizerPadID: Int?) throws {
    var settings = settings.nested("text_config") ?? settings
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.layers("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    maximumLength = settings.integer("max_position_embeddings", default: maximumLength)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    projectionSize = settings.integer("projection_size", default: hiddenSize)
    padID =
      tokenizerPadID
      ?? settings.tokenID("pad_token_id", default: padID, below: vocabularySize) ?? padID
    if !(0..<vocabularySize).contains(padID) {
      settings.reject("vocab_size", wanted: "more than the id of the tokenizer's padding, \(padID)")
    }
    settings.checkHeads(hiddenSize, headCount)
    try settings.finish()
  }
}

/// SigLIP's text tower: a pre-norm transformer, and a linear map of the last token.
///
/// Attention has no dropout (`attention_dropout` is 0 in every published model).
public struct SigLIPTextModel: TextEncoder {
  let embeddings: CLIPTextEmbeddings
  let encoder: SigLIPTextEncoder
  let finalLayerNorm: LayerNorm
  let head: Linear
  public let configuration: SigLIPTextConfiguration

  /// A model with the first values that `transformers` would draw, or close to them.
  public init(_ configuration: SigLIPTextConfiguration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: SigLIPTextConfiguration, _ initializer: Initializer) {
    let size = configuration.hiddenSize
    let std = 1 / Double(size).squareRoot()
    embeddings = CLIPTextEmbeddings(
      tokenEmbedding: initializer.embedding(configuration.vocabularySize, size, std: std),
      positionEmbedding: initializer.embedding(configuration.maximumLength, size, std: std))
    encoder = SigLIPTextEncoder(configuration, initializer)
    finalLayerNorm = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    head = initializer.linear(size, configuration.projectionSize, std: std)
    self.configuration = configuration
  }

  public var width: Int { configuration.projectionSize }
  public var tokenWidth: Int { configuration.hiddenSize }
  public var maximumLength: Int { configuration.maximumLength }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var meaning: (pooled: String, features: String) {
    (
      "transformers' pooler_output for these input_ids, the last token through the head",
      "pooled of each text filled up to \(maximumLength) tokens, as the model was trained"
    )
  }

  /// Its `pooled` comes from the last token of a row, also where that is padding.
  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates all: Bool) -> TextOutput {
    let mask = mask.map(keyMask)
    let states = hiddenStates(encoder.layers, from: embeddings(ids), all: all) {
      $0($1, mask: mask)
    }
    let last = finalLayerNorm(states.last!)
    let pooled = head(last.select(dim: 1, index: last.shape[1] - 1))
    return TextOutput(lastHiddenState: last, pooled: pooled, hiddenStates: all ? states : [])
  }

  /// One vector for each text, as the model was trained: whatever padding the batch has, a text is
  /// filled up to ``maximumLength`` with ``SigLIPTextConfiguration/padID``, of which nothing is
  /// hidden.
  ///
  /// - Returns: [B, width].
  public func features(_ ids: Tensor, mask: Tensor?) -> Tensor {
    var ids = ids
    if let mask {
      let isText = mask.ne(0)
      let order = isText.to(.int64).argsort(dim: 1, descending: true)  // text first
      ids = ids.maskedFill(mask: isText.logicalNot(), value: configuration.padID)
        .gather(dim: 1, index: order)
    }
    let missing = max(0, maximumLength - ids.shape[1])
    return self(ids.pad([0, missing], value: Double(configuration.padID))).pooled!
  }

  static let family = Family<any TextEncoder>(
    "siglip", "siglip_text_model", "siglip2", "siglip2_text_model"
  ) { folder in
    let configuration = try SigLIPTextConfiguration(
      folder.settings, tokenizerPadID: try folder.tokenizerPadID())
    return try folder.load(SigLIPTextModel.self) { initializer, _ in
      SigLIPTextModel(configuration, initializer)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    WeightName(
      nameInFile, withoutPrefix: ["text_model."],
      ignoring: ["vision_model.", "logit_scale", "logit_bias"])
  }

  public static func spell(_ name: String, _ spelling: Spelling) -> String {
    spelling == .transformers4 ? "text_model." + name : name
  }
}

struct SigLIPTextEncoder: Module {
  let layers: [SigLIPTextLayer]

  init(_ configuration: SigLIPTextConfiguration, _ initializer: Initializer) {
    layers = (0..<configuration.layerCount).map { _ in SigLIPTextLayer(configuration, initializer) }
  }
}

/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct SigLIPTextLayer: Module {
  let layerNorm1: LayerNorm
  let selfAttn: CLIPTextAttention
  let layerNorm2: LayerNorm
  let mlp: CLIPTextMLP

  init(_ configuration: SigLIPTextConfiguration, _ initializer: Initializer) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    // Glorot's deviation; of the normal instead of the uniform distribution.
    func linear(_ input: Int, _ output: Int) -> Linear {
      initializer.linear(input, output, std: (2 / Double(input + output)).squareRoot())
    }
    layerNorm1 = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    selfAttn = CLIPTextAttention(
      kProj: linear(size, size), vProj: linear(size, size), qProj: linear(size, size),
      outProj: linear(size, size), heads: configuration.headCount)
    layerNorm2 = initializer.layerNorm(size, epsilon: configuration.layerNormEpsilon)
    mlp = CLIPTextMLP(
      fc1: linear(size, inner), fc2: linear(inner, size), activation: configuration.activation)
  }

  func callAsFunction(_ x: Tensor, mask: Tensor?) -> Tensor {
    let x = x + selfAttn(layerNorm1(x), mask: mask)
    return x + mlp(layerNorm2(x))
  }
}

extension ModelFolder {
  /// The id of the tokenizer's padding by `tokenizer_config.json`; nil where that does not tell.
  fileprivate func tokenizerPadID() throws -> Int? {
    let file = url.appendingPathComponent("tokenizer_config.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let fields = try Settings(contentsOf: file).fields
    let content = { (token: JSON?) in token?.object?["content"] ?? token }
    guard let padding = content(fields["pad_token"]), padding != .null else { return nil }
    let tokens = fields["added_tokens_decoder"]?.object ?? [:]
    return tokens.first { content($0.value) == padding }.flatMap { Int($0.key) }
  }
}
