/// The frames of one source in order, from a video or from pictures inside Parquet.
final class FrameReader {
  let width: Int
  let height: Int
  private let source: FrameSource
  private let path: String
  /// The most that `read` returns.
  let framesAtOnce: Int
  private var position = 0
  private let contents: Contents

  private enum Contents {
    case video(VideoDecoder, VideoFrames)
    case pictures(PictureColumn)
  }

  /// - Parameters:
  ///   - framesAtOnce: the most that `read` returns, fewer where they are large.
  ///   - threads: threads of the video decoder.
  init(_ dataset: Dataset, _ source: FrameSource, framesAtOnce: Int, threads: Int) throws {
    self.source = source
    let feature = try dataset.feature(ofCamera: source.camera)
    if feature.dtype == "video" {
      let video = try dataset.video(of: source.episode, camera: source.camera)
      path = video.path
      let decoder = try VideoDecoder(
        path: path, threads: threads, isDepth: feature.depth != nil)
      (width, height) = (decoder.width, decoder.height)
      self.framesAtOnce = framesAtOnceInMemory(framesAtOnce, decoder.frameBytes)
      let frames = try dataset.frames(
        of: source.episode, camera: source.camera, in: video, decoder.clock())
      contents = .video(decoder, frames)
      if case .inOrder(let first) = frames.rule { try decoder.seek(toFrame: first) }
    } else {
      let rows = try dataset.rows(of: source.episode)
      path = rows.path
      let pictures = try PictureColumn(
        rows, column: source.camera, feature, rowsAtOnce: framesAtOnce)
      (width, height) = (pictures.width, pictures.height)
      self.framesAtOnce = framesAtOnceInMemory(framesAtOnce, width * height * 3)
      contents = .pictures(pictures)
    }
  }

  /// Decodes the next frames of the episode: [N, height, width, 3]; nil after the last.
  func read() throws -> [UInt8]? {
    let count = min(framesAtOnce, source.episode.length - position)
    if count == 0 { return nil }
    let pixels: [UInt8]
    switch contents {
    case .video(let decoder, let frames):
      if case .byTime(let numbers) = frames.rule {
        pixels = try decoder.read(frames: Array(numbers[position..<position + count]))
      } else {
        pixels = try decoder.read(count)
      }
    case .pictures(let column): pixels = try column.read()
    }
    let found = pixels.count / (width * height * 3)
    position += found
    guard found > 0, found == count || isPictures else { throw tooShort(position) }
    return pixels
  }

  private var isPictures: Bool { if case .pictures = contents { true } else { false } }

  private func tooShort(_ count: Int) -> DatasetError {
    DatasetError(
      path,
      "camera '\(source.camera)' has \(count) frames, but episode \(source.episode.index) has length \(source.episode.length)"
    )
  }
}

/// So many frames, or as many as take 256 MB: what a file says of its frames' size decides about memory.
func framesAtOnceInMemory(_ frames: Int, _ frameBytes: Int) -> Int {
  min(frames, max(1, (256 << 20) / max(frameBytes, 1)))
}
