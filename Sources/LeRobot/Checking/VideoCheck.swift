import Dispatch
import Platform

/// Decodes every frame of every video, and looks for files that no episode needs.
struct VideoCheck {
  let dataset: Dataset
  let cameras: [String]
  let findings: Findings

  /// A file, and the episodes in it by their first frame.
  private struct Video {
    let path: String
    let camera: String
    var episodes: [(first: Int, episode: Episode)] = []
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
    var found: [String: Video] = [:]
    var order: [String] = []
    for camera in cameras {
      for episode in dataset.episodes {
        findings.collect {
          let range = try dataset.video(of: episode, camera: camera)
          if found[range.path] == nil {
            found[range.path] = Video(path: range.path, camera: camera)
            order.append(range.path)
          }
          found[range.path]!.episodes.append((range.firstFrame, episode))
        }
      }
    }
    return order.map { found[$0]! }
  }

  private func check(_ video: Video) throws {
    let decoder = try VideoDecoder(path: video.path)
    if let size = dataset.info.features[video.camera]!.frameSize,
      size != (decoder.width, decoder.height)
    {
      findings.add(
        video.path,
        "has frames of \(decoder.width)×\(decoder.height), meta/info.json says \(size.width)×\(size.height)"
      )
    }
    if decoder.fps > 0, abs(decoder.fps / dataset.info.fps - 1) > 0.01 {
      findings.add(
        video.path,
        "runs at \(decoder.fps) frames a second, meta/info.json says \(dataset.info.fps)")
    }
    var pixels = [UInt8](repeating: 0, count: decoder.frameBytes)
    var counted = 0
    defer { findings.advance(min(decoder.position, needed(video)) - counted) }
    while !Interruption.isAsked, try pixels.withUnsafeMutableBytes({ try decoder.next(into: $0) }) {
      if decoder.position % 64 == 0, decoder.position <= needed(video) {
        findings.advance(64)
        counted += 64
      }
    }
    for (first, episode) in video.episodes where first + episode.length > decoder.position {
      findings.add(
        video.path,
        "ends at frame \(decoder.position), episode \(episode.index) is in frames \(first) to \(first + episode.length - 1)"
      )
    }
    if decoder.position > needed(video) {
      findings.note(
        "\(video.path): has \(decoder.position) frames, its episodes need \(needed(video))")
    }
  }

  private func needed(_ video: Video) -> Int {
    video.episodes.map { $0.first + $0.episode.length }.max() ?? 0
  }
}
