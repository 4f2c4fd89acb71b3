import CFFmpeg

/// Where the frames of a video lie: frame n is the n-th that is shown, packet i the i-th that is
/// stored. They differ where frames are stored out of order (B-frames).
struct FrameIndex: Sendable {
  /// When each frame is shown, in the stream's time base, ascending.
  let times: [Int64]
  /// The frame in each packet; nil where they are the same.
  let frames: [Int]?
  /// The packets at which decoding can begin, ascending, and so are their frames.
  let keys: [Key]
  /// Whether the container's own table was believed: packets are to be checked against `times`.
  let isProvisional: Bool

  struct Key: Sendable, Equatable {
    let frame: Int
    let packet: Int
  }

  /// Frames.
  var count: Int { times.count }

  /// The frame shown at a time.
  func frame(at time: Int64) -> Int? {
    let place = FrameIndex.partition(times.count) { times[$0] < time }
    return place < times.count && times[place] == time ? place : nil
  }

  /// The last key packet from which a frame can be decoded.
  func key(of frame: Int) -> Key {
    keys[max(FrameIndex.partition(keys.count) { keys[$0].frame <= frame } - 1, 0)]
  }

  func isKeyFrame(_ frame: Int) -> Bool { key(of: frame).frame == frame }

  /// The first of `count` positions that does not satisfy a predicate true of a prefix.
  private static func partition(_ count: Int, _ belongs: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension FrameIndex {
  /// Reads every packet of a file; nil when its times do not tell its frames apart.
  init?(scanning path: String) throws {
    let container = try VideoContainer(path: path)
    guard FrameIndex.tells(container) else { return nil }
    var packet = av_packet_alloc()
    defer { av_packet_free(&packet) }
    guard let packet else { throw DatasetError(path, "out of memory") }
    var times: [Int64] = []
    var keys: [Int] = []
    while try container.read(into: packet, frame: times.count) {
      defer { av_packet_unref(packet) }
      guard packet.pointee.pts != cff_no_time() else { return nil }
      // Whether the frames that an edit list hides come out depends on the decoder.
      guard packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0 else { return nil }
      if packet.pointee.flags & AV_PKT_FLAG_KEY != 0 { keys.append(times.count) }
      times.append(packet.pointee.pts)
    }
    self.init(storedTimes: times, keys: keys)
  }

  /// From the packets' times as they are stored and the places of the key packets; nil when two
  /// times are the same or the first packet is not a key.
  init?(storedTimes: [Int64], keys: [Int]) {
    let isOrdered = zip(storedTimes, storedTimes.dropFirst()).allSatisfy { $0 < $1 }
    if isOrdered {
      times = storedTimes
      frames = nil
    } else {
      let order = storedTimes.indices.sorted { storedTimes[$0] < storedTimes[$1] }
      times = order.map { storedTimes[$0] }
      guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
      var frames = order
      for (frame, packet) in order.enumerated() { frames[packet] = frame }
      self.frames = frames
    }
    var found: [Key] = []
    for packet in keys {
      let frame = self.frames?[packet] ?? packet
      if frame > found.last?.frame ?? -1 { found.append(Key(frame: frame, packet: packet)) }
    }
    guard found.first?.packet == 0 else { return nil }
    self.keys = found
    isProvisional = false
  }

  /// Believes the table at the head of an MP4 file, which says where packets lie but not that they
  /// are shown in that order; nil where there is none that might do.
  init?(tableOf container: VideoContainer) {
    let count = avformat_index_get_entries_count(container.video)
    guard container.isFormat("mp4"), FrameIndex.tells(container), count > 0,
      Int64(count) == container.video.pointee.nb_frames,
      container.video.pointee.codecpar.pointee.video_delay == 0
    else { return nil }
    var times: [Int64] = []
    var keys: [Key] = []
    times.reserveCapacity(Int(count))
    for i in 0..<count {
      guard let entry = avformat_index_get_entry(container.video, i)?.pointee,
        entry.flags & AVINDEX_DISCARD_FRAME == 0, entry.timestamp > times.last ?? .min
      else { return nil }
      if entry.flags & AVINDEX_KEYFRAME != 0 { keys.append(Key(frame: Int(i), packet: Int(i))) }
      times.append(entry.timestamp)
    }
    guard keys.first?.packet == 0 else { return nil }
    self.times = times
    self.keys = keys
    frames = nil
    isProvisional = true
  }

  /// Whether every packet of a container is one frame and says when that is shown.
  private static func tells(_ container: VideoContainer) -> Bool {
    (container.isFormat("mp4") || container.isFormat("matroska"))
      && ["av1", "h264", "hevc", "mpeg4", "vp9", "mjpeg", "ffv1", "png"].contains(container.codec)
  }
}
