import CFFmpeg

/// What a video file holds, from the file itself.
public struct VideoInfo: Sendable, Equatable {
  /// The codec's canonical name: "av1", "h264", "hevc".
  public var codec: String
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int
  /// The pixel format's name: "yuv420p".
  public var pixelFormat: String
  /// Frames a second on average; 0 when the container does not say.
  public var fps: Double
  /// Frames, as the container declares them; 0 when it does not.
  public var frameCount: Int
  public var hasAudio: Bool

  package init(
    codec: String, width: Int, height: Int, pixelFormat: String, fps: Double, frameCount: Int,
    hasAudio: Bool
  ) {
    self.codec = codec
    (self.width, self.height, self.pixelFormat) = (width, height, pixelFormat)
    (self.fps, self.frameCount, self.hasAudio) = (fps, frameCount, hasAudio)
  }
}

extension VideoInfo {
  /// Probes a file without decoding it.
  ///
  /// - Throws: `DatasetError` that names the file.
  public init(path: String) throws {
    let container = try VideoContainer(path: path)
    let parameters = container.video.pointee.codecpar.pointee
    let format = av_get_pix_fmt_name(AVPixelFormat(parameters.format))
    self.init(
      codec: container.codec, width: Int(parameters.width), height: Int(parameters.height),
      pixelFormat: format.map { String(cString: $0) } ?? "", fps: container.fps,
      frameCount: container.frameCount ?? 0,
      hasAudio: av_find_best_stream(container.format, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0) >= 0)
  }
}
