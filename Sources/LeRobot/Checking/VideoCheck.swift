import Dispatch
import Platform

/// Finds the frames of every row in the videos, decodes every frame, and looks for those that no row shows.
struct VideoCheck {
  let dataset: Dataset
  let cameras: [String]
  let findings: Findings
  /// Whether frames are decoded.
  let isDecoding: Bool

  /// A file, and the episodes in it.
  private struct Video {
    let path: String
    let camera: String
    var episodes: [(range: VideoRange, episode: Episode)] = []
  }

  func run() {
    let videos = videos()
    DispatchQueue.concurrentPerform(iterations: videos.count) { position in
      if Interruption.isAsked { return }
      let video = videos[position]
      findings.collect { try check(video) }
    }
  }

  private func videos() -> [Video] {
    var found: NameDictionary<Video> = [:]
    var order: [String] = []
    for camera in cameras {
      for episode in dataset.episodes {
        findings.collect {
          let range = try dataset.video(of: episode, camera: camera)
          if found[range.path] == nil {
            found[range.path] = Video(path: range.path, camera: camera)
            order.append(range.path)
          }
          found[range.path]!.episodes.append((range, episode))
        }
      }
    }
    return order.map { found[$0]! }
  }

  private func check(_ video: Video) throws {
    let decoder = try VideoDecoder(
      path: video.path, isDepth: dataset.info.features[video.camera]!.depth != nil)
    if let size = dataset.info.features[video.camera]!.frameSize,
      size != (decoder.width, decoder.height)
    {
      let turning = decoder.turning.map { ", \($0)" } ?? ""
      findings.add(
        video.path,
        "has frames of \(decoder.width)×\(decoder.height)\(turning), meta/info.json says \(size.width)×\(size.height)"
      )
    }
    if let turning = decoder.turning {
      findings.note("\(video.path): its frames are \(turning), as the file says")
    }
    if decoder.hiddenCount > 0 {
      let count = decoder.hiddenCount
      findings.note("\(video.path): its edit list hides \(count) frame\(count == 1 ? "" : "s")")
    }
    let clock = try decoder.clock(isExact: isDecoding)
    let needed = video.episodes.reduce(0) { max($0, check($1.range, $1.episode, video, clock)) }
    if isDecoding { try decode(decoder, video, needed) }
  }

  /// Compares the times of an episode's rows with those of its frames.
  ///
  /// - Returns: the frames that the file must have for it.
  private func check(
    _ range: VideoRange, _ episode: Episode, _ video: Video, _ clock: VideoClock
  ) -> Int {
    var needed = 0
    findings.collect {
      let frames = try dataset.frames(of: episode, camera: video.camera, in: range, clock)
      needed = (0..<episode.length).reduce(0) { max($0, frames[$1] + 1) }
      if case .byTime = frames.rule {
        findings.note(
          "\(video.path): runs at \(decimal(clock.fps)) frames a second, the data at \(decimal(dataset.info.fps)): each row shows the frame of its time"
        )
      }
      let rows = try dataset.misplacedRows(of: episode, in: range, frames, clock)
      guard let row = rows.first else { return }
      findings.add(
        video.path,
        "shows frame \(frames[row.number]) at \(decimal(row.shown)) s, row \(row.number) of episode \(episode.index) wants it at \(decimal(row.wanted)) s (\(rows.count) such rows): LeRobot refuses them; a copy by recap dataset convert --rewrite-times gives both the same times"
      )
    }
    return needed
  }

  private func decode(_ decoder: VideoDecoder, _ video: Video, _ needed: Int) throws {
    var pixels = [UInt8](repeating: 0, count: decoder.frameBytes)
    var counted = 0
    let total = video.episodes.reduce(0) { $0 + $1.episode.length }
    defer { findings.advance(max(min(decoder.position, total) - counted, 0)) }
    while !Interruption.isAsked, try pixels.withUnsafeMutableBytes({ try decoder.next(into: $0) }) {
      if decoder.position % 64 == 0, decoder.position <= total {
        findings.advance(64)
        counted += 64
      }
    }
    if decoder.position < needed {
      findings.add(
        video.path, "ends at frame \(decoder.position), its episodes need \(needed) frames")
    }
    if decoder.position > needed, needed > 0 {
      findings.note(
        "\(video.path): has \(decoder.position) frames, its episodes need \(needed)")
    }
  }
}
