import Foundation
import Platform

/// One camera's videos on their way into the files of a copy, never encoded anew.
final class VideoTrack {
  private let folder: String
  private let camera: String
  private let version: DatasetVersion
  private let info: DatasetInfo
  private var packets: VideoPackets?
  private var segments: [Segment] = []
  private var fileCount: Int

  /// Frames of a source file, the whole of it where `isWhole`.
  private struct Segment {
    let video: VideoPackets
    var frames: Range<Int>
    var bytes: Int
    var isWhole: Bool { frames == 0..<video.frameCount && video.path.hasSuffix(".mp4") }
  }

  /// - Parameters:
  ///   - folder: the copy's.
  ///   - info: that of the copy.
  ///   - firstFile: the running number of the first file of v3.0.
  init(
    _ folder: String, camera: String, _ version: DatasetVersion, _ info: DatasetInfo,
    firstFile: Int = 0
  ) {
    self.folder = folder
    fileCount = firstFile
    self.camera = camera
    self.version = version
    self.info = info
  }

  /// Takes an episode's frames; returns where they will lie.
  ///
  /// - Parameters:
  ///   - range: the source.
  ///   - isAlone: whether the source file holds this episode alone.
  func append(
    _ range: VideoRange, length: Int, isAlone: Bool, episode: Int
  ) throws -> EpisodePlace.VideoPlace? {
    if version == .v21 {
      try copy(range, length: length, isAlone: isAlone, episode: episode)
      return nil
    }
    let video = try open(range.path)
    let wanted = range.firstFrame..<range.firstFrame + length
    guard wanted.upperBound <= video.frameCount else { throw tooShort(video, wanted) }
    let frames = isAlone ? 0..<video.frameCount : VideoTrack.copyable(wanted, video)
    let bytes = (fileSize(range.path) ?? 0) / video.frameCount * frames.count
    // An episode that follows the last one in the same file goes on with its segment.
    if let last = segments.last, last.video === video, last.frames.upperBound >= frames.lowerBound,
      last.frames.lowerBound <= frames.lowerBound, !isFull(bytes)
    {
      let end = max(last.frames.upperBound, frames.upperBound)
      segments[segments.count - 1].frames = last.frames.lowerBound..<end
      segments[segments.count - 1].bytes +=
        (fileSize(range.path) ?? 0) / video.frameCount * (end - last.frames.upperBound)
    } else {
      let segment = Segment(video: video, frames: frames, bytes: bytes)
      if isFull(bytes) || !canFollow(segment) { try finish() }
      if segments.count == 128 { try join() }
      segments.append(segment)
    }
    let before = segments.dropLast().reduce(0) { $0 + $1.frames.count }
    let start = before + wanted.lowerBound - segments.last!.frames.lowerBound
    return EpisodePlace.VideoPlace(
      file: FileNumber(fileCount, chunkSize: info.chunkSize), start: Double(start) / info.fps,
      end: Double(start + length) / info.fps)
  }

  /// Writes the file at hand.
  func finish() throws {
    if segments.isEmpty { return }
    let file = FileNumber(fileCount, chunkSize: info.chunkSize)
    let path = info.videoPath.path(
      chunk: Int(file.chunk), file: Int(file.file), camera: camera)
    try write(segments, to: "\(folder)/\(path!)")
    for segment in segments where isTemporary(segment) { unlink(segment.video.path) }
    segments = []
    fileCount += 1
  }

  // MARK: v3.0

  private func isFull(_ bytes: Int) -> Bool {
    !segments.isEmpty && segments.reduce(bytes) { $0 + $1.bytes } >= info.videoFileBytes
  }

  private func canFollow(_ segment: Segment) -> Bool {
    guard let first = segments.first else { return true }
    let pair = [first, segment].map { VideoCopy.Segment($0.video, frames: $0.frames) }
    do {
      try VideoCopy.check(pair)
      return true
    } catch { return false }
  }

  /// The least frames around some that can be copied by themselves: from a key frame on, up to the
  /// end or to where another key frame begins.
  private static func copyable(_ frames: Range<Int>, _ video: VideoPackets) -> Range<Int> {
    var (start, end) = (frames.lowerBound, frames.upperBound)
    while start > 0, !video.isKeyFrame(start) { start -= 1 }
    while end < video.frameCount, video.obstacle(to: start..<end) != nil { end += 1 }
    return start..<end
  }

  /// Joins the segments so far in a file of its own, lest too many files be open.
  private func join() throws {
    let path = "\(folder)/.\(camera).\(fileCount).\(UUID().uuidString).mp4"
    try write(segments, to: path)
    for segment in segments where isTemporary(segment) { unlink(segment.video.path) }
    let video = try VideoPackets(path: path)
    segments = [
      Segment(video: video, frames: 0..<video.frameCount, bytes: fileSize(path) ?? 0)
    ]
  }

  private func isTemporary(_ segment: Segment) -> Bool {
    segment.video.path.hasPrefix("\(folder)/.")
  }

  // MARK: v2.1

  private func copy(_ range: VideoRange, length: Int, isAlone: Bool, episode: Int) throws {
    let path = info.videoPath.path(
      episode: episode, chunk: episode / info.chunkSize, camera: camera)
    if isAlone, range.path.hasSuffix(".mp4") {
      return try copyFile(range.path, to: "\(folder)/\(path!)")
    }
    let video = try open(range.path)
    let frames = isAlone ? 0..<video.frameCount : range.firstFrame..<range.firstFrame + length
    guard frames.upperBound <= video.frameCount else { throw tooShort(video, frames) }
    try write([Segment(video: video, frames: frames, bytes: 0)], to: "\(folder)/\(path!)")
  }

  // MARK: Files

  private func open(_ path: String) throws -> VideoPackets {
    if let packets, packets.path == path { return packets }
    let video = try VideoPackets(path: path)
    packets = video
    return video
  }

  private func write(_ segments: [Segment], to path: String) throws {
    try makeFolder(parentFolder(of: path))
    if segments.count == 1, segments[0].isWhole {
      return try copyFile(segments[0].video.path, to: path)
    }
    do {
      _ = try VideoCopy.write(
        segments.map { VideoCopy.Segment($0.video, frames: $0.frames) }, to: path, fps: info.fps)
    } catch let refusal as VideoCopy.Refusal {
      throw DatasetError(
        refusal.file,
        "cannot be cut without encoding it anew: \(refusal.reason); v3.0 keeps it as it is")
    }
  }

  private func copyFile(_ source: String, to path: String) throws {
    try makeFolder(parentFolder(of: path))
    try AtomicFile.copy(source, to: path)
  }

  private func tooShort(_ video: VideoPackets, _ frames: Range<Int>) -> DatasetError {
    DatasetError(
      video.path,
      "has \(video.frameCount) frames, frames \(frames.lowerBound) to \(frames.upperBound - 1) are wanted"
    )
  }
}
