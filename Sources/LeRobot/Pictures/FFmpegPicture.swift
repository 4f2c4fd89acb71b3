import CFFmpeg
import Foundation

/// PNG, WebP, BMP and TIFF files, by FFmpeg.
enum FFmpegPicture {
  /// The picture as it is stored, not turned.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, _ format: PictureFormat, name: String
  ) throws -> Image {
    try withFrame(bytes, format, name: name) { frame in
      let (width, height) = (Int(frame.width), Int(frame.height))
      let pixels = try [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, filled in
        try write(frame, to: buffer.baseAddress!, name: name)
        filled = buffer.count
      }
      return Image(width: width, height: height, pixels: pixels)
    }
  }

  /// Calls `body` with the picture as FFmpeg decodes it.
  static func withFrame<R>(
    _ bytes: UnsafeRawBufferPointer, _ format: PictureFormat, name: String,
    _ body: (AVFrame) throws -> R
  ) throws -> R {
    guard format == .tiff else { return try decoded(bytes, format, name: name, body) }
    let directory = TIFFDirectory(Array(bytes)[...])
    let (compression, colors) = (directory?.number(259) ?? 1, directory?.number(262) ?? 1)
    guard let directory, compressions.contains(compression), colors <= 3 else {
      let kind =
        directory == nil
        ? "BigTIFF, or without a directory"
        : colors > 3 ? "neither gray, RGB nor palette" : "compression \(compression)"
      throw DatasetError(
        name, "is a TIFF of a kind that is not supported (\(kind)): save it as PNG")
    }
    // FFmpeg takes tags that it does not know for damage.
    return try directory.withoutDescription().withUnsafeBytes {
      try decoded($0, format, name: name, body)
    }
  }

  /// None, fax, LZW, deflate, PackBits and LZMA.
  private static let compressions = [1, 2, 3, 4, 5, 8, 32773, 32946, 34925]

  private static func decoded<R>(
    _ bytes: UnsafeRawBufferPointer, _ format: PictureFormat, name: String,
    _ body: (AVFrame) throws -> R
  ) throws -> R {
    _ = FFmpeg.quiet
    let codec = avcodec_find_decoder(id(format))
    var context = avcodec_alloc_context3(codec)
    var packet = av_packet_alloc()
    var frame = av_frame_alloc()
    defer {
      av_frame_free(&frame)
      av_packet_free(&packet)
      avcodec_free_context(&context)
    }
    guard let codec else {
      throw DatasetError(name, "is \(format.article), for which this FFmpeg has no decoder")
    }
    guard let context, let packet, let frame, av_new_packet(packet, Int32(bytes.count)) == 0 else {
      throw DatasetError(name, "out of memory")
    }
    memcpy(packet.pointee.data, bytes.baseAddress!, bytes.count)
    context.pointee.thread_count = 1
    context.pointee.max_pixels = Int64(Image.mostPixels)
    context.pointee.err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK
    var status = avcodec_open2(context, codec, nil)
    if status >= 0 { status = avcodec_send_packet(context, packet) }
    if status >= 0 { _ = avcodec_send_packet(context, nil) }
    if status >= 0 { status = avcodec_receive_frame(context, frame) }
    guard status >= 0, frame.pointee.width > 0, frame.pointee.height > 0 else {
      throw DatasetError(name, problem(format, FFmpeg.message(status)))
    }
    return try body(frame.pointee)
  }

  private static func problem(_ format: PictureFormat, _ reason: String) -> String {
    // FFmpeg gives one reason for a TIFF that is damaged and for one of a kind that it does not know.
    format == .tiff
      ? "is a TIFF of a kind that is not supported, or damaged (\(reason)): save it as PNG"
      : "is damaged, cut short, or has more than \(Image.mostPixels) pixels: \(reason)"
  }

  private static func id(_ format: PictureFormat) -> AVCodecID {
    switch format {
    case .png: AV_CODEC_ID_PNG
    case .jpeg: AV_CODEC_ID_MJPEG
    case .webp: AV_CODEC_ID_WEBP
    case .bmp: AV_CODEC_ID_BMP
    case .tiff: AV_CODEC_ID_TIFF
    }
  }

  /// Writes [height, width, 3].
  private static func write(
    _ picture: AVFrame, to bytes: UnsafeMutablePointer<UInt8>, name: String
  ) throws {
    if picture.format == AV_PIX_FMT_RGB24.rawValue {
      let row = Int(picture.width) * 3
      for y in 0..<Int(picture.height) {
        memcpy(bytes + y * row, picture.data.0! + y * Int(picture.linesize.0), row)
      }
    } else if !withUnsafePointer(to: picture, { RGBConverter().convert($0, to: bytes) }) {
      throw DatasetError(name, "has a pixel format that cannot be converted to RGB")
    }
  }
}
