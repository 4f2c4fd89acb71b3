internal import Encoders
internal import Hub
internal import LeRobot
internal import Platform
internal import Torch

// N frames, C cameras, V and L widths of the encoders' features.

/// Turns pictures and texts into features, with the encoders of a model.
struct EncoderFeatures {
  let model: ClassicModel

  /// Frames that go through a frozen encoder at once: large enough to keep every core busy.
  static let framesAtOnce = 32

  /// Processes consecutive frames for the vision encoder, as [N, 3, H, W] on the model's device.
  func pixels(_ block: FrameBlock) -> Tensor {
    block.pixels.withUnsafeBytes {
      pixels($0, frames: block.frameCount, height: block.height, width: block.width)
    }
  }

  /// Processes RGB bytes of `frames` pictures, as [N, 3, H, W] on the model's device.
  func pixels(_ rgb: UnsafeRawBufferPointer, frames: Int, height: Int, width: Int) -> Tensor {
    let pictures = Tensor(bytes: rgb, shape: [frames, height, width, 3], dtype: .uint8)
    return model.vision.processor(pictures).to(model.device)
  }

  /// Features of processed frames, [N, V]; a frozen encoder keeps no gradients.
  func vision(_ pixels: Tensor) -> Tensor {
    let encoder = model.policy.visionEncoder.visionModel
    return model.trainsVision
      ? encoder.features(pixels) : withoutGradient { encoder.features(pixels).to(.float32) }
  }

  /// Features of texts, [texts, L].
  func language(_ texts: [String]) throws -> Tensor {
    let encoder = model.policy.languageEncoder.textModel
    let batch = try TokenBatch(
      texts, model.tokenizer, for: encoder, length: 512, device: model.device)
    return model.trainsText
      ? encoder.features(batch.ids, mask: batch.mask)
      : withoutGradient { encoder.features(batch.ids, mask: batch.mask).to(.float32) }
  }
}

/// Computes what encoders make of a dataset's frames and texts.
func encoding<R>(on device: Device, _ body: () throws -> R) throws -> R {
  try computing(
    "encoding frames and texts on \(device)",
    outOfMemory:
      "try smaller pictures (preprocessor_config.json), smaller encoders or another --device",
    body)
}

/// Features that frozen encoders computed once, before training.
struct FrozenFeatures {
  /// For each episode its frames' features, [N, C, V]; empty where the vision encoder trains.
  let vision: [Tensor]
  /// Features of every text, [texts, L]; nil where the text encoder trains or there is no text.
  let language: Tensor?

  /// Takes features from the cache, and computes and stores those that it lacks.
  init(
    data: TrainingData, model: ClassicModel, cache: FeatureCache, report: (TrainingEvent) -> Void
  ) throws {
    let features = EncoderFeatures(model: model)
    vision = try encoding(on: model.device) {
      !model.trainsVision
        ? try Self.vision(data, features, cache, report).map { $0.to(model.device) } : []
    }
    language = try encoding(on: model.device) {
      !model.trainsText && data.hasText
        ? try Self.language(data, features, cache).to(model.device) : nil
    }
  }

  private static func vision(
    _ data: TrainingData, _ features: EncoderFeatures, _ cache: FeatureCache,
    _ report: (TrainingEvent) -> Void
  ) throws -> [Tensor] {
    let sources = data.sources
    let model = features.model
    let prefix = model.vision.identity + (model.replacedWeights[ClassicModel.visionPrefix] ?? "")
    let keys = try data.dataset.identities(of: sources).map { source in
      cacheKey(["vision", prefix, source.key])
    }
    let width = model.policy.visionEncoder.visionModel.width
    var found = zip(keys, sources).map { cache.features($0, shape: [$1.episode.length, width]) }
    let missing = sources.indices.filter { found[$0] == nil }
    try data.checkFrames(of: missing.map { sources[$0] }, for: model.vision)
    let total = missing.reduce(0) { $0 + sources[$1].episode.length }
    let stream = FrameStream(
      data.dataset, sources: missing.map { sources[$0] },
      framesPerBlock: EncoderFeatures.framesAtOnce,
      threads: model.configuration.dataset.numWorkers)
    var parts: [Tensor] = []
    var done = 0
    while let block = try stream.next() {
      try Interruption.check()
      parts.append(features.vision(features.pixels(block)).to(.cpu))
      done += block.frameCount
      if block.firstFrame + block.frameCount == block.source.episode.length {
        let index = missing[block.sourceIndex]
        let whole = Tensor.cat(parts)
        try cache.store(whole, keys[index])
        found[index] = whole
        parts = []
      }
      report(.progress(work: "encoding frames", done: done, total: total, losses: []))
    }
    return data.episodes.indices.map { episode in
      let start = episode * data.cameras.count
      return Tensor.stack(found[start..<start + data.cameras.count].map { $0! }, dim: 1)
    }
  }

  private static func language(
    _ data: TrainingData, _ features: EncoderFeatures, _ cache: FeatureCache
  ) throws -> Tensor {
    let model = features.model
    let prefix =
      model.language.identity + (model.replacedWeights[ClassicModel.languagePrefix] ?? "")
    let keys = try data.texts.map { text in
      let ids = try model.tokenizer.encodeBatch([text], maxLength: 512).ids[0]
      return cacheKey(["text", prefix, "\(ids)"])
    }
    let width = model.policy.languageEncoder.textModel.width
    var found = keys.map { cache.features($0, shape: [width]) }
    let missing = found.indices.filter { found[$0] == nil }
    for start in stride(from: 0, to: missing.count, by: EncoderFeatures.framesAtOnce) {
      try Interruption.check()
      let part = missing[start..<min(start + EncoderFeatures.framesAtOnce, missing.count)]
      let rows = try features.language(part.map { data.texts[$0] }).to(.cpu)  // [part, L]
      for (row, index) in part.enumerated() {
        found[index] = rows[row]
        try cache.store(rows[row], keys[index])
      }
    }
    return Tensor.stack(found.map { $0! })
  }

  static func cacheKey(_ parts: [String]) -> String {
    var hash = SHA256()
    for part in parts { (Array(part.utf8) + [0]).withUnsafeBytes { hash.update($0) } }
    return String(hash.finish().prefix(40))
  }
}
