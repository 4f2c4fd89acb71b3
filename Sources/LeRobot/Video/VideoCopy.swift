import CFFmpeg

/// Copies compressed frames from files to files: nothing is decoded, no byte of a frame changes.
///
/// In the copy, frame k is shown at exactly k / fps seconds, whatever the sources' clocks say.
public enum VideoCopy {
  /// Frames of a video, to be copied.
  public struct Segment {
    public let video: VideoPackets
    public let frames: Range<Int>

    /// - Parameter frames: nil for all.
    public init(_ video: VideoPackets, frames: Range<Int>? = nil) {
      self.video = video
      self.frames = frames ?? 0..<video.frameCount
    }
  }

  /// Why segments cannot be joined into one file without encoding them anew.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    /// The source at fault.
    public let file: String
    /// The segment's place in the list.
    public let segment: Int
    public let reason: String

    public var description: String { "\(file): cannot be copied as it is: \(reason)" }
  }

  /// Where a part begins in a file.
  public struct Part: Sendable, Equatable {
    public let firstFrame: Int
    public let frameCount: Int
    /// Seconds from the file's start: firstFrame / fps.
    public let start: Double
    /// Seconds: (firstFrame + frameCount) / fps.
    public let end: Double
  }

  /// Joins whole files, in order, into one.
  ///
  /// - Parameter fps: the dataset's frames a second; nil for the first file's own.
  /// - Throws: `Refusal` when the files are encoded differently: begin another file then.
  ///   `DatasetError` when one cannot be read or written.
  public static func concatenate(
    _ paths: [String], to path: String, fps: Double? = nil
  ) throws -> [Part] {
    try write(paths.map { Segment(try VideoPackets(path: $0)) }, to: path, fps: fps)
  }

  /// Cuts a file into several.
  ///
  /// - Parameter fps: the dataset's frames a second; nil for the file's own.
  /// - Throws: `Refusal` before anything is written when a part does not begin at a key frame;
  ///   `DatasetError` when the file cannot be read or a part not be written.
  public static func split(
    _ path: String, into parts: [(frames: Range<Int>, path: String)], fps: Double? = nil
  ) throws {
    let video = try VideoPackets(path: path)
    let segments = parts.map { Segment(video, frames: $0.frames) }
    try check(segments)
    for (part, segment) in zip(parts, segments) {
      _ = try write([segment], to: part.path, fps: fps)
    }
  }

  /// Says before anything is written whether these segments can be one file.
  ///
  /// - Throws: `Refusal`.
  public static func check(_ segments: [Segment]) throws {
    guard let first = segments.first?.video else { return }
    for (place, segment) in segments.enumerated() {
      let reason =
        segment.video.obstacle(to: segment.frames) ?? segment.video.difference(from: first)
      if let reason { throw Refusal(file: segment.video.path, segment: place, reason: reason) }
    }
  }

  /// Writes segments, in order, to one file.
  ///
  /// - Parameter fps: the dataset's frames a second; nil for the first video's own.
  /// - Returns: where each begins.
  /// - Throws: `Refusal` or `DatasetError`; no file is left then.
  public static func write(
    _ segments: [Segment], to path: String, fps: Double? = nil
  ) throws -> [Part] {
    guard let first = segments.first?.video else {
      throw DatasetError(path, "a video without frames cannot be written")
    }
    try check(segments)
    let fps = fps ?? first.fps
    guard fps.isFinite, fps >= 0.001, fps <= 1000 else {
      throw DatasetError(path, "fps is \(fps), a number from 0.001 to 1000 is wanted")
    }
    let rate = av_d2q(fps, 1_001_000)
    let writer = try MP4Writer(path: path)
    try writer.copyParameters(first.stream)
    writer.stream.pointee.time_base = av_inv_q(rate)
    writer.stream.pointee.avg_frame_rate = rate
    try writer.begin()
    // How many frames too late a packet is stored at most: decoding times run ahead by so many.
    let delay = segments.map(\.delay).max() ?? 0
    var parts: [Part] = []
    var count = 0
    for segment in segments {
      let start = count - segment.frames.lowerBound
      try segment.video.forEachPacket(segment.frames) { place, packet in
        let frame = segment.video.index.frames?[place] ?? place
        packet.pointee.pts = Int64(start + frame)
        packet.pointee.dts = Int64(start + place - delay)
        packet.pointee.duration = 1
        try writer.write(packet, timeBase: av_inv_q(rate))
      }
      parts.append(
        Part(
          firstFrame: count, frameCount: segment.frames.count, start: Double(count) / fps,
          end: Double(count + segment.frames.count) / fps))
      count += segment.frames.count
    }
    try writer.finish()
    return parts
  }
}

extension VideoCopy.Segment {
  fileprivate var delay: Int {
    guard let order = video.index.frames else { return 0 }
    return frames.reduce(0) { max($0, $1 - order[$1]) }
  }
}

extension VideoPackets {
  /// What keeps this video's frames from following another's in one file; nil when nothing does.
  fileprivate func difference(from other: VideoPackets) -> String? {
    if self === other { return nil }
    let (a, b) = (parameters.pointee, other.parameters.pointee)
    if codec != other.codec { return "it is \(codec), \(other.path) is \(other.codec)" }
    guard a.width == b.width, a.height == b.height else {
      return "it is \(a.width)×\(a.height), \(other.path) is \(b.width)×\(b.height)"
    }
    guard a.format == b.format, extradata == other.extradata else {
      return "it is encoded with other settings than \(other.path)"
    }
    guard cff_same_side_data(stream, other.stream) == 1 else {
      return "its frames are turned or shown otherwise than those of \(other.path)"
    }
    return nil
  }
}
