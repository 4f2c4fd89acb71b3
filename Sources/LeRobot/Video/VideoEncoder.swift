import CFFmpeg
import Foundation

/// Encodes 8-bit RGB frames to one MP4 file, as LeRobot writes them: yuv420p, constant frame rate,
/// no reordering, the index in front.
public final class VideoEncoder {
  public let path: String
  /// Pixels.
  public let width: Int
  /// Pixels.
  public let height: Int
  /// Frames taken so far.
  public private(set) var frameCount = 0
  /// What was done otherwise than asked, in words; empty most of the time.
  public private(set) var remarks: [String] = []
  /// The encoder in use, by FFmpeg's name: "libsvtav1".
  public private(set) var encoder = ""

  private let fps: AVRational
  private let writer: MP4Writer
  private var context: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var rgb: UnsafeMutablePointer<AVFrame>?
  private var yuv: UnsafeMutablePointer<AVFrame>?
  private var scaler = cff_scaler(raw: nil)
  private var isFinished = false
  private var isDrained = false

  /// Opens an encoder; the file appears under its name when `finish` returns.
  ///
  /// Where FFmpeg lacks every AV1 encoder, H.264 is written and `remarks` says so.
  ///
  /// - Parameters:
  ///   - width: pixels, even.
  ///   - height: pixels, even.
  ///   - fps: frames a second; the file has the nearest fraction (29.97 is 2997/100).
  /// - Throws: `DatasetError` that names the file.
  public init(
    path: String, width: Int, height: Int, fps: Double, encoding: VideoEncoding = VideoEncoding()
  ) throws {
    try VideoEncoder.check(path: path, width: width, height: height, fps: fps)
    (self.path, self.width, self.height) = (path, width, height)
    self.fps = av_d2q(fps, 1_001_000)
    writer = try MP4Writer(path: path)
    try open(encoding)
    try allocate()
    let stream = writer.stream!
    avcodec_parameters_from_context(stream.pointee.codecpar, context)
    stream.pointee.time_base = context!.pointee.time_base
    stream.pointee.avg_frame_rate = self.fps
    try writer.begin()
  }

  deinit {
    if !isDrained { drain() }
    sws_freeContext(scaler.raw)
    av_frame_free(&rgb)
    av_frame_free(&yuv)
    av_packet_free(&packet)
    VideoEncoder.alone { avcodec_free_context(&context) }
  }

  /// Says what cannot be encoded before anything is.
  static func check(path: String, width: Int, height: Int, fps: Double) throws {
    guard width > 0, height > 0, width <= 1 << 14, height <= 1 << 14 else {
      throw DatasetError(path, "frames of \(width)×\(height) cannot be encoded")
    }
    guard width % 2 == 0, height % 2 == 0 else {
      throw DatasetError(
        path,
        "frames of \(width)×\(height) cannot be encoded: yuv420p wants even sizes, crop or pad them"
      )
    }
    guard fps.isFinite, fps >= 0.001, fps <= 1000 else {
      throw DatasetError(path, "fps is \(fps), a number from 0.001 to 1000 is wanted")
    }
  }

  /// Encodes a frame: [height, width, 3].
  ///
  /// - Throws: `DatasetError` that names the file, when the disk is full say; the file is lost then.
  public func append(_ pixels: [UInt8]) throws { try pixels.withUnsafeBytes(append) }

  /// Encodes a frame: [height, width, 3].
  public func append(_ pixels: UnsafeRawBufferPointer) throws {
    guard pixels.count == width * height * 3, !isFinished else {
      fatalError(
        isFinished
          ? "\(path) is finished and takes no more frames"
          : "a frame of \(path) takes \(width * height * 3) bytes, \(pixels.count) were given")
    }
    guard let rgb, let yuv, av_frame_make_writable(yuv) >= 0 else {
      throw DatasetError(path, "out of memory")
    }
    for y in 0..<height {
      memcpy(
        rgb.pointee.data.0! + y * Int(rgb.pointee.linesize.0),
        pixels.baseAddress! + y * width * 3, width * 3)
    }
    convert(rgb.pointee, to: yuv.pointee)
    yuv.pointee.pts = Int64(frameCount)
    try encode(yuv)
    frameCount += 1
  }

  /// Completes the file.
  ///
  /// - Throws: `DatasetError` that names the file when it cannot be completed or has no frames;
  ///   nothing of it is left then.
  public func finish() throws -> VideoInfo {
    guard frameCount > 0 else {
      throw DatasetError(path, "a video without frames cannot be written")
    }
    isFinished = true
    try encode(nil)
    isDrained = true
    try writer.finish()
    let codec = avcodec_get_name(context!.pointee.codec_id)!
    return VideoInfo(
      codec: String(cString: codec), width: width, height: height, pixelFormat: "yuv420p",
      fps: Double(fps.num) / Double(fps.den), frameCount: frameCount, hasAudio: false)
  }

  // MARK: Setting up

  /// SVT-AV1 prints its settings unless told not to.
  private static let quiet: Void = { _ = setenv("SVT_LOG", "1", 0) }()

  private func open(_ encoding: VideoEncoding) throws {
    VideoEncoder.quiet
    let substitutes = encoding.codec == .av1 ? VideoCodec.h264.encoders : []
    var reasons: [String] = []
    for name in encoding.codec.encoders + substitutes {
      if name == "libsvtav1", min(width, height) < 64 {
        reasons.append("\(name) wants 64 pixels or more")
        continue
      }
      guard let codec = avcodec_find_encoder_by_name(name) else {
        reasons.append("\(name) is not in this FFmpeg")
        continue
      }
      let status = try start(codec, name, encoding)
      if status >= 0 {
        encoder = name
        if substitutes.contains(name) {
          remarks.append("\(path): written in H.264: \(reasons.joined(separator: ", "))")
        }
        return
      }
      reasons.append("\(name) does not start: \(FFmpeg.message(status))")
    }
    throw DatasetError(
      path, "\(width)×\(height) cannot be encoded as \(encoding.codec): \(list(reasons))")
  }

  /// Opens or closes an encoder while no other thread does: SVT-AV1 1.4 counts the processors in
  /// variables that all its encoders share, and crashes when two are opened at once.
  private static func alone<R>(_ body: () -> R) -> R {
    opening.lock()
    defer { opening.unlock() }
    return body()
  }

  private static let opening = NSLock()

  private func start(
    _ codec: UnsafePointer<AVCodec>, _ name: String, _ encoding: VideoEncoding
  ) throws -> Int32 {
    VideoEncoder.alone { avcodec_free_context(&context) }
    context = avcodec_alloc_context3(codec)
    guard let context else { throw DatasetError(path, "out of memory") }
    context.pointee.width = Int32(width)
    context.pointee.height = Int32(height)
    context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    context.pointee.framerate = fps
    context.pointee.time_base = av_inv_q(fps)
    context.pointee.gop_size = Int32(encoding.keyFrameInterval)
    context.pointee.max_b_frames = 0
    context.pointee.thread_count = Int32(encoding.threads)
    context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
    var options: OpaquePointer?
    for (key, value) in encoding.options(for: name) { av_dict_set(&options, key, value, 0) }
    defer { av_dict_free(&options) }
    return VideoEncoder.alone { avcodec_open2(context, codec, &options) }
  }

  private func allocate() throws {
    packet = av_packet_alloc()
    rgb = av_frame_alloc()
    yuv = av_frame_alloc()
    scaler = cff_scaler_from_rgb(Int32(width), Int32(height), AV_PIX_FMT_YUV420P.rawValue)
    for (frame, format) in [(rgb, AV_PIX_FMT_RGB24), (yuv, AV_PIX_FMT_YUV420P)] {
      frame?.pointee.width = Int32(width)
      frame?.pointee.height = Int32(height)
      frame?.pointee.format = format.rawValue
      guard let frame, packet != nil, scaler.raw != nil, av_frame_get_buffer(frame, 0) >= 0 else {
        throw DatasetError(path, "out of memory")
      }
    }
  }

  // MARK: Frames and packets

  private func convert(_ source: AVFrame, to target: AVFrame) {
    let from: [UnsafePointer<UInt8>?] = [UnsafePointer(source.data.0), nil, nil, nil]
    let to = [target.data.0, target.data.1, target.data.2, nil]
    let lines = [target.linesize.0, target.linesize.1, target.linesize.2, 0]
    sws_scale(
      scaler.raw, from, [source.linesize.0, 0, 0, 0], 0, Int32(height), to, lines)
  }

  /// Hands a frame to the encoder, nil after the last, and writes the packets that are ready.
  private func encode(_ frame: UnsafeMutablePointer<AVFrame>?) throws {
    try check(avcodec_send_frame(context, frame))
    while true {
      let status = avcodec_receive_packet(context, packet)
      if status == cff_error_again() || status == cff_error_end() { return }
      try check(status)
      packet!.pointee.duration = 1
      defer { av_packet_unref(packet) }
      try writer.write(packet!, timeBase: context!.pointee.time_base)
    }
  }

  /// Takes what the encoder still holds: SVT-AV1 never closes while it waits for its first frame or
  /// the end.
  private func drain() {
    guard context != nil, packet != nil, let yuv, av_frame_make_writable(yuv) >= 0 else { return }
    if frameCount == 0 {
      yuv.pointee.pts = 0
      avcodec_send_frame(context, yuv)
    }
    avcodec_send_frame(context, nil)
    while avcodec_receive_packet(context, packet) >= 0 { av_packet_unref(packet) }
  }

  private func check(_ status: Int32) throws {
    guard status < 0 else { return }
    throw DatasetError(path, "frame \(frameCount) cannot be encoded: \(FFmpeg.message(status))")
  }
}
