/// Windows around a frame, as LeRobot's `delta_timestamps` asks for them: seconds before and after
/// it, by key.
public enum DeltaTimestamps {
  /// How far, in seconds, a time may be from a frame's.
  static let tolerance = 1e-4

  /// The frames before (negative) and after the one at hand that these seconds are.
  ///
  /// round(s · fps), halves to the even number as Python rounds
  /// (lerobot/datasets/feature_utils.py, `get_delta_indices`).
  ///
  /// - Throws: `DatasetError` that names the key when a time is not a frame's within 0.1 ms.
  public static func indices(
    of seconds: [Double], fps: Double, key: String
  ) throws -> [Int] {
    try seconds.map { time in
      let frames = (time * fps).rounded(.toNearestOrEven)
      guard frames.magnitude < 1e9, abs(time * fps - frames) / fps <= tolerance else {
        throw DatasetError(
          key,
          "a window's time of \(time) s is not that of a frame: multiples of 1/\(fps) s are wanted")
      }
      return Int(frames)
    }
  }

  /// The frames of an episode that make up a window, and which of them stand in for frames before
  /// the episode's start or after its end.
  ///
  /// - Parameters:
  ///   - frame: the frame at hand, counted from the episode's start.
  ///   - length: the episode's frames.
  public static func window(
    around frame: Int, deltas: [Int], length: Int
  ) -> (frames: [Int], isPad: [Bool]) {
    (
      deltas.map { min(max(frame + $0, 0), length - 1) },
      deltas.map { !(0..<length).contains(frame + $0) }
    )
  }
}
