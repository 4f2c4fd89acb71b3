import CFFmpeg

/// Where the frames of a video lie: frame n is the n-th that is shown, packet i the i-th that is
/// stored. They differ where frames are stored out of order (B-frames), and where an edit list hides some.
struct FrameIndex: Sendable {
  /// When each frame is shown, in the stream's time base, ascending.
  let times: [Int64]
  /// The frame in each packet, -1 for one that is hidden; nil where they are the same.
  let frames: [Int]?
  /// The packets at which decoding can begin, ascending, and so are their frames.
  let keys: [Key]
  /// Whether the container's own table was believed: packets are to be checked against `times`.
  let isProvisional: Bool

  struct Key: Sendable, Equatable {
    /// The first frame that can be decoded from there: its own, unless that is hidden.
    let frame: Int
    let packet: Int
    let time: Int64
  }

  /// Frames.
  var count: Int { times.count }

  /// Packets whose frames are not shown.
  var hiddenCount: Int { frames?.count { $0 < 0 } ?? 0 }

  /// The frame shown at a time.
  func frame(at time: Int64) -> Int? {
    let place = FrameIndex.partition(times.count) { times[$0] < time }
    return place < times.count && times[place] == time ? place : nil
  }

  /// The key packet of a time.
  func key(at time: Int64) -> Key? {
    let place = FrameIndex.partition(keys.count) { keys[$0].time < time }
    return place < keys.count && keys[place].time == time ? keys[place] : nil
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
    var hidden: Set<Int> = []
    while try container.read(into: packet, frame: times.count) {
      defer { av_packet_unref(packet) }
      guard packet.pointee.pts != cff_no_time() else { return nil }
      if packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { hidden.insert(times.count) }
      if packet.pointee.flags & AV_PKT_FLAG_KEY != 0 { keys.append(times.count) }
      times.append(packet.pointee.pts)
    }
    self.init(storedTimes: times, keys: keys, hidden: hidden)
  }

  /// From the packets' times as they are stored, the places of the key packets and of those that are not
  /// shown; nil when two times are the same or the first packet is not a key.
  init?(storedTimes: [Int64], keys: [Int], hidden: Set<Int> = []) {
    let order = storedTimes.indices.sorted { storedTimes[$0] < storedTimes[$1] }
    let isDistinct = zip(order, order.dropFirst()).allSatisfy { storedTimes[$0] < storedTimes[$1] }
    guard isDistinct else { return nil }
    let shown = order.filter { !hidden.contains($0) }
    let times = shown.map { storedTimes[$0] }
    self.times = times
    if hidden.isEmpty, zip(order, order.indices).allSatisfy({ $0 == $1 }) {
      frames = nil
    } else {
      var frames = Array(repeating: -1, count: storedTimes.count)
      for (frame, packet) in shown.enumerated() { frames[packet] = frame }
      self.frames = frames
    }
    var found: [Key] = []
    for packet in keys {
      let time = storedTimes[packet]
      let frame = FrameIndex.partition(times.count) { times[$0] < time }
      // Of those that are hidden, the last leads to the first frame soonest.
      if frame == found.last?.frame { found.removeLast() }
      if frame > found.last?.frame ?? -1, frame < times.count || found.isEmpty {
        found.append(Key(frame: frame, packet: packet, time: time))
      }
    }
    guard keys.first == 0, !found.isEmpty else { return nil }
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
      if entry.flags & AVINDEX_KEYFRAME != 0 {
        keys.append(Key(frame: Int(i), packet: Int(i), time: entry.timestamp))
      }
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
