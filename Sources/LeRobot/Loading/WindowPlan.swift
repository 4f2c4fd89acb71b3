import Platform

/// What a `WindowLoader` loads: which frames in which order, and which windows around them.
struct WindowPlan: Sendable {
  let dataset: Dataset
  let batchSize: Int
  /// The numeric columns and their windows, in frames.
  let columns: NameDictionary<[Int]>
  let cameras: NameDictionary<Camera>
  let store: RowStore
  let textColumn: String
  private let order: WindowOrder
  private let seed: Int
  /// The positions in the dataset of the chosen episodes; nil for all.
  private let positions: [Int]?
  /// The frames of the chosen episodes before each, and of all.
  private let offsets: [Int]

  struct Camera: Sendable {
    let feature: DatasetInfo.Feature
    let deltas: [Int]
    let width: Int
    let height: Int

    var isVideo: Bool { feature.dtype == "video" }
    var isDepth: Bool { feature.depth != nil }
  }

  init(
    _ dataset: Dataset, windows: NameDictionary<[Double]>, episodes: [Episode]?, batchSize: Int,
    order: WindowOrder, seed: Int, textColumn: String
  ) throws {
    self.dataset = dataset
    self.batchSize = batchSize
    self.order = order
    self.seed = seed
    self.textColumn = textColumn
    let chosen = episodes ?? dataset.episodes
    guard let first = chosen.first else {
      throw DatasetError(dataset.folder, "no episodes were chosen")
    }
    positions = try episodes?.map { episode in
      guard let position = dataset.position(ofEpisode: episode.index) else {
        throw DatasetError(dataset.folder, "has no episode \(episode.index)")
      }
      return position
    }
    offsets = chosen.reduce(into: [0]) { $0.append($0.last! + $1.length) }

    let features = dataset.info.features
    var columns: NameDictionary<[Int]> = [:]
    var cameras: NameDictionary<Camera> = [:]
    for (key, seconds) in windows {
      let deltas = try DeltaTimestamps.indices(of: seconds, fps: dataset.info.fps, key: key)
      if let feature = features[key], feature.hasPictures {
        let size = try dataset.frameSize(of: FrameSource(episode: first, camera: key))
        cameras[key] = Camera(
          feature: feature, deltas: deltas, width: size.width, height: size.height)
      } else {
        columns[key] = deltas
      }
    }
    (self.columns, self.cameras) = (columns, cameras)
    let pictures = cameras.filter { !$0.value.isVideo }
    let arrays = pictures.filter(\.value.feature.isPictureArray).keys
    store = try RowStore(
      numbers: columns.keys + ["task_index"].filter { columns[$0] == nil } + arrays,
      bytes: pictures.filter { !$0.value.feature.isPictureArray }.keys + [textColumn])
  }

  /// Reads the first chosen episode's file, so that a key that does not exist is said at once.
  func checkKeys(_ keys: [String]) throws {
    let path = try dataset.rows(of: dataset.episodes[frame(0).position]).path
    for key in keys where columns[key] != nil {
      guard try store.width(of: key, in: path) == nil else { continue }
      throw DatasetError(
        path,
        "has no column '\(key)' for a window; the dataset's features are \(list(dataset.info.featureKeys))"
      )
    }
  }

  /// Frames in an epoch.
  var count: Int { offsets.last! }

  /// Bytes of a whole batch's pictures.
  var batchBytes: Int {
    cameras.values.reduce(0) { $0 + $1.deltas.count * $1.width * $1.height * 3 } * batchSize
  }

  /// A frame of the dataset: the episode's position in it, and the frame in that episode.
  struct Frame {
    let position: Int
    let frame: Int
  }

  /// The frames at some places of an epoch's order.
  func frames(_ places: Range<Int>, epoch: Int) -> [Frame] {
    switch order {
    case .sequential: return places.map(frame)
    case .shuffled:
      var generator = SplitMix64(seed: seed, purpose: epoch)
      let permutation = Permutation(count: count, using: &generator)
      return places.map { frame(permutation[$0]) }
    }
  }

  private func frame(_ number: Int) -> Frame {
    var (low, high) = (0, offsets.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if offsets[middle] <= number { low = middle } else { high = middle }
    }
    return Frame(position: positions?[low] ?? low, frame: number - offsets[low])
  }
}

/// In which order a `WindowLoader` draws frames.
public enum WindowOrder: String, Sendable, CaseIterable, Codable {
  /// Every frame once an epoch, in an order that the seed and the epoch decide.
  case shuffled
  /// Every frame once an epoch, episode by episode.
  case sequential
}
