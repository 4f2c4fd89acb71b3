import Foundation

/// What a dataset holds, at a glance.
public struct DatasetSummary: Sendable {
  /// One camera, from its feature and the first file that there is.
  public struct Camera: Sendable {
    public let key: String
    /// Pixels.
    public let width, height: Int
    /// "av1, frames in order"; "h264, turned by 90°, frames by time at 20 a second"; "pictures in Parquet";
    /// "unreadable: …".
    public let coding: String
  }

  public let cameras: [Camera]
  /// Each column's key, type and shape, but for cameras and LeRobot's own.
  public let columns: [(key: String, type: String)]
  /// Bytes of all files.
  public let size: Int

  /// Looks at a dataset's metadata, the sizes of its files and the first video of each camera.
  public init(_ dataset: Dataset) {
    cameras = dataset.cameras.map { DatasetSummary.camera($0, dataset) }
    let own: Set = ["timestamp", "frame_index", "episode_index", "index", "task_index"]
    columns = dataset.info.features.filter { !$0.value.hasPictures && !own.contains($0.key) }
      .sorted { $0.key < $1.key }
      .map { key, feature in
        let shape = feature.shape == [1] ? "" : "\(feature.shape)"
        return (key, feature.dtype + shape)
      }
    size = DatasetSummary.size(of: dataset.folder)
  }

  private static func camera(_ key: String, _ dataset: Dataset) -> Camera {
    let feature = dataset.info.features[key]!
    let declared = feature.frameSize ?? (0, 0)
    do {
      guard feature.dtype == "video" else {
        let size = try dataset.frameSize(
          of: FrameSource(episode: dataset.episodes[0], camera: key))
        let kind =
          feature.isPictureArray ? "arrays" : feature.depth == nil ? "pictures" : "depth maps"
        return Camera(
          key: key, width: size.width, height: size.height, coding: "\(kind) in Parquet")
      }
      let video = try dataset.video(of: dataset.episodes[0], camera: key)
      let decoder = try VideoDecoder(path: video.path, isDepth: feature.depth != nil)
      let frames = try dataset.frames(
        of: dataset.episodes[0], camera: key, in: video, decoder.clock())
      let coding = [
        feature.depth.map { _ in "depth maps" }, decoder.codec, decoder.turning, hidden(decoder),
        frames.ruleInWords(decoder.fps),
      ]
      return Camera(
        key: key, width: decoder.width, height: decoder.height,
        coding: coding.compactMap(\.self).joined(separator: ", "))
    } catch {
      return Camera(
        key: key, width: declared.width, height: declared.height, coding: "unreadable: \(error)")
    }
  }

  private static func hidden(_ decoder: VideoDecoder) -> String? {
    let count = decoder.hiddenCount
    return count == 0 ? nil : "an edit list hides \(count) frame\(count == 1 ? "" : "s")"
  }

  private static func size(of folder: String) -> Int {
    let files = FileManager.default.enumerator(atPath: folder)
    var total = 0
    while let name = files?.nextObject() as? String { total += fileSize("\(folder)/\(name)") ?? 0 }
    return total
  }
}

extension Dataset {
  /// The keys of the columns that hold numbers, sorted.
  public var numericColumns: [String] {
    info.features.filter {
      !$0.value.hasPictures && !["string", "language"].contains($0.value.dtype)
    }
    .keys.sorted()
  }
}
