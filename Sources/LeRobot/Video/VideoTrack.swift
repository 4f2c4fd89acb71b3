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
  /// The numbers of the files that were copied as they are, by their source.
  private var wholeFiles: NameDictionary<Int> = [:]

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

  /// Takes an episode's frames; returns where they will lie, nil in v2.1.
  ///
  /// Frames that follow each other are copied into files of LeRobot's size, and are shown at frame / fps there.
  /// A file that this cannot be done with, whose frames are found by their times say, is copied as it is, once.
  ///
  /// - Parameters:
  ///   - range: the source.
  ///   - isAlone: whether the source file holds this episode alone.
  ///   - number: the episode's in the copy.
  ///   - rewritesTimes: whether the rows of the copy begin at 0 and follow each other at the dataset's rate.
  func append(
    _ range: VideoRange, of episode: Episode, in dataset: Dataset, isAlone: Bool, number: Int,
    rewritesTimes: Bool
  ) throws -> EpisodePlace.VideoPlace? {
    if version == .v21, isAlone, !rewritesTimes, range.path.hasSuffix(".mp4") {
      try copyFile(range.path, to: path(ofEpisode: number))
      return nil
    }
    let source = try source(range, of: episode, in: dataset, rewritesTimes: rewritesTimes)
    if version == .v21 {
      try copy(source, isAlone: isAlone, episode: number)
      return nil
    }
    guard let packets = source.packets else { return try whole(source) }
    let (video, wanted) = packets
    // The rows may begin later than at 0, and LeRobot adds their times to the start.
    let lead = Int((source.firstTime * info.fps).rounded())
    let frames =
      isAlone
      ? 0..<video.frameCount
      : VideoTrack.copyable(max(wanted.lowerBound - lead, 0)..<wanted.upperBound, video)
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
    let first = before + wanted.lowerBound - segments.last!.frames.lowerBound
    let start = Double(first) / info.fps - source.firstTime
    guard start > -VideoClock.tolerance else { throw source.beginsLate }
    return place(file: fileCount, start: max(start, 0), source.length)
  }

  private func place(file: Int, start: Double, _ length: Int) -> EpisodePlace.VideoPlace {
    EpisodePlace.VideoPlace(
      file: FileNumber(file, chunkSize: info.chunkSize), start: start,
      end: start + Double(length) / info.fps)
  }

  // MARK: Sources

  /// An episode's frames where they are.
  private struct Source {
    let range: VideoRange
    let episode: Int
    let length: Int
    /// When the rows of the copy begin, in seconds.
    let firstTime: Double
    /// The frames to copy one by one; nil where the file is to be kept as it is.
    let packets: (video: VideoPackets, frames: Range<Int>)?
    /// Why it is to be kept, in words.
    let reason: String

    var beginsLate: DatasetError {
      DatasetError(
        range.path,
        "holds the frames of episode \(episode), whose rows begin at \(decimal(firstTime)) s: there is no video before them to cut; --rewrite-times lets them begin at 0"
      )
    }
  }

  private func source(
    _ range: VideoRange, of episode: Episode, in dataset: Dataset, rewritesTimes: Bool
  ) throws -> Source {
    func kept(_ reason: String) throws -> Source {
      guard !rewritesTimes else {
        throw DatasetError(
          range.path,
          "has to be kept as it is (\(reason)), so that the times of episode \(episode.index) cannot be rewritten: encode it anew or leave --rewrite-times out"
        )
      }
      return Source(
        range: range, episode: episode.index, length: episode.length, firstTime: 0, packets: nil,
        reason: reason)
    }
    let video: VideoPackets
    do {
      video = try open(range.path)
    } catch let refusal as VideoCopy.Refusal {
      // Read through once, so that what it lacks is known before it is copied.
      let decoder = try VideoDecoder(path: range.path)
      _ = try dataset.frames(of: episode, camera: camera, in: range, decoder.clock(isExact: true))
      return try kept(refusal.reason)
    }
    let frames = try dataset.frames(of: episode, camera: camera, in: range, video.clock)
    guard case .inOrder(let first) = frames.rule else {
      return try kept("its frames are found by the times of the rows")
    }
    let times = try dataset.times(of: episode)
    var firstTime = 0.0
    if case .regular(let first) = times { firstTime = first }
    if case .listed = times, frames.areAtTheirTimes, !rewritesTimes {
      return try kept("its frames have the irregular times of the rows")
    }
    return Source(
      range: range, episode: episode.index, length: episode.length,
      firstTime: rewritesTimes || !frames.areAtTheirTimes ? 0 : firstTime,
      packets: (video, first..<first + episode.length), reason: "")
  }

  /// Copies a file as it is, once, to one of its own.
  private func whole(_ source: Source) throws -> EpisodePlace.VideoPlace {
    let path = source.range.path
    if wholeFiles[path] == nil {
      guard path.hasSuffix(".mp4") else {
        throw DatasetError(
          path, "has to be kept as it is (\(source.reason)), which v3.0 does with .mp4 files alone")
      }
      try finish()
      let file = FileNumber(fileCount, chunkSize: info.chunkSize)
      let copy = info.videoPath.path(
        chunk: Int(file.chunk), file: Int(file.file), camera: camera)
      try copyFile(path, to: "\(folder)/\(copy!)")
      wholeFiles[path] = fileCount
      fileCount += 1
    }
    return place(file: wholeFiles[path]!, start: source.range.start, source.length)
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

  private func path(ofEpisode number: Int) -> String {
    let path = info.videoPath.path(
      episode: number, chunk: number / info.chunkSize, camera: camera)
    return "\(folder)/\(path!)"
  }

  private func copy(_ source: Source, isAlone: Bool, episode: Int) throws {
    guard let (video, wanted) = source.packets else {
      throw DatasetError(
        source.range.path,
        "cannot be cut without encoding it anew: \(source.reason); v3.0 keeps it as it is")
    }
    // Rows that begin late are of later frames of a file that begins at 0.
    guard isAlone || source.firstTime == 0 else { throw source.beginsLate }
    let isWhole = isAlone && (wanted.lowerBound == 0 || source.firstTime > 0)
    try write(
      [Segment(video: video, frames: isWhole ? 0..<video.frameCount : wanted, bytes: 0)],
      to: path(ofEpisode: episode))
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
    if segments.count == 1, segments[0].isWhole, segments[0].video.runs(at: info.fps) {
      return try copyFile(segments[0].video.path, to: path)
    }
    do {
      _ = try VideoCopy.write(
        segments.map { VideoCopy.Segment($0.video, frames: $0.frames) }, to: path, fps: info.fps)
    } catch let refusal as VideoCopy.Refusal {
      throw DatasetError(
        refusal.file,
        "cannot be cut without encoding it anew: \(refusal.reason)"
          + (version == .v21 ? "; v3.0 keeps it as it is" : ""))
    }
  }

  private func copyFile(_ source: String, to path: String) throws {
    try makeFolder(parentFolder(of: path))
    try AtomicFile.copy(source, to: path)
  }
}
