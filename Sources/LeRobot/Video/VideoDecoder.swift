import CFFmpeg

/// A video file, decoded to 8-bit RGB by FFmpeg, in order or by frame number; nothing is scaled. Of depth the RGB is
/// grey, the upper 8 of the 12 bits of LeRobot's codes.
///
/// Frames are what a player shows: those that an edit list hides are left out, and all are turned as the
/// container's display matrix says, as TorchCodec does, which LeRobot reads by.
public final class VideoDecoder {
  public let path: String
  /// Pixels, of a turned frame.
  public private(set) var width = 0
  /// Pixels, of a turned frame.
  public private(set) var height = 0
  /// The codec's name: "av1", "h264", "hevc", "mpeg4".
  public let codec: String
  /// The name of the decoder that FFmpeg chose: "libdav1d".
  public let decoder: String
  /// Frames that are shown, as the container declares them; nil when it does not.
  public let frameCount: Int?
  /// Frames that the container's edit list hides.
  package let hiddenCount: Int
  /// How frames are turned, in words: "turned by 90°"; nil where they are not.
  package var turning: String? { orientation.description }
  /// Frames a second on average; 0 when the container does not say.
  public let fps: Double
  /// The number of the frame that `next` gives, from 0 in the order in which they are shown.
  public private(set) var position = 0

  /// How often it jumped to a key frame, and how often it had to begin anew at the first.
  package private(set) var jumps = 0, rewinds = 0

  private let threads: Int
  private(set) var container: VideoContainer
  private var context: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var frame: UnsafeMutablePointer<AVFrame>?
  private let converter: any FrameConverter
  private let orientation: Orientation
  /// The size of a frame before it is turned, and room for one.
  private var coded = (width: 0, height: 0)
  private var unturned: [UInt8] = []
  private var access = Access.unknown

  /// What is known of where frames lie.
  private enum Access {
    case unknown
    case indexed(FrameIndex)
    /// Nothing but to decode from the start.
    case linear
  }

  /// The decoder's course since it was opened or jumped: the packet it gets next, whether `packet`
  /// holds that already, and the least number that the frame which comes out next can have.
  private var sent = 0
  private var isPending = false
  private var upcoming = 0
  /// Whether frames came out from the first on, so that `upcoming` is the next one's number.
  private var isCounting = true
  private var isDraining = false
  /// The times of AV1 packets sent whose frames the edit list hides: FFmpeg leaves those out itself, but not
  /// those of libdav1d before 6.1.
  private var hidden: Set<Int64> = []
  /// The latest time of a packet that is shown.
  private var latest = Int64.min

  /// Opens the best video stream of a file.
  ///
  /// - Parameters:
  ///   - threads: threads of the decoder; 0 for one a core. One is best for frames by number: more of them
  ///     decode frames ahead that nobody asked for.
  ///   - isDepth: whether its frames are depth.
  /// - Throws: `DatasetError` that names the file.
  public init(path: String, threads: Int = 1, isDepth: Bool = false) throws {
    self.path = path
    self.threads = threads
    converter = isDepth ? DepthConverter() : RGBConverter()
    container = try VideoContainer(path: path)
    codec = container.codec
    decoder = String(cString: container.decoder.pointee.name)
    frameCount = container.frameCount
    hiddenCount = container.hiddenCount
    fps = container.fps
    // LeRobot reads depth by PyAV, which turns nothing.
    orientation = isDepth ? .upright : container.orientation
    packet = av_packet_alloc()
    frame = av_frame_alloc()
    guard packet != nil, frame != nil else { throw failure("out of memory") }
    try open()
    coded = (Int(context!.pointee.width), Int(context!.pointee.height))
    (width, height) = orientation.size(coded.width, coded.height)
    guard width > 0, height > 0, width <= 1 << 14, height <= 1 << 14 else {
      throw failure("declares frames of \(width)×\(height)")
    }
    if orientation != .upright { unturned = Array(repeating: 0, count: frameBytes) }
  }

  deinit {
    av_frame_free(&frame)
    av_packet_free(&packet)
    avcodec_free_context(&context)
  }

  private func open() throws {
    avcodec_free_context(&context)
    context = avcodec_alloc_context3(container.decoder)
    guard let context else { throw failure("out of memory") }
    avcodec_parameters_to_context(context, container.video.pointee.codecpar)
    context.pointee.thread_count = Int32(threads)
    let ready = avcodec_open2(context, container.decoder, nil)
    guard ready >= 0 else {
      throw failure("\(codec) decoder \(decoder) does not start: \(FFmpeg.message(ready))")
    }
  }

  /// The 12-bit codes of the last frame, where frames are depth: [height, width].
  var depthCodes: [UInt16] { (converter as? DepthConverter)?.codes ?? [] }

  /// Bytes of one frame: height · width · 3.
  public var frameBytes: Int { width * height * 3 }

  // MARK: Frames in order

  /// Decodes the next frame as [height, width, 3] into `frameBytes` bytes; false after the last.
  ///
  /// - Throws: `DatasetError` that names the file and the frame.
  public func next(into destination: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard destination.count >= frameBytes else {
      fatalError("a frame of \(path) takes \(frameBytes) bytes, \(destination.count) were given")
    }
    guard try reach(), let picture = frame else { return false }
    defer { av_frame_unref(frame) }
    guard (Int(picture.pointee.width), Int(picture.pointee.height)) == coded else {
      throw failure(
        "frame \(position) is \(picture.pointee.width)×\(picture.pointee.height), others \(coded.width)×\(coded.height)"
      )
    }
    let bytes = destination.baseAddress!.assumingMemoryBound(to: UInt8.self)
    guard convert(picture, to: bytes) else {
      throw failure("frame \(position) has a pixel format that cannot be converted to RGB")
    }
    position += 1
    return true
  }

  private func convert(
    _ picture: UnsafePointer<AVFrame>, to destination: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    if orientation == .upright { return converter.convert(picture, to: destination) }
    return unturned.withUnsafeMutableBufferPointer { buffer in
      guard converter.convert(picture, to: buffer.baseAddress!) else { return false }
      orientation.turn(
        buffer.baseAddress!, width: coded.width, height: coded.height, into: destination)
      return true
    }
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

  // MARK: Frames by number

  /// Makes a frame the one that `next` gives, from the nearest key frame before it.
  ///
  /// Frames that are seen from the way already travelled are decoded on from there; a file that
  /// does not tell its frames apart by their times (AVI, say) is decoded from its start.
  public func seek(toFrame number: Int) throws {
    guard number >= 0 else { fatalError("there is no frame \(number)") }
    position = number
    if case .unknown = access {
      if isCounting, number == upcoming { return }
      access = try FrameIndex(tableOf: container).map(Access.indexed) ?? scan()
    }
    guard case .indexed(let index) = access else {
      if upcoming > number { try rewind() }
      return
    }
    guard number < index.count else { throw missing(number) }
    // One packet more or less is decoded sooner than jumped over.
    let key = index.key(of: number)
    if number >= upcoming, key.packet <= sent + 1 { return }
    try jump(to: key, index)
  }

  /// Decodes a frame by its number as [height, width, 3] into `frameBytes` bytes.
  ///
  /// - Throws: `DatasetError` that names the file and the frame, also when there is none of that
  ///   number.
  public func decode(frame number: Int, into destination: UnsafeMutableRawBufferPointer) throws {
    try seek(toFrame: number)
    guard try next(into: destination) else { throw missing(number) }
  }

  /// Decodes frames by their numbers, in any order: [frames, height, width, 3].
  public func read(frames numbers: [Int]) throws -> [UInt8] {
    let size = frameBytes
    return try [UInt8](unsafeUninitializedCapacity: numbers.count * size) { buffer, filled in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      var last: Int?
      for place in numbers.indices.sorted(by: { numbers[$0] < numbers[$1] }) {
        let slot = UnsafeMutableRawBufferPointer(rebasing: bytes[place * size..<(place + 1) * size])
        if let last, numbers[last] == numbers[place] {
          slot.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[last * size..<(last + 1) * size]))
        } else {
          try decode(frame: numbers[place], into: slot)
        }
        last = place
      }
      filled = numbers.count * size
    }
  }

  private func scan() throws -> Access {
    try FrameIndex(scanning: path).map(Access.indexed) ?? .linear
  }

  /// - Parameter scanning: whether every packet is read where the container's table does not tell.
  func clock(scanning: Bool) throws -> VideoClock {
    if case .unknown = access {
      if let index = FrameIndex(tableOf: container) {
        access = .indexed(index)
      } else if scanning {
        access = try scan()
      }
    }
    guard case .indexed(let index) = access else { return VideoClock(container) }
    return VideoClock(container, index)
  }

  /// Goes to a key packet and forgets what was decoded.
  private func jump(to key: FrameIndex.Key, _ index: FrameIndex) throws {
    dropPending()
    jumps += 1
    let time = index.times[key.frame]
    let sought = av_seek_frame(
      container.format, container.video.pointee.index, time, AVSEEK_FLAG_BACKWARD)
    avcodec_flush_buffers(context)
    isDraining = false
    isCounting = false
    (hidden, latest) = ([], .min)
    // Where it landed: there, or at a key packet before.
    guard sought >= 0, let packet, try container.read(into: packet, frame: key.frame) else {
      return try rewind()
    }
    isPending = true
    guard let landed = index.key(at: packet.pointee.pts), landed.frame <= key.frame else {
      return try distrust()
    }
    sent = landed.packet
    upcoming = landed.frame
  }

  /// Begins anew at the first frame.
  private func rewind() throws {
    dropPending()
    rewinds += 1
    container = try VideoContainer(path: path)
    try open()
    (sent, upcoming, isCounting, isDraining) = (0, 0, true, false)
    (hidden, latest) = ([], .min)
  }

  private func dropPending() {
    if isPending { av_packet_unref(packet) }
    isPending = false
  }

  /// The index is not what the packets say: reads them all, or else decodes from the start.
  private func distrust() throws {
    if case .indexed(let index) = access, index.isProvisional {
      access = try scan()
      upcoming = .max
      return try seek(toFrame: position)
    }
    access = .linear
    try rewind()
  }

  // MARK: Packets to frames

  /// Puts frame `position` into `frame`; false when there is none.
  private func reach() throws -> Bool {
    if !isCounting, case .indexed(let index) = access, position >= index.count { return false }
    while true {
      let found = try receive()
      if !found, isCounting { return false }
      let number = found ? numberOfReceived() : .max
      if number == position {
        upcoming = number + 1
        return true
      }
      av_frame_unref(frame)
      if number > position {
        // The decoder swallowed a frame after a jump: it has it when it begins at the start.
        access = .linear
        try rewind()
      } else if isCounting {
        upcoming += 1
      }
    }
  }

  /// -1 for a frame that the index does not know.
  private func numberOfReceived() -> Int {
    guard !isCounting, case .indexed(let index) = access, let frame else { return upcoming }
    let time = frame.pointee.pts
    return index.frame(at: time != cff_no_time() ? time : frame.pointee.best_effort_timestamp) ?? -1
  }

  /// Puts the next frame of the stream that is shown into `frame`; false after the last.
  private func receive() throws -> Bool {
    while true {
      let status = avcodec_receive_frame(context, frame)
      if status == 0 {
        guard let frame, hidden.remove(frame.pointee.pts) != nil else { return true }
        av_frame_unref(frame)
        continue
      }
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
    guard let packet, try isPending || container.read(into: packet, frame: position) else {
      isDraining = true
      avcodec_send_packet(context, nil)
      return
    }
    isPending = true
    if case .indexed(let index) = access, index.isProvisional, !isCounting,
      packet.pointee.pts != packet.pointee.dts || sent >= index.count
        || packet.pointee.pts != index.times[sent]
    {
      return try distrust()
    }
    defer { dropPending() }
    sent += 1
    if codec == "av1" { try noteHidden(packet.pointee) }
    let result = avcodec_send_packet(context, packet)
    guard result >= 0 else {
      throw failure(
        "frame \(position) or one soon after cannot be decoded: \(FFmpeg.message(result))")
    }
  }

  private func noteHidden(_ packet: AVPacket) throws {
    if packet.flags & AV_PKT_FLAG_DISCARD == 0 {
      latest = max(latest, packet.pts)
    } else {
      // A part of an edit list may begin with hidden frames whose times are those of the part before.
      guard packet.pts > latest else {
        throw failure(
          "frame \(position) is in a part of an edit list whose frames cannot be told from those before: encode it anew"
        )
      }
      hidden.insert(packet.pts)
    }
  }

  private func missing(_ number: Int) -> DatasetError {
    failure("has no frame \(number), counted from 0")
  }

  private func failure(_ problem: String) -> DatasetError { DatasetError(path, problem) }
}
