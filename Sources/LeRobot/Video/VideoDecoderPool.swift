import Platform

/// Open decoders by file, the one that has not been used for longest closed for a new one: for one
/// thread.
public final class VideoDecoderPool {
  private let capacity: Int
  private var decoders: NameDictionary<(decoder: VideoDecoder, lastUse: Int)> = [:]
  private var uses = 0

  /// - Parameter capacity: the most that are open at a time.
  public init(capacity: Int = 16) { self.capacity = max(capacity, 1) }

  /// The decoder of a file, with one thread.
  ///
  /// - Parameter isDepth: whether its frames are depth.
  /// - Throws: `DatasetError` that names the file.
  public func decoder(of path: String, isDepth: Bool = false) throws -> VideoDecoder {
    uses += 1
    if let known = decoders[path]?.decoder {
      decoders[path]!.lastUse = uses
      return known
    }
    if decoders.count >= capacity,
      let oldest = decoders.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      decoders[oldest.key] = nil
    }
    let decoder = try VideoDecoder(path: path, threads: 1, isDepth: isDepth)
    decoders[path] = (decoder, uses)
    return decoder
  }
}
