/// The codecs that videos are written in.
public enum VideoCodec: String, Sendable, CaseIterable, Codable {
  case av1, h264

  /// The encoders that will do, the best first, by FFmpeg's names.
  var encoders: [String] {
    switch self {
    case .av1: ["libsvtav1", "libaom-av1"]
    case .h264: ["libx264", "libopenh264"]
    }
  }
}

/// How a video is compressed; the defaults are LeRobot's.
public struct VideoEncoding: Sendable, Equatable {
  public var codec: VideoCodec
  /// The constant quality: 0 is the best, 63 (AV1) or 51 (H.264) the worst.
  public var crf: Int
  /// Every so many frames is a key frame: `g` in LeRobot. Small numbers make random access fast.
  public var keyFrameInterval: Int
  /// The encoder's speed: 0...13 for AV1, a name such as "veryfast" for H.264; nil for 12 and
  /// "medium".
  public var preset: String?
  /// The encoder's threads; 0 for as many as it likes.
  public var threads: Int

  public init(
    codec: VideoCodec = .av1, crf: Int = 30, keyFrameInterval: Int = 2, preset: String? = nil,
    threads: Int = 0
  ) {
    self.codec = codec
    self.crf = crf
    self.keyFrameInterval = keyFrameInterval
    self.preset = preset
    self.threads = threads
  }

  /// The options of one of FFmpeg's encoders.
  func options(for encoder: String) -> [String: String] {
    var options = ["crf": "\(crf)"]
    switch encoder {
    case "libsvtav1":
      options["preset"] = preset ?? "12"
      options["svtav1-params"] = threads > 0 ? "fast-decode=0:lp=\(threads)" : "fast-decode=0"
    case "libaom-av1":
      options.merge(
        ["cpu-used": "8", "usage": "realtime", "lag-in-frames": "0", "row-mt": "1"],
        uniquingKeysWith: { $1 })
    case "libx264": options["preset"] = preset ?? "medium"
    default: options = [:]
    }
    return options
  }
}
