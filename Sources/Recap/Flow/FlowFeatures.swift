internal import LeRobot
internal import Platform
internal import Torch

// N frames, C cameras, P patches, V and L, W numbers and widths of the encoders' tokens.

/// What the encoders make of a dataset's frames.
///
/// Of a frozen vision encoder the patch tokens, of a trained one the processed pictures, are computed once
/// and lie in the feature cache, in float16 and mapped into memory; the text encoder runs once a text, or in
/// every step where it is trained.
struct FlowFeatures: FrameFeatures {
  let encoders: FlowEncoders
  let device: Device
  private let data: TrainingData
  /// The dataset's episode of each episode of an experience.
  private var positions: [Int]
  /// For each of the dataset's episodes and cameras [T, P, V] or [T, 3, H, W].
  private let pictures: [[Tensor]]
  /// Of every text, where the encoder is frozen.
  private let texts: (tokens: Tensor, mask: [Bool])?
  /// Of the tags, where the encoder is frozen.
  private let frozenTags: TagFeatures?

  /// - Throws: where pictures cannot be read or the cache cannot be written, and where a task's text holds
  ///   an advantage tag already: it would be applied twice.
  init(
    _ data: TrainingData, _ encoders: FlowEncoders, cache: FeatureCache,
    report: (TrainingEvent) -> Void
  ) throws {
    self.data = data
    self.encoders = encoders
    device = encoders.device
    positions = Array(data.episodes.indices)
    if let text = data.texts.first(where: { $0.contains(/(?i)advantage: *(positive|negative)/) }) {
      throw DatasetError(
        "\(data.dataset.folder)/meta",
        "has the task '\(text)', which holds an advantage tag already; wanted the task alone: "
          + "the policy adds the tag itself")
    }
    pictures = try encoding(on: device) { try Self.pictures(data, encoders, cache, report) }
    (texts, frozenTags) = try encoding(on: device) {
      encoders.trainsText
        ? (nil, nil)
        : try withoutGradient { (try encoders.tokens(ofMany: data.texts), try encoders.tags()) }
    }
  }

  /// The features of an experience of these episodes of the dataset.
  func of(_ positions: [Int]) -> FlowFeatures {
    var features = self
    features.positions = positions
    return features
  }

  var tags: TagFeatures? { get throws { try frozenTags ?? encoders.tags() } }

  func vision(_ frames: [(episode: Int, frame: Int)]) -> Tensor? {
    guard encoders.vision != nil else { return nil }
    let cameras = data.cameras.indices.map { camera in
      let rows = frames.map { pictures[positions[$0.episode]][camera][$0.frame] }
      let stacked = Tensor.stack(rows).to(device, .float32)
      return encoders.trainsVision ? encoders.patches(stacked) : stacked
    }
    return cameras.count == 1 ? cameras[0] : Tensor.cat(cameras, dim: 1)
  }

  func language(_ frames: [(episode: Int, frame: Int)]) throws -> (tokens: Tensor, mask: [Bool])? {
    let indices = frames.map { data.textIndices[positions[$0.episode]][$0.frame] }
    if let texts { return rows(indices, of: texts) }
    let used = Array(Set(indices)).sorted()
    let place = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    return try rows(indices.map { place[$0]! }, of: encoders.tokens(used.map { data.texts[$0] }))
  }

  private func rows(
    _ indices: [Int], of table: (tokens: Tensor, mask: [Bool])
  ) -> (tokens: Tensor, mask: [Bool]) {
    let length = table.tokens.shape[1]
    return (
      table.tokens.indexSelect(dim: 0, index: Tensor(indices, device: device)),
      indices.flatMap { table.mask[$0 * length..<($0 + 1) * length] }
    )
  }

  private static func pictures(
    _ data: TrainingData, _ encoders: FlowEncoders, _ cache: FeatureCache,
    _ report: (TrainingEvent) -> Void
  ) throws -> [[Tensor]] {
    guard let vision = encoders.vision else { return [] }
    let sources = data.sources
    let size = try data.processedSize(for: vision)
    let kind = encoders.trainsVision ? "pixels" : "patches"
    let keys = try data.dataset.identities(of: sources).map { source in
      FrozenFeatures.cacheKey([kind, vision.identity, source.key])
    }
    let tail: [Int]
    if encoders.trainsVision {
      tail = [3, size.height, size.width]
    } else {
      let blank = Tensor.zeros([1, 3, size.height, size.width], device: encoders.device)
      tail = Array(withoutGradient { encoders.patches(blank) }.shape.dropFirst())
    }
    var found = zip(keys, sources).map {
      cache.features($0, shape: [$1.episode.length] + tail, dtype: .float16)
    }
    let missing = sources.indices.filter { found[$0] == nil }
    try data.checkFrames(of: missing.map { sources[$0] }, for: vision)
    let total = missing.reduce(0) { $0 + sources[$1].episode.length }
    let stream = FrameStream(
      data.dataset, sources: missing.map { sources[$0] },
      framesPerBlock: EncoderFeatures.framesAtOnce)
    var parts: [Tensor] = []
    var done = 0
    while let block = try stream.next() {
      try Interruption.check()
      let pixels = block.pixels.withUnsafeBytes {
        encoders.pixels($0, frames: block.frameCount, height: block.height, width: block.width)
      }
      let features = withoutGradient { encoders.trainsVision ? pixels : encoders.patches(pixels) }
      parts.append(features.to(.cpu, .float16))
      done += block.frameCount
      if block.firstFrame + block.frameCount == block.source.episode.length {
        let index = missing[block.sourceIndex]
        try cache.store(Tensor.cat(parts), keys[index])
        found[index] = cache.features(
          keys[index], shape: [block.source.episode.length] + tail, dtype: .float16)
        parts = []
      }
      report(.progress(work: "encoding frames", done: done, total: total, losses: []))
    }
    return data.episodes.indices.map { episode in
      let start = episode * data.cameras.count
      return found[start..<start + data.cameras.count].map { $0! }
    }
  }
}
