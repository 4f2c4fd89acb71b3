public import LeRobot
internal import Platform

/// An episode to watch, with what the value function thinks drawn under the pictures.
public enum EpisodeVideo {
  /// Writes an MP4 file, whole or not at all; makes the folder where it is missing.
  ///
  /// The pictures stand side by side, 384 pixels high. Below them are the instruction, the value up
  /// to now (the rest is faint), the advantage as bars around zero, the indicator as a band (green is
  /// positive) and, in orange, where a person acted. The last frame stays for a second and says how
  /// the episode ended.
  ///
  /// - Parameters:
  ///   - cameras: from left to right; no camera is a programming error.
  ///   - fps: control steps a second.
  ///   - traces: nil for the pictures, the instruction and interventions alone.
  ///   - codec: nil for H.264, or AV1 where FFmpeg cannot write H.264. Browsers play both.
  /// - Returns: what was written.
  /// - Throws: `SimulationError` where the episode lacks pictures, `DatasetError` where the file
  ///   cannot be written.
  @discardableResult
  public static func write(
    _ episode: SimulatedEpisode, cameras: [TaskSpecification.Camera], fps: Double,
    traces: EpisodeTraces? = nil, title: String? = nil, to path: String, codec: VideoCodec? = nil
  ) throws -> VideoInfo {
    let frames = try EpisodeFrames(
      episode, cameras: cameras, fps: fps, traces: traces, title: title)
    try makeFolder(parentFolder(of: path))
    func encoder(_ codec: VideoCodec) throws -> VideoEncoder {
      try VideoEncoder(
        path: path, width: frames.width, height: frames.height, fps: fps,
        encoding: VideoEncoding(
          codec: codec, crf: codec == .h264 ? 20 : 28, keyFrameInterval: max(1, Int(fps))))
    }
    let video =
      if let codec { try encoder(codec) } else {
        try (try? encoder(.h264)) ?? encoder(.av1)
      }
    for number in 0..<frames.count {
      try Interruption.check()
      try video.append(frames[number].rgb)
    }
    return try video.finish()
  }
}
