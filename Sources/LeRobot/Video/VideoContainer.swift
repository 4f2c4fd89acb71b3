import CFFmpeg

/// A file's best video stream as compressed packets, in the order in which they are stored.
final class VideoContainer {
  let path: String
  let format: UnsafeMutablePointer<AVFormatContext>
  let video: UnsafeMutablePointer<AVStream>
  /// The decoder that FFmpeg prefers for the stream.
  let decoder: UnsafePointer<AVCodec>
  /// The codec's name: "av1", "h264".
  let codec: String

  /// The containers that are opened. Playlists are not among them: those name other files.
  private static let containers = "mov,mp4,matroska,webm,avi,mpegts,mpeg,ogg,flv,ivf"

  /// - Throws: `DatasetError` that names the file.
  init(path: String) throws {
    self.path = path
    _ = FFmpeg.quiet
    try checkPlainFile(path)
    var options: OpaquePointer?
    av_dict_set(&options, "format_whitelist", VideoContainer.containers, 0)
    av_dict_set(&options, "protocol_whitelist", "file", 0)
    defer { av_dict_free(&options) }
    var opened: UnsafeMutablePointer<AVFormatContext>?
    let status = avformat_open_input(&opened, "file:" + path, nil, &options)
    guard status >= 0, let format = opened else {
      throw DatasetError(path, "is not a complete video: \(FFmpeg.message(status))")
    }
    do {
      let probed = avformat_find_stream_info(format, nil)
      guard probed >= 0 else {
        throw DatasetError(path, "cannot be probed: \(FFmpeg.message(probed))")
      }
      var decoder: UnsafePointer<AVCodec>?
      let best = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0)
      guard best >= 0, let decoder else {
        throw DatasetError(
          path, "has no video that this FFmpeg can decode: \(FFmpeg.message(best))")
      }
      for i in 0..<Int(format.pointee.nb_streams) where i != Int(best) {
        format.pointee.streams[i]!.pointee.discard = AVDISCARD_ALL
      }
      self.format = format
      self.decoder = decoder
      video = format.pointee.streams[Int(best)]!
      codec = String(cString: avcodec_get_name(video.pointee.codecpar.pointee.codec_id))
    } catch {
      avformat_close_input(&opened)
      throw error
    }
  }

  deinit {
    var format: UnsafeMutablePointer<AVFormatContext>? = format
    avformat_close_input(&format)
  }

  /// Frames that are shown, as the container declares them; nil when it does not.
  var frameCount: Int? {
    let entries = avformat_index_get_entries_count(video)
    guard isFormat("mp4"), entries > 0 else {
      return video.pointee.nb_frames > 0 ? Int(video.pointee.nb_frames) : nil
    }
    return Int(entries) - hiddenCount
  }

  /// Frames of an MP4 file that its edit list hides: those before the cut that others are decoded from, say.
  var hiddenCount: Int {
    guard isFormat("mp4") else { return 0 }
    return (0..<avformat_index_get_entries_count(video)).count {
      avformat_index_get_entry(video, $0).pointee.flags & AVINDEX_DISCARD_FRAME != 0
    }
  }

  /// Whether all frames follow each other at one rate, as far as FFmpeg's probing says.
  var isSteady: Bool {
    let (average, step) = (video.pointee.avg_frame_rate, video.pointee.r_frame_rate)
    return average.num > 0 && av_cmp_q(average, step) == 0
  }

  /// How a player turns the frames.
  var orientation: Orientation {
    let degrees = -cff_rotation(video)
    guard degrees.isFinite else { return .upright }
    return Orientation(clockwise: Int((degrees / 90).rounded(.toNearestOrAwayFromZero)))
  }

  /// Frames a second on average; 0 when the container does not say.
  var fps: Double {
    let rate = video.pointee.avg_frame_rate
    return rate.den > 0 ? Double(rate.num) / Double(rate.den) : 0
  }

  /// Whether the container is one of FFmpeg's short names: "mp4", "matroska".
  func isFormat(_ name: String) -> Bool {
    String(cString: format.pointee.iformat.pointee.name).split(separator: ",").contains(
      Substring(name))
  }

  /// Reads the stream's next packet, which the caller unreferences; false after the last.
  func read(into packet: UnsafeMutablePointer<AVPacket>, frame: Int) throws -> Bool {
    while true {
      let status = av_read_frame(format, packet)
      if status == cff_error_end() {
        // A file that was cut short ends like one that was not.
        if let stream = format.pointee.pb, stream.pointee.error < 0 {
          throw failure("frame \(frame) cannot be read: \(FFmpeg.message(stream.pointee.error))")
        }
        return false
      }
      guard status >= 0 else {
        throw failure("frame \(frame) cannot be read: \(FFmpeg.message(status))")
      }
      if packet.pointee.stream_index == video.pointee.index {
        if packet.pointee.flags & AV_PKT_FLAG_CORRUPT == 0 { return true }
        av_packet_unref(packet)
        throw failure("frame \(frame) or one soon after is damaged or cut short")
      }
      av_packet_unref(packet)
    }
  }

  func failure(_ problem: String) -> DatasetError { DatasetError(path, problem) }
}
