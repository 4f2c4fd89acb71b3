public import Torch

// The encoder of T5 (Raffel et al. 2020, arXiv:1910.10683), T5 1.1, mT5 (Xue et al. 2021,
// arXiv:2010.11934) and umT5 (Chung et al. 2023, arXiv:2304.09151), as `transformers` has it in
// modeling_t5.py and modeling_umt5.py: properties are in its registration order, on which the
// optimizer's state depends, and names are its own.
//
// Shapes: B texts, L tokens, D = d_model, H heads, E = d_kv.

/// The sizes of a T5, as `config.json` gives them; defaults are t5-small's.
public struct T5Configuration: Sendable, Hashable {
  public var vocabularySize = 32128
  public var hiddenSize = 512
  /// Width of a head; all heads together need not have ``hiddenSize``.
  public var headSize = 64
  public var intermediateSize = 2048
  public var layerCount = 6
  public var headCount = 8
  /// How many distances, before and after a token together, have a bias of their own.
  public var bucketCount = 32
  /// From this distance on, all share one bias.
  public var maximumDistance = 128
  public var activation = Activation.relu
  /// Whether a second linear map multiplies the activation, as since T5 1.1.
  public var isGated = false
  /// Whether every layer has biases of its own, as in umT5; else all have the first one's.
  public var hasBiasInEveryLayer = false
  public var normEpsilon = 1e-6
  public var initializerFactor = 1.0
  /// The longest text it is asked for, in tokens. There is no table of positions to run out of: it
  /// is `n_positions`, or the 512 that T5 was trained on.
  public var maximumLength = 512

  public init() {}

  init(_ settings: Settings) throws {
    var settings = settings
    let type = settings.string("model_type", default: "t5")
    if type != "t5" {
      (vocabularySize, intermediateSize, layerCount, headCount) = (250112, 1024, 8, 6)
    }
    hasBiasInEveryLayer = type == "umt5"
    vocabularySize = settings.integer("vocab_size", default: vocabularySize)
    hiddenSize = settings.integer("d_model", default: hiddenSize)
    headSize = settings.integer("d_kv", default: headSize)
    intermediateSize = settings.integer("d_ff", default: intermediateSize)
    layerCount = settings.layers("num_layers", default: layerCount)
    headCount = settings.integer("num_heads", default: headCount)
    bucketCount = settings.integer(
      "relative_attention_num_buckets", default: bucketCount, atLeast: 4)
    maximumDistance = settings.integer(
      "relative_attention_max_distance", default: maximumDistance)
    normEpsilon = settings.number("layer_norm_epsilon", default: normEpsilon)
    initializerFactor = settings.number("initializer_factor", default: initializerFactor)
    maximumLength = settings.integer("n_positions", default: maximumLength)
    let form = settings.string("feed_forward_proj", default: type == "t5" ? "relu" : "gated-gelu")
    isGated = form.hasPrefix("gated-")
    if form == "gated-gelu" {  // never the exact GELU
      activation = .geluTanh
    } else if let found = Activation(name: isGated ? String(form.dropFirst(6)) : form) {
      activation = found
    } else {
      let names = Activation.names.joined(separator: ", ")
      settings.reject("feed_forward_proj", wanted: "one of \(names), also after \"gated-\"")
    }
    if maximumDistance <= bucketCount / 4 {
      settings.reject(
        "relative_attention_max_distance",
        wanted: "more than a quarter of relative_attention_num_buckets, \(bucketCount)")
    }
    try settings.finish()
  }
}

/// T5's encoder: a pre-norm transformer without positions, whose attention is biased by distance.
///
/// It has no summary of a text. It is always in evaluation mode: the dropout of `config.json` is
/// not applied, also where the model is trained.
public struct T5EncoderModel: TextEncoder {
  let shared: Embedding
  let encoder: T5Stack
  public let configuration: T5Configuration

  /// A model with the first values that `transformers` would draw.
  public init(_ configuration: T5Configuration, generator: Generator) {
    self.init(configuration, Initializer(generator: generator))
  }

  init(_ configuration: T5Configuration, _ initializer: Initializer) {
    shared = initializer.embedding(
      configuration.vocabularySize, configuration.hiddenSize, std: configuration.initializerFactor)
    encoder = T5Stack(configuration, initializer)
    self.configuration = configuration
  }

  public var width: Int { configuration.hiddenSize }
  public var maximumLength: Int { configuration.maximumLength }
  public var vocabularySize: Int { configuration.vocabularySize }

  public func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates all: Bool) -> TextOutput {
    let buckets = distanceBuckets(
      configuration.bucketCount, maximumDistance: configuration.maximumDistance,
      length: ids.shape[1], device: ids.device)
    var bias: Tensor?  // [1 or B, H, L, L]
    let states = hiddenStates(encoder.block, from: shared(ids), all: all) { block, x in
      if let table = block.relativeAttentionBias {
        bias = distanceBias(table, buckets, mask: mask)
      }
      return block(x, bias: bias!)
    }
    return TextOutput(states, norm: { encoder.finalLayerNorm($0) }, all: all) { _ in nil }
  }

  static let family = Family<any TextEncoder>("t5", "mt5", "umt5") { folder in
    let configuration = try T5Configuration(folder.settings)
    return try folder.load(T5EncoderModel.self) { initializer, _ in
      T5EncoderModel(configuration, initializer)
    }
  }

  public static func resolve(_ nameInFile: String) -> WeightName {
    let name = WeightName(
      nameInFile, withoutPrefix: ["transformer."],
      ignoring: [
        "decoder.", "lm_head.", "transformer.decoder.", "classifier.", "classification_head.",
        "qa_outputs.",
      ])
    return name == .parameter("encoder.embed_tokens.weight") ? .copy(of: "shared.weight") : name
  }
}

struct T5Stack: Module {
  let block: [T5Block]
  let finalLayerNorm: T5Norm

  init(_ configuration: T5Configuration, _ initializer: Initializer) {
    block = (0..<configuration.layerCount).map {
      T5Block(configuration, initializer, hasBias: $0 == 0 || configuration.hasBiasInEveryLayer)
    }
    finalLayerNorm = T5Norm(configuration, initializer)
  }
}

/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct T5Block: Module {
  let query: Linear
  let key: Linear
  let value: Linear
  let attentionOutput: Linear
  /// For each bucket of distances and each head, what is added to products of queries and keys.
  let relativeAttentionBias: Embedding?
  let attentionNorm: T5Norm
  let ungated: Linear?
  let gate: Linear?
  let up: Linear?
  let down: Linear
  let norm: T5Norm
  let heads: Int
  let activation: Activation

  static let checkpointNames = [
    "query": "layer.0.SelfAttention.q", "key": "layer.0.SelfAttention.k",
    "value": "layer.0.SelfAttention.v", "attentionOutput": "layer.0.SelfAttention.o",
    "relativeAttentionBias": "layer.0.SelfAttention.relative_attention_bias",
    "attentionNorm": "layer.0.layer_norm", "ungated": "layer.1.DenseReluDense.wi",
    "gate": "layer.1.DenseReluDense.wi_0", "up": "layer.1.DenseReluDense.wi_1",
    "down": "layer.1.DenseReluDense.wo", "norm": "layer.1.layer_norm",
  ]

  init(_ configuration: T5Configuration, _ initializer: Initializer, hasBias: Bool) {
    let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let heads = configuration.headCount
    let all = saturated(heads, configuration.headSize)
    func linear(_ input: Int, _ output: Int, fan: Int) -> Linear {
      let std = configuration.initializerFactor / Double(fan).squareRoot()
      return initializer.linear(input, output, std: std, bias: false)
    }
    // Queries are small from the start: their products with keys are not scaled.
    query = linear(size, all, fan: saturated(size, configuration.headSize))
    key = linear(size, all, fan: size)
    value = linear(size, all, fan: size)
    attentionOutput = linear(all, size, fan: all)
    relativeAttentionBias =
      hasBias
      ? initializer.embedding(
        configuration.bucketCount, heads,
        std: configuration.initializerFactor / Double(size).squareRoot()) : nil
    attentionNorm = T5Norm(configuration, initializer)
    ungated = configuration.isGated ? nil : linear(size, inner, fan: size)
    gate = configuration.isGated ? linear(size, inner, fan: size) : nil
    up = configuration.isGated ? linear(size, inner, fan: size) : nil
    down = linear(inner, size, fan: inner)
    norm = T5Norm(configuration, initializer)
    self.heads = heads
    activation = configuration.activation
  }

  /// - Parameter bias: what is added to products of queries and keys, [1 or B, H, L, L].
  func callAsFunction(_ x: Tensor, bias: Tensor) -> Tensor {
    let normed = attentionNorm(x)
    let mixed = attention(
      query: query(normed), key: key(normed), value: value(normed), heads: heads, mask: bias,
      scale: 1)
    let x = x + attentionOutput(mixed)
    return x + down(inner(norm(x)))
  }

  private func inner(_ x: Tensor) -> Tensor {
    if let ungated { return activation(ungated(x)) }
    return activation(gate!(x)) * up!(x)
  }
}

/// Each vector to a mean square of 1, then scaled.
struct T5Norm: Module {
  let weight: Tensor  // [D]
  let epsilon: Double

  init(_ configuration: T5Configuration, _ initializer: Initializer) {
    weight = initializer.full([configuration.hiddenSize], configuration.initializerFactor)
    epsilon = configuration.normEpsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    weight * rootMeanSquareNorm(x, epsilon: epsilon).to(weight.dtype)
  }
}
