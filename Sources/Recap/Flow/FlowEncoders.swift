internal import Encoders
internal import Hub
internal import Tokenizers
internal import Torch

// N frames, P patches, V and W widths of the encoders' tokens.

/// The encoders before a flow policy or a value function: pictures and instructions to tokens.
struct FlowEncoders {
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
  init(_ configuration: Configuration, hasCameras: Bool, device: Device) throws {
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

  /// Parameters that training changes.
  var trainedParameters: [Tensor] {
    all.flatMap { $0.encoder.parameters() }.filter(\.requiresGrad)
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

  /// Tokens of texts, [N, L, W], each to mean 0 and variance 1, and which are no padding, [N · L].
  func tokens(_ texts: [String]) throws -> (tokens: Tensor, mask: [Bool]) {
    let batch = try tokenizer.encodeBatch(texts, maxLength: min(512, text.model.maximumLength))
    let shape = [texts.count, batch.ids[0].count]
    let ids = Tensor(batch.ids.flatMap { $0 }, shape: shape, device: device)
    let mask = batch.attentionMask.flatMap { $0 }
    let states = text.model(ids, mask: Tensor(mask, shape: shape, device: device)).lastHiddenState
    return (layerNorm(states.to(.float32)), mask.map { $0 != 0 })
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
