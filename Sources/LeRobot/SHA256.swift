import CFFmpeg
import Foundation

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
