import CFFmpeg

/// A video whose compressed frames are copied as they are.
public final class VideoPackets {
  public let path: String
  /// The codec's canonical name: "av1", "h264".
  public let codec: String
  /// Frames a second on average; 0 when the container does not say.
  public let fps: Double
  let index: FrameIndex
  private var container: VideoContainer
  private var position = 0

  /// Opens a file and reads through it once.
  ///
  /// - Throws: `DatasetError` that names the file, and `VideoCopy.Refusal` when its frames can be decoded but not
  ///   copied one by one.
  public init(path: String) throws {
    self.path = path
    container = try VideoContainer(path: path)
    codec = container.codec
    fps = container.fps
    guard let index = try FrameIndex(scanning: path), index.count > 0 else {
      throw VideoCopy.Refusal(
        file: path, segment: 0, reason: "not every frame of it says when it is shown")
    }
    guard index.hiddenCount == 0 else {
      throw VideoCopy.Refusal(
        file: path, segment: 0,
        reason:
          "its edit list hides frames that others are decoded from, \(index.hiddenCount) of them")
    }
    self.index = index
  }

  /// When the frames are shown.
  var clock: VideoClock { VideoClock(container, index) }

  /// Whether frame k is shown at k / fps.
  func runs(at fps: Double) -> Bool {
    clock.isRegular && abs(1 / self.fps - 1 / fps) * Double(frameCount) <= VideoClock.tolerance / 2
  }

  /// The stream, valid while this is.
  var stream: UnsafePointer<AVStream> { UnsafePointer(container.video) }

  /// Frames.
  public var frameCount: Int { index.count }

  /// Whether decoding can begin at a frame.
  public func isKeyFrame(_ number: Int) -> Bool { index.isKeyFrame(number) }

  /// Why frames cannot be copied by themselves, in words; nil when they can.
  public func obstacle(to frames: Range<Int>) -> String? {
    guard frames.lowerBound >= 0, frames.upperBound <= index.count, !frames.isEmpty else {
      return "it has \(index.count) frames"
    }
    guard index.isKeyFrame(frames.lowerBound) else {
      let before = index.key(of: frames.lowerBound).frame
      return "frame \(frames.lowerBound) is no key frame, the last one before is \(before)"
    }
    // The packets that are stored at these places must be those of the same frames.
    if let order = index.frames, order[frames].contains(where: { !frames.contains($0) }) {
      return "frames there are stored among those of the part before or after"
    }
    return nil
  }

  /// The compressed frames in the order in which they are stored.
  package func bytes() throws -> [[UInt8]] {
    var all: [[UInt8]] = []
    try forEachPacket(0..<index.count) { _, packet in
      let (data, size) = (packet.pointee.data, Int(packet.pointee.size))
      all.append([UInt8](UnsafeBufferPointer(start: data, count: size)))
    }
    return all
  }

  /// The codec's parameters, valid while this is.
  var parameters: UnsafeMutablePointer<AVCodecParameters> { container.video.pointee.codecpar }

  /// The decoder's set-up that is kept apart from the frames.
  var extradata: [UInt8] {
    let count = Int(parameters.pointee.extradata_size)
    return count > 0
      ? [UInt8](UnsafeBufferPointer(start: parameters.pointee.extradata, count: count)) : []
  }

  /// Calls `body` with the packets stored at these places, in that order.
  func forEachPacket(
    _ places: Range<Int>, _ body: (_ place: Int, UnsafeMutablePointer<AVPacket>) throws -> Void
  ) throws {
    var packet = av_packet_alloc()
    defer { av_packet_free(&packet) }
    guard let packet else { throw DatasetError(path, "out of memory") }
    if position > places.lowerBound {
      container = try VideoContainer(path: path)
      position = 0
    }
    while position < places.upperBound {
      guard try container.read(into: packet, frame: position) else {
        throw DatasetError(path, "changed while it was read: it ends before frame \(position)")
      }
      defer { av_packet_unref(packet) }
      if av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, nil) != nil {
        throw DatasetError(path, "changes its encoding at frame \(position): encode it anew")
      }
      if places.contains(position) { try body(position, packet) }
      position += 1
    }
  }
}
