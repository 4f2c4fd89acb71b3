internal import Encoders
internal import Hub
internal import Platform
internal import Tokenizers
package import Torch

// N frames, P patches, V and W widths of the encoders' tokens.

/// The encoders before a flow policy or a value function: pictures and instructions to tokens.
package struct FlowEncoders {
  /// Nil where there are no cameras.
  let vision: LoadedVision?
  let text: LoadedText
  let tokenizer: Tokenizer
  let device: Device
  let trainsVision: Bool
  let trainsText: Bool

  static let visionPrefix = "vision_encoder."
  static let textPrefix = "language_encoder."

  /// Loads what the configuration names; weights of folders without any are drawn from its seed.
  package init(_ configuration: Configuration, hasCameras: Bool, device: Device) throws {
    let names = configuration.model
    let seed = UInt64(configuration.training.seed)
    self.device = device
    var vision =
      hasCameras
      ? try Vision.load(
        names.visionModelName, seed: seed, processorName: configuration.tokenizer.visionModelName)
      : nil
    var text = try Text.load(names.textModelName, seed: seed)
    tokenizer = try Tokenizer(
      folder: Hub.folder(for: configuration.tokenizer.textModelName ?? names.textModelName).path)
    try tokenizer.check(for: text)
    vision?.model.requiresGrad(!names.freezeVision)
    text.model.requiresGrad(!names.freezeText)
    let parts = TrainedParts(configuration)
    if let model = vision?.model { parts.apply(to: model, prefix: Self.visionPrefix) }
    parts.apply(to: text.model, prefix: Self.textPrefix)
    trainsVision = vision?.model.isTrained ?? false
    trainsText = text.model.isTrained
    if let dtype = names.frozenDtype.other {
      if !trainsVision { vision?.convert(to: dtype) }
      if !trainsText { text.convert(to: dtype) }
    }
    vision?.model.to(device)
    text.model.to(device)
    self.vision = vision
    self.text = text
  }

  /// Both, with the prefix of their parameters' names in checkpoints.
  var all: [(prefix: String, encoder: any Encoder, name: String, identity: String, isTrained: Bool)]
  {
    func identity(_ weights: String, _ model: String) -> String {
      weights.hasPrefix("seed:") ? model : weights
    }
    return
      (vision.map {
        [
          (
            Self.visionPrefix, $0.model as any Encoder, $0.folder.lastPathComponent,
            identity($0.weightsIdentity, $0.identity), trainsVision
          )
        ]
      } ?? []) + [
        (
          Self.textPrefix, text.model as any Encoder, text.folder.lastPathComponent,
          identity(text.weightsIdentity, text.identity), trainsText
        )
      ]
  }

  /// Parameters that training changes, by their names in checkpoints.
  var trainedParameters: [(name: String, tensor: Tensor)] {
    all.flatMap { $0.encoder.namedParameters(prefix: String($0.prefix.dropLast())) }
      .filter(\.tensor.requiresGrad)
  }

  /// Processes RGB bytes of `frames` pictures, as [N, 3, H, W] on the device.
  func pixels(_ rgb: UnsafeRawBufferPointer, frames: Int, height: Int, width: Int) -> Tensor {
    vision!.processor(
      Tensor(bytes: rgb, shape: [frames, height, width, 3], dtype: .uint8)
    ).to(device)
  }

  /// Patch tokens of processed pictures, [N, P, V], each token to mean 0 and variance 1.
  func patches(_ pixels: Tensor) -> Tensor {
    layerNorm(vision!.model.patchTokens(pixels).to(.float32))
  }

  /// Tokens of any number of texts, as `tokens(_:)` of a few: no gradient is kept, and memory does not grow with
  /// their number but by what comes out.
  package func tokens(ofMany texts: [String]) throws -> (tokens: Tensor, mask: [Bool]) {
    let parts = try stride(from: 0, to: texts.count, by: Self.textsAtOnce).map { start in
      try Interruption.check()
      return try withoutGradient {
        try tokens(Array(texts[start..<min(start + Self.textsAtOnce, texts.count)]))
      }
    }
    if parts.count == 1 { return parts[0] }
    let length = parts.map { $0.tokens.shape[1] }.max() ?? 0
    let padded = parts.map { part in
      part.tokens.pad([0, 0, 0, length - part.tokens.shape[1]], value: 0)
    }
    let mask = parts.flatMap { part in
      let own = part.tokens.shape[1]
      return (0..<part.tokens.shape[0]).flatMap { row in
        part.mask[row * own..<(row + 1) * own] + Array(repeating: false, count: length - own)
      }
    }
    return (Tensor.cat(padded), mask)
  }

  private static let textsAtOnce = 64

  /// Tokens of texts, [N, L, W], each to mean 0 and variance 1, and which are no padding, [N · L].
  package func tokens(_ texts: [String]) throws -> (tokens: Tensor, mask: [Bool]) {
    let batch = try TokenBatch(texts, tokenizer, for: text.model, length: 512, device: device)
    let states = text.model(batch.ids, mask: batch.mask).lastHiddenState
    return (layerNorm(states.to(.float32)), batch.isText)
  }

  /// What the text encoder makes of the tags.
  func tags() throws -> TagFeatures {
    let (tokens, mask) = try tokens([Indicator.negative.text!, Indicator.positive.text!])
    let length = tokens.shape[1]
    return TagFeatures(
      tokens: tokens, mask: [Array(mask[..<length]), Array(mask[length...])])
  }

  /// The widths that networks behind these encoders have.
  func prefixShape(cameras: Int, stateDim: Int?) -> PrefixShape {
    PrefixShape(
      visionWidth: vision?.model.width, cameras: cameras, languageWidth: text.model.tokenWidth,
      stateWidth: stateDim)
  }
}
