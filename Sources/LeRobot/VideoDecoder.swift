import CFFmpeg

/// A video file, decoded in order to 8-bit RGB by FFmpeg; nothing is rotated or scaled.
public final class VideoDecoder {
  public let path: String
  /// Pixels.
  public private(set) var width = 0
  /// Pixels.
  public private(set) var height = 0
  /// The codec's name: "av1", "h264", "hevc", "mpeg4".
  public private(set) var codec = ""
  /// The name of the decoder that FFmpeg chose: "libdav1d".
  public private(set) var decoder = ""
  /// Frames, as the container declares them; nil when it does not.
  public private(set) var frameCount: Int?
  /// Frames a second on average; 0 when the container does not say.
  public private(set) var fps = 0.0
  /// Frames decoded so far.
  public private(set) var position = 0

  private let container: VideoContainer
  private var context: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var frame: UnsafeMutablePointer<AVFrame>?
  private var isDraining = false
  private let converter = RGBConverter()

  /// Opens the best video stream of a file.
  ///
  /// - Parameter threads: threads of the decoder; 0 for one a core.
  /// - Throws: `DatasetError` that names the file.
  public init(path: String, threads: Int = 1) throws {
    self.path = path
    container = try VideoContainer(path: path)
    codec = container.codec
    decoder = String(cString: container.decoder.pointee.name)
    frameCount = container.frameCount
    fps = container.fps
    context = avcodec_alloc_context3(container.decoder)
    packet = av_packet_alloc()
    frame = av_frame_alloc()
    guard let context, packet != nil, frame != nil else { throw failure("out of memory") }
    avcodec_parameters_to_context(context, container.video.pointee.codecpar)
    context.pointee.thread_count = Int32(threads)
    let ready = avcodec_open2(context, container.decoder, nil)
    guard ready >= 0 else {
      throw failure("\(codec) decoder \(decoder) does not start: \(FFmpeg.message(ready))")
    }
    width = Int(context.pointee.width)
    height = Int(context.pointee.height)
    guard width > 0, height > 0, width <= 1 << 14, height <= 1 << 14 else {
      throw failure("declares frames of \(width)×\(height)")
    }
  }

  deinit {
    av_frame_free(&frame)
    av_packet_free(&packet)
    avcodec_free_context(&context)
  }

  /// Bytes of one frame: height · width · 3.
  public var frameBytes: Int { width * height * 3 }

  /// Decodes the next frame as [height, width, 3] into `frameBytes` bytes; false after the last.
  ///
  /// - Throws: `DatasetError` that names the file and the frame.
  public func next(into destination: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard destination.count >= frameBytes else {
      fatalError("a frame of \(path) takes \(frameBytes) bytes, \(destination.count) were given")
    }
    guard try receive() else { return false }
    guard let picture = frame else { return false }
    defer { av_frame_unref(frame) }
    guard Int(picture.pointee.width) == width, Int(picture.pointee.height) == height else {
      throw failure(
        "frame \(position) is \(picture.pointee.width)×\(picture.pointee.height), others \(width)×\(height)"
      )
    }
    let bytes = destination.baseAddress!.assumingMemoryBound(to: UInt8.self)
    guard converter.convert(picture, to: bytes) else {
      throw failure("frame \(position) has a pixel format that cannot be converted to RGB")
    }
    position += 1
    return true
  }

  /// Decodes up to `count` frames: [frames, height, width, 3]; fewer, or none, at the end.
  public func read(_ count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count * frameBytes) { buffer, filled in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      while filled < count * frameBytes {
        let slot = UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<filled + frameBytes])
        guard try next(into: slot) else { break }
        filled += frameBytes
      }
    }
  }

  /// Puts the next frame of the stream into `frame`; false after the last.
  private func receive() throws -> Bool {
    while true {
      let status = avcodec_receive_frame(context, frame)
      if status == 0 { return true }
      if status == cff_error_end() { return false }
      guard status == cff_error_again() else {
        throw failure("frame \(position) cannot be decoded: \(FFmpeg.message(status))")
      }
      try send()
    }
  }

  /// Hands the next packet to the decoder, or tells it that there are no more.
  private func send() throws {
    if isDraining { throw failure("frame \(position) cannot be decoded: the decoder stalls") }
    guard let packet, try container.read(into: packet, frame: position) else {
      isDraining = true
      avcodec_send_packet(context, nil)
      return
    }
    defer { av_packet_unref(packet) }
    let sent = avcodec_send_packet(context, packet)
    guard sent >= 0 else {
      throw failure(
        "frame \(position) or one soon after cannot be decoded: \(FFmpeg.message(sent))")
    }
  }

  private func failure(_ problem: String) -> DatasetError { DatasetError(path, problem) }
}

extension VideoDecoder {
  /// Goes on with the frame of this number.
  func seek(toFrame number: Int) throws {
    var pixels = [UInt8](repeating: 0, count: frameBytes)
    while position < number, try pixels.withUnsafeMutableBytes({ try next(into: $0) }) {}
  }
}
