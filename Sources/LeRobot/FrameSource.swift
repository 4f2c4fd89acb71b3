import CFFmpeg
import Foundation

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
  /// Frames.
  public let frames: Int
  /// Bytes.
  public let size: Int
  /// The SHA-256 of the file's bytes, in hexadecimal.
  public let sha256: String
}

extension Dataset {
  /// The identity of what a source's frames come from; reads the whole file.
  public func identity(of source: FrameSource) throws -> SourceIdentity {
    let isVideo = try feature(ofCamera: source.camera).dtype == "video"
    let path =
      try isVideo ? videoFile(source.episode, camera: source.camera) : dataFile(source.episode)
    let digest = try SHA256.digest(ofFile: path)
    return SourceIdentity(
      file: String(path.dropFirst(folder.count + 1)), column: isVideo ? nil : source.camera,
      frames: source.episode.length, size: digest.size, sha256: digest.hex)
  }

  /// The size of a source's frames in pixels, from the file itself.
  public func frameSize(of source: FrameSource) throws -> (width: Int, height: Int) {
    let reader = try FrameReader(self, source, framesAtOnce: 1, threads: 1)
    return (reader.width, reader.height)
  }
}

/// SHA-256, by FFmpeg's libavutil.
public struct SHA256: ~Copyable {
  private let state: OpaquePointer

  public init() {
    guard let state = av_sha_alloc(), av_sha_init(state, 256) == 0 else {
      fatalError("libavutil has no SHA-256")
    }
    self.state = state
  }

  deinit { av_free(UnsafeMutableRawPointer(state)) }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    av_sha_update(state, base.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  /// The digest so far, in hexadecimal; nothing may follow.
  public consuming func hex() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    av_sha_final(state, &digest)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The digest and size of a file.
  public static func digest(ofFile path: String) throws -> (hex: String, size: Int) {
    guard fileSize(path) != nil, let file = fopen(path, "rb") else {
      throw DatasetError(path, "cannot be read")
    }
    defer { fclose(file) }
    var sha = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var size = 0
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      buffer.withUnsafeBytes { sha.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      size += count
      if count < buffer.count { break }
    }
    guard ferror(file) == 0 else { throw DatasetError(path, "cannot be read to its end") }
    return (sha.hex(), size)
  }
}
