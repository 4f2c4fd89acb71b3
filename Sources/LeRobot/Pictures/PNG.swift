import CFFmpeg
import Foundation

extension Image {
  /// The picture as a PNG file; no byte of the pixels is lost.
  ///
  /// - Parameter compression: zlib's level, 0 (fast) to 9 (small).
  /// - Throws: `DatasetError` when there is no memory.
  public func png(compression: Int = 6) throws -> [UInt8] {
    try PNG.encode(
      pixels, width: width, height: height, AV_PIX_FMT_RGB24, compression: compression)
  }
}

/// PNG files, by FFmpeg.
enum PNG {
  /// - Parameters:
  ///   - pixels: rows of a packed format that PNG has, one after the other.
  ///   - compression: zlib's level, 0 (fast) to 9 (small).
  /// - Throws: `DatasetError` when there is no memory.
  static func encode(
    _ pixels: [UInt8], width: Int, height: Int, _ format: AVPixelFormat, compression: Int = 6
  ) throws -> [UInt8] {
    var context = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_PNG))
    var frame = av_frame_alloc()
    var packet = av_packet_alloc()
    defer {
      avcodec_free_context(&context)
      av_frame_free(&frame)
      av_packet_free(&packet)
    }
    guard let context, let frame, let packet else { throw DatasetError("image", "out of memory") }
    (context.pointee.width, context.pointee.height) = (Int32(width), Int32(height))
    (frame.pointee.width, frame.pointee.height) = (Int32(width), Int32(height))
    context.pointee.pix_fmt = format
    context.pointee.time_base = AVRational(num: 1, den: 1)
    context.pointee.thread_count = 1
    context.pointee.compression_level = Int32(compression)
    frame.pointee.format = format.rawValue
    var status = avcodec_open2(context, nil, nil)
    if status >= 0 { status = av_frame_get_buffer(frame, 0) }
    if status >= 0 {
      let row = pixels.count / height
      pixels.withUnsafeBytes { source in
        for y in 0..<height {
          memcpy(
            frame.pointee.data.0! + y * Int(frame.pointee.linesize.0),
            source.baseAddress! + y * row, row)
        }
      }
      status = avcodec_send_frame(context, frame)
    }
    if status >= 0 { status = avcodec_receive_packet(context, packet) }
    guard status >= 0 else {
      throw DatasetError(
        "image", "of \(width)×\(height) cannot be written as PNG: \(FFmpeg.message(status))")
    }
    return [UInt8](UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
  }
}
