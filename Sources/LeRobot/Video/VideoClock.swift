import CFFmpeg

/// When the frames of a video are shown.
package struct VideoClock: Sendable, Equatable {
  /// Frames a second on average; 0 where the container does not say.
  package let fps: Double
  /// Frames that are shown; nil where decoding alone tells.
  package let frameCount: Int?
  /// Seconds, ascending; nil where frame k is shown at k / fps, as far as is known.
  private let times: [Double]?

  /// Of a container that does not say when each frame is shown.
  init(_ container: VideoContainer) {
    fps = container.fps
    frameCount = container.frameCount
    times = nil
  }

  init(_ container: VideoContainer, _ index: FrameIndex) {
    let base = container.video.pointee.time_base
    self.init(
      fps: container.fps,
      times: index.times.map { Double($0) * Double(base.num) / Double(base.den) })
  }

  /// - Parameter times: seconds, ascending.
  init(fps: Double, times: [Double]) {
    self.fps = fps
    frameCount = times.count
    // Half of what LeRobot forgives, so that a row that agrees with k / fps agrees with the frame.
    let isRegular =
      fps > 0
      && times.enumerated().allSatisfy {
        abs($0.element - Double($0.offset) / fps) <= VideoClock.tolerance / 2
      }
    self.times = isRegular ? nil : times
  }

  /// Seconds by which a frame may be shown before or after the time that it is wanted for: `tolerance_s` of
  /// LeRobot's `LeRobotDataset`.
  static let tolerance = 1e-4

  /// Whether frame k is shown at k / fps, as far as is known.
  package var isRegular: Bool { times == nil }

  /// Seconds.
  func time(of frame: Int) -> Double { times?[frame] ?? Double(frame) / fps }

  /// The frame that is shown nearest to a time in seconds.
  func frame(nearest time: Double) -> Int {
    guard let times else {
      let frame = max(Int((time * fps).rounded()), 0)
      return frameCount.map { min(frame, max($0 - 1, 0)) } ?? frame
    }
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    if low == times.count { return max(low - 1, 0) }
    return low > 0 && time - times[low - 1] <= times[low] - time ? low - 1 : low
  }
}

extension VideoDecoder {
  /// When the frames are shown.
  ///
  /// - Parameter isExact: whether every packet is read where neither the container's table tells nor its two
  ///   rates, of all frames and of the most frequent step, are the same.
  package func clock(isExact: Bool = false) throws -> VideoClock {
    try clock(scanning: isExact || !container.isSteady)
  }
}
