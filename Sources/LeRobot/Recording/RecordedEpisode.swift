import Platform

/// The frames of the episode being recorded.
final class RecordedEpisode {
  private(set) var frameCount = 0
  /// The task of each frame; nil for the episode's.
  private(set) var tasks: [String?] = []
  private let features: [RecordedFeature]
  private let fps: Double
  private let encoding: VideoEncoding
  private let videoPath: (String) -> String
  private var numbers: NameDictionary<[Double]> = [:]
  private var texts: NameDictionary<[String]> = [:]
  private var videos: NameDictionary<BackgroundVideoEncoder> = [:]
  private var pictures: NameDictionary<PictureEncoder> = [:]
  private var cameras: NameDictionary<ImageStatistics> = [:]

  init(
    _ features: [RecordedFeature], fps: Double, encoding: VideoEncoding,
    videoPath: @escaping (String) -> String
  ) {
    self.features = features
    self.fps = fps
    self.encoding = encoding
    self.videoPath = videoPath
  }

  /// Adds a frame, or throws all that is wrong with it and adds nothing.
  func add(_ values: NameDictionary<FrameValue>, task: String?, folder: String) throws {
    var problems = features.compactMap { feature in
      values[feature.key].map { RecordedEpisode.problem(feature, $0) }
        ?? "'\(feature.key)' is missing"
    }
    for key in values.keys.sorted() where !features.contains(where: { $0.key.isSameName(key) }) {
      problems.append("'\(key)' is not among the features")
    }
    if !problems.isEmpty {
      throw DatasetError(folder, "frame \(frameCount): " + problems.joined(separator: "; "))
    }
    if frameCount == 0 { try begin() }
    for feature in features {
      switch values[feature.key]! {
      case .numbers(let values): numbers[feature.key, default: []] += values
      case .text(let text): texts[feature.key, default: []].append(text)
      case .pixels(let pixels):
        let (height, width) = (feature.frameHeight, feature.frameWidth)
        cameras[feature.key, default: ImageStatistics()].add(pixels, width: width, height: height)
        try videos[feature.key]?.append(pixels)
        pictures[feature.key]?.append(pixels)
      }
    }
    tasks.append(task)
    frameCount += 1
  }

  private func begin() throws {
    for feature in features where feature.isCamera {
      let (height, width) = (feature.frameHeight, feature.frameWidth)
      if feature.dtype == "image" {
        pictures[feature.key] = try PictureEncoder(width: width, height: height)
      } else {
        let path = videoPath(feature.key)
        try makeFolder(parentFolder(of: path))
        videos[feature.key] = try BackgroundVideoEncoder(
          path: path, width: width, height: height, fps: fps, encoding: encoding)
      }
    }
  }

  /// What is wrong with a value, in words; nil when nothing is.
  private static func problem(_ feature: RecordedFeature, _ value: FrameValue) -> String? {
    switch value {
    case .pixels(let pixels) where feature.isCamera:
      if pixels.count == feature.width { return nil }
      return
        "'\(feature.key)' has \(pixels.count) bytes, \(feature.width) of \(feature.frameWidth)×\(feature.frameHeight) RGB are wanted"
    case .text where feature.dtype == "string": return nil
    case .numbers(let values) where RecordedFeature.numberTypes.contains(feature.dtype):
      if values.count != feature.width {
        return "'\(feature.key)' has \(values.count) numbers, \(feature.width) are wanted"
      }
      if let bad = values.first(where: { !RecordedColumn.holds(feature.dtype, $0) }) {
        return "'\(feature.key)' has \(bad), which \(feature.dtype) cannot hold"
      }
      return nil
    default: return "'\(feature.key)' is of another kind than \(feature.dtype)"
    }
  }

  struct Finished {
    var columns: NameDictionary<RecordedColumn> = [:]
    var cameras: NameDictionary<FeatureStatistics> = [:]
    var videos: NameDictionary<VideoInfo> = [:]
    var remarks: [String] = []
  }

  /// Waits until everything is encoded; the videos then have their names.
  func finish() throws -> Finished {
    var result = Finished()
    for feature in features {
      let key = feature.key
      if let encoder = videos[key] {
        let (info, remarks) = try encoder.finish()
        result.videos[key] = info
        result.remarks += remarks
      } else if let encoder = pictures[key] {
        result.columns[key] = .pictures(try encoder.finish())
      } else if feature.dtype == "string" {
        result.columns[key] = .texts(texts[key]!)
      } else {
        result.columns[key] = .numbers(numbers[key]!)
      }
      result.cameras[key] = cameras[key]?.statistics
    }
    return result
  }

  /// Leaves no file of unfinished videos.
  func cancel() {
    for encoder in videos.values { encoder.cancel() }
    videos = [:]
  }
}
