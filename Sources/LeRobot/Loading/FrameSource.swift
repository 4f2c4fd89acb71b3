import Foundation
import Hub

/// The frames of one episode seen by one camera.
public struct FrameSource: Sendable, Equatable {
  public let episode: Episode
  public let camera: String

  public init(episode: Episode, camera: String) {
    self.episode = episode
    self.camera = camera
  }
}

/// Consecutive frames of one source.
public struct FrameBlock: Sendable {
  public let source: FrameSource
  /// The place of the source in the stream's list.
  public let sourceIndex: Int
  /// The first frame's number in its episode.
  public let firstFrame: Int
  /// N.
  public let frameCount: Int
  /// Pixels.
  public let width: Int
  /// Pixels.
  public let height: Int
  /// [N, height, width, 3]
  public let pixels: [UInt8]
}

/// What the frames of a source come from: stands for them in a cache's key.
public struct SourceIdentity: Sendable, Hashable, Codable {
  /// The file, relative to the dataset's folder.
  public let file: String
  /// The column, for images inside Parquet.
  public let column: String?
  /// Where its frames begin: the row in the Parquet file, the second in the video.
  public let first: Double
  /// When its rows were recorded, where that is not one after the other from 0: a video's frames are found by it.
  public let times: [Double]?
  /// Frames.
  public let frames: Int
  /// How pictures are decoded, another word where that changes; empty for a video of colours.
  public let decoding: String
  /// The SHA-256 of the file's bytes, in hexadecimal.
  public let sha256: String

  package init(
    file: String, column: String?, first: Double, times: [Double]?, frames: Int, decoding: String,
    sha256: String
  ) {
    self.file = file
    self.column = column
    self.first = first
    self.times = times
    self.frames = frames
    self.decoding = decoding
    self.sha256 = sha256
  }

  /// What a cache of something made from the frames goes by: the file's bytes, which of its frames, and
  /// how they are decoded.
  public var key: String {
    ([sha256, column ?? "", decoding, "\(first)", "\(frames)"] + (times ?? []).map { "\($0)" })
      .joined(separator: " ")
  }
}

extension Dataset {
  /// The identities of what sources' frames come from.
  ///
  /// Reads whole files, but for those whose hash is remembered from an earlier time (`FileHash`).
  public func identities(of sources: [FrameSource]) throws -> [SourceIdentity] {
    let files = try sources.map {
      source -> (path: String, column: String?, first: Double, times: [Double]?, decoding: String)
      in
      let feature = try feature(ofCamera: source.camera)
      let depth = feature.depth.map { "\($0)" }
      if feature.dtype == "video" {
        let video = try video(of: source.episode, camera: source.camera)
        let times: [Double]? =
          switch try times(of: source.episode) {
          case .regular(0): nil
          case .regular(let first): [first]
          case .listed(let times): times
          }
        return (video.path, nil, video.start, times, depth ?? "")
      }
      let rows = try rows(of: source.episode)
      return (
        rows.path, source.camera, Double(rows.rows.lowerBound), nil, depth ?? Image.decoding
      )
    }
    let digests = try FileHash.sha256(of: files.map { URL(fileURLWithPath: $0.path) })
    return zip(zip(sources, files), digests).map { known, digest in
      let (source, file) = known
      return SourceIdentity(
        file: String(file.path.dropFirst(folder.count + 1)), column: file.column,
        first: file.first, times: file.times, frames: source.episode.length,
        decoding: file.decoding, sha256: digest)
    }
  }

  /// The size of a source's frames in pixels, from the file itself.
  public func frameSize(of source: FrameSource) throws -> (width: Int, height: Int) {
    let reader = try FrameReader(self, source, framesAtOnce: 1, threads: 1)
    return (reader.width, reader.height)
  }
}
