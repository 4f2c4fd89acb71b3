import CFFmpeg
import Foundation

/// A picture as 8-bit RGB.
public struct Image: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// [height, width, 3]
  public let pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    guard pixels.count == width * height * 3 else {
      fatalError("\(pixels.count) bytes are not an image of \(width)×\(height)")
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Reads a PNG, JPEG, WebP, BMP or TIFF file; an alpha channel is dropped.
  public static func read(_ path: String) throws -> Image {
    if let size = fileSize(path), size > ImageDecoder.largestFile {
      throw DatasetError(path, "has \(size) bytes, which no picture has that is wanted here")
    }
    return try decode(readBytes(path), name: path)
  }

  /// Decodes the bytes of such a file; `name` stands for them in errors.
  public static func decode(_ bytes: [UInt8], name: String = "image") throws -> Image {
    try bytes.withUnsafeBytes { try decode($0, name: name) }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer, name: String) throws -> Image {
    let decoder = try ImageDecoder(bytes, name: name)
    let (width, height) = (decoder.width, decoder.height)
    let pixels = try [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      try decoder.write(to: UnsafeMutableRawBufferPointer(buffer))
      count = buffer.count
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}

/// One compressed picture, decoded once.
final class ImageDecoder {
  /// Bytes of a compressed picture, and pixels of any, that are not taken for a mistake or an attack.
  static let largestFile = 1 << 28
  private static let mostPixels = 1 << 27

  private let name: String
  private var context: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var frame: UnsafeMutablePointer<AVFrame>?

  var width: Int { Int(frame!.pointee.width) }
  var height: Int { Int(frame!.pointee.height) }

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    self.name = name
    _ = FFmpeg.quiet
    guard let id = ImageDecoder.codec(bytes), let codec = avcodec_find_decoder(id) else {
      throw DatasetError(name, "is not a picture: PNG, JPEG, WebP, BMP or TIFF is wanted")
    }
    context = avcodec_alloc_context3(codec)
    packet = av_packet_alloc()
    frame = av_frame_alloc()
    guard let context, let packet, let frame, av_new_packet(packet, Int32(bytes.count)) == 0 else {
      throw DatasetError(name, "out of memory")
    }
    memcpy(packet.pointee.data, bytes.baseAddress!, bytes.count)
    context.pointee.thread_count = 1
    context.pointee.max_pixels = Int64(Self.mostPixels)
    context.pointee.err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK
    var status = avcodec_open2(context, codec, nil)
    if status >= 0 { status = avcodec_send_packet(context, packet) }
    if status >= 0 { _ = avcodec_send_packet(context, nil) }
    if status >= 0 { status = avcodec_receive_frame(context, frame) }
    guard status >= 0, frame.pointee.width > 0, frame.pointee.height > 0 else {
      throw DatasetError(
        name,
        "is damaged, cut short, or has more than \(Self.mostPixels) pixels: \(FFmpeg.message(status))"
      )
    }
  }

  deinit {
    av_frame_free(&frame)
    av_packet_free(&packet)
    avcodec_free_context(&context)
  }

  /// Writes [height, width, 3].
  func write(to destination: UnsafeMutableRawBufferPointer) throws {
    let bytes = destination.baseAddress!.assumingMemoryBound(to: UInt8.self)
    if frame!.pointee.format == AV_PIX_FMT_RGB24.rawValue {
      let row = width * 3
      for y in 0..<height {
        memcpy(bytes + y * row, frame!.pointee.data.0! + y * Int(frame!.pointee.linesize.0), row)
      }
    } else if !RGBConverter().convert(frame!, to: bytes) {
      throw DatasetError(name, "has a pixel format that cannot be converted to RGB")
    }
  }

  /// The codec, by the first bytes.
  private static func codec(_ bytes: UnsafeRawBufferPointer) -> AVCodecID? {
    func starts(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
    guard bytes.count >= 12, bytes.count <= Self.largestFile else { return nil }
    if starts([0x89, 0x50, 0x4E, 0x47]) { return AV_CODEC_ID_PNG }
    if starts([0xFF, 0xD8, 0xFF]) { return AV_CODEC_ID_MJPEG }
    if starts(Array("RIFF".utf8)), bytes[8..<12].elementsEqual("WEBP".utf8) {
      return AV_CODEC_ID_WEBP
    }
    if starts(Array("BM".utf8)) { return AV_CODEC_ID_BMP }
    if starts([0x49, 0x49, 0x2A, 0]) || starts([0x4D, 0x4D, 0, 0x2A]) { return AV_CODEC_ID_TIFF }
    return nil
  }
}
