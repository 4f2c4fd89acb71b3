internal import LeRobot
internal import Torch

/// The batches of one epoch in order, their pictures decoded ahead on other threads.
///
/// Where features were computed before training no picture is decoded at all.
struct EpochLoader {
  private let data: TrainingData
  private let model: ClassicModel
  private let frozen: FrozenFeatures?
  private let batches: [[Int]]
  private let stream: FrameStream?
  private var position = 0

  init(data: TrainingData, model: ClassicModel, frozen: FrozenFeatures?, batches: [[Int]]) {
    self.data = data
    self.model = model
    self.frozen = frozen
    self.batches = batches
    stream =
      frozen?.vision.isEmpty ?? true
      ? FrameStream(
        data.dataset,
        sources: batches.flatMap { $0 }.flatMap { episode in
          data.cameras.map { FrameSource(episode: data.episodes[episode].episode, camera: $0) }
        },
        framesPerBlock: EncoderFeatures.framesAtOnce,
        threads: model.configuration.dataset.numWorkers) : nil
  }

  /// The next batch; nil at the end of the epoch.
  mutating func next() throws -> EpisodeBatch? {
    guard position < batches.count else { return nil }
    let episodes = batches[position]
    position += 1
    let rows = episodes.map { data.episodes[$0] }
    let length = rows.map(\.frameCount).max()!
    let vision = try episodes.map { try self.vision($0) }
    let device = model.device

    var actions: [Float] = [], states: [Float] = [], mask: [Float] = []
    for (episode, row) in zip(episodes, rows) {
      let padding = length - row.frameCount
      actions += data.actions(episode) + [Float](repeating: 0, count: padding * row.actionWidth)
      states += row.states + [Float](repeating: 0, count: padding * row.stateWidth)
      mask += [Float](repeating: 1, count: row.frameCount) + [Float](repeating: 0, count: padding)
    }
    let shape = [episodes.count, length]
    return EpisodeBatch(
      input: PolicyInput(
        vision: Self.stacked(vision, length: length),
        language: try language(episodes, length: length),
        state: data.stateDim.map { Tensor(states, shape: shape + [$0], device: device) }),
      actions: Tensor(actions, shape: shape + [rows[0].actionWidth], device: device),
      mask: Tensor(mask, shape: shape, device: device),
      rewards: rows.map(\.rewards), dones: rows.map(\.dones))
  }

  /// Features of an episode's frames, [T, C, V].
  private func vision(_ episode: Int) throws -> Tensor {
    guard let stream else { return frozen!.vision[episode] }
    let features = EncoderFeatures(model: model)
    let cameras = try data.cameras.map { _ in
      var blocks: [Tensor] = []
      var missing = data.episodes[episode].frameCount
      while missing > 0, let block = try stream.next() {
        let pixels = features.pixels(block)
        blocks.append(features.vision(pixels))
        missing -= block.frameCount
      }
      return Tensor.cat(blocks)
    }
    return Tensor.stack(cameras, dim: 1)
  }

  /// Features of every frame's text, [B, T, L]; nil where there is no text.
  private func language(_ episodes: [Int], length: Int) throws -> Tensor? {
    guard data.hasText else { return nil }
    var rows = episodes.flatMap { episode in
      let indices = data.textIndices[episode]
      return indices + [Int](repeating: indices[0], count: length - indices.count)
    }
    let table: Tensor
    if let known = frozen?.language {
      table = known
    } else {
      let used = Array(Set(rows)).sorted()
      table = try EncoderFeatures(model: model).language(used.map { data.texts[$0] })
      let place = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
      rows = rows.map { place[$0]! }
    }
    return table.indexSelect(dim: 0, index: Tensor(rows, device: model.device))
      .reshape(episodes.count, length, table.shape[1])
  }

  /// Episodes [T, C, V] of different lengths as one tensor [B, length, C, V], zeros behind the shorter.
  private static func stacked(_ episodes: [Tensor], length: Int) -> Tensor {
    Tensor.stack(
      episodes.map { episode in
        let padding = length - episode.shape[0]
        return padding == 0 ? episode : episode.pad([0, 0, 0, 0, 0, padding])
      })
  }
}
