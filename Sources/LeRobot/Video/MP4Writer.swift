import CFFmpeg
import Foundation
import Platform

/// One MP4 file of one video stream in the making: it has its name only once it is complete.
final class MP4Writer {
  let path: String
  private let file: PartialFile
  private var format: UnsafeMutablePointer<AVFormatContext>?
  private(set) var stream: UnsafeMutablePointer<AVStream>!

  /// - Parameter path: the file's name in the end.
  init(path: String) throws {
    self.path = path
    file = try PartialFile(path)
    _ = FFmpeg.quiet
    avformat_alloc_output_context2(&format, nil, "mp4", "file:" + file.temporary)
    guard let format, let stream = avformat_new_stream(format, nil) else {
      throw DatasetError(path, "out of memory")
    }
    self.stream = stream
  }

  deinit { discard() }

  /// Gives the stream the codec and settings of another, whose packets are copied, and what it says beside
  /// them: how frames are turned, say.
  func copyParameters(_ source: UnsafePointer<AVStream>) throws {
    let target = stream.pointee.codecpar!
    let parameters = source.pointee.codecpar!
    try check(avcodec_parameters_copy(target, parameters))
    try check(cff_copy_side_data(stream, source))
    stream.pointee.sample_aspect_ratio = parameters.pointee.sample_aspect_ratio
    // The name of the codec within another container need not be known in this one.
    let known = av_codec_get_id(format!.pointee.oformat.pointee.codec_tag, target.pointee.codec_tag)
    if known != target.pointee.codec_id { target.pointee.codec_tag = 0 }
  }

  /// Writes the header, when `stream` has its codec parameters and time base; the container may
  /// change the latter.
  func begin() throws {
    try check(avio_open(&format!.pointee.pb, "file:" + file.temporary, AVIO_FLAG_WRITE))
    var options: OpaquePointer?
    av_dict_set(&options, "movflags", "faststart", 0)
    defer { av_dict_free(&options) }
    try check(avformat_write_header(format, &options))
  }

  /// Writes a packet, its times in units of `timeBase`; it stays the caller's.
  func write(_ packet: UnsafeMutablePointer<AVPacket>, timeBase: AVRational) throws {
    av_packet_rescale_ts(packet, timeBase, stream.pointee.time_base)
    packet.pointee.stream_index = 0
    packet.pointee.pos = -1
    try check(av_write_frame(format, packet))
    try check(format!.pointee.pb.pointee.error)
  }

  /// Completes the file and gives it its name.
  func finish() throws {
    try check(av_write_trailer(format))
    avio_flush(format!.pointee.pb)
    try check(format!.pointee.pb.pointee.error)
    try check(avio_closep(&format!.pointee.pb))
    try file.synchronize()
    try file.rename()
    discard()
  }

  /// Lets go of the encoder's state; what was written so far goes with the value, unless it has its name.
  func discard() {
    if let format { avio_closep(&format.pointee.pb) }
    avformat_free_context(format)
    format = nil
  }

  private func check(_ status: Int32) throws {
    guard status < 0 else { return }
    throw DatasetError(path, "cannot be written: \(FFmpeg.message(status))")
  }
}
