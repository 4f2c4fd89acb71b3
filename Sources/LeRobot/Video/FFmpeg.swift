import CFFmpeg

/// FFmpeg as it was found.
public enum FFmpeg {
  /// Its version, "5.1.9" say.
  public static var version: String { String(cString: av_version_info()) }

  /// The decoders for each of these codecs ("av1", "h264"), by the names FFmpeg gives them, in the
  /// order it prefers them; empty for a codec it cannot decode.
  public static func decoders(for codecs: [String]) -> [String: [String]] {
    var found = Dictionary(codecs.map { ($0, [String]()) }, uniquingKeysWith: { first, _ in first })
    var position: UnsafeMutableRawPointer?
    while let codec = av_codec_iterate(&position) {
      guard av_codec_is_decoder(codec) != 0 else { continue }
      let name = String(cString: avcodec_get_name(codec.pointee.id))
      found[name]?.append(String(cString: codec.pointee.name))
    }
    return found
  }

  /// Silences FFmpeg's own printing; what it has to say comes in errors.
  static let quiet: Void = av_log_set_level(AV_LOG_QUIET)

  /// FFmpeg's words for an error code.
  static func message(_ code: Int32) -> String {
    var text = [CChar](repeating: 0, count: 128)
    av_strerror(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
