import Platform
import Synchronization

/// When an episode's rows were recorded, in seconds from the episode's start.
enum RowTimes: Sendable, Equatable {
  /// Row i at first + i / fps.
  case regular(first: Double)
  case listed([Double])

  /// - Parameter times: one a row; NaN for null.
  init(_ times: [Double], fps: Double) {
    let first = times.first ?? 0
    let isRegular = times.enumerated().allSatisfy { row, time in
      abs(time - first - Double(row) / fps) <= RowTimes.tolerance(at: time)
    }
    if isRegular {
      self = .regular(first: abs(first) <= VideoClock.tolerance ? 0 : first)
    } else {
      self = .listed(times)
    }
  }

  /// LeRobot's tolerance, and what a time loses as `float32`.
  static func tolerance(at time: Double) -> Double { VideoClock.tolerance + 1e-6 * abs(time) }

  func time(ofRow row: Int, fps: Double) -> Double {
    switch self {
    case .regular(let first): first + Double(row) / fps
    case .listed(let times): times[row]
    }
  }
}

/// The file of an episode's video, and the second where the episode begins in it.
public struct VideoRange: Sendable, Equatable {
  public let path: String
  /// Seconds.
  public let start: Double
}

/// The frames of a video file that the rows of an episode show.
package struct VideoFrames: Sendable, Equatable {
  package enum Rule: Sendable, Equatable {
    /// Row i shows frame first + i.
    case inOrder(first: Int)
    /// The frame that each row shows: the one of the row's time.
    case byTime([Int])
  }
  package let rule: Rule
  /// Whether LeRobot finds the same: by its rule a frame is wanted within 0.1 ms of each row's time.
  package let areAtTheirTimes: Bool

  /// Frames by time that follow each other are in order.
  init(_ rule: Rule, areAtTheirTimes: Bool) {
    self.areAtTheirTimes = areAtTheirTimes
    if case .byTime(let frames) = rule, let first = frames.first,
      zip(frames, first...).allSatisfy({ $0 == $1 })
    {
      self.rule = .inOrder(first: first)
    } else {
      self.rule = rule
    }
  }

  package subscript(row: Int) -> Int {
    switch rule {
    case .inOrder(let first): first + row
    case .byTime(let frames): frames[row]
    }
  }
}

extension VideoFrames {
  /// "frames in order".
  ///
  /// - Parameter fps: the video's frames a second.
  func ruleInWords(_ fps: Double) -> String {
    switch rule {
    case .byTime: "frames by time at \(decimal(fps)) a second"
    case .inOrder:
      areAtTheirTimes ? "frames in order" : "frames in order, not at the times of the rows"
    }
  }
}

/// The frames that were found so far, by episode and camera, and the episodes' times.
final class KnownFrames: Sendable {
  private struct State {
    var times: [Int: RowTimes] = [:]
    var frames: NameDictionary<[Int: VideoFrames]> = [:]
  }
  private let state = Mutex(State())

  func times(of episode: Int, _ find: () throws -> RowTimes) rethrows -> RowTimes {
    if let known = state.withLock({ $0.times[episode] }) { return known }
    let found = try find()
    state.withLock { $0.times[episode] = found }
    return found
  }

  func frames(
    of episode: Int, camera: String, _ find: () throws -> VideoFrames
  ) rethrows -> VideoFrames {
    if let known = state.withLock({ $0.frames[camera]?[episode] }) { return known }
    let found = try find()
    state.withLock { $0.frames[camera, default: [:]][episode] = found }
    return found
  }
}

extension Dataset {
  /// When an episode's rows were recorded; rows without times follow each other from 0.
  func times(of episode: Episode) throws -> RowTimes {
    try known.times(of: episode.index) {
      try withColumns(of: episode) { columns in
        guard columns.has("timestamp") else { return .regular(first: 0) }
        let numbers = try columns.numbers("timestamp", as: Double.self)
        guard numbers.width == 1 else {
          throw DatasetError(
            columns.path, "column 'timestamp' has \(numbers.width) values a row, one is wanted")
        }
        return RowTimes(numbers.values, fps: info.fps)
      }
    }
  }

  /// The frames of a video that an episode's rows show.
  ///
  /// Where rows and frames follow each other at one rate, they are counted from the frame of the first row's
  /// time, since sums of durations drift (LeRobot's issues 3177 and 3580). Elsewhere each row shows the frame of its
  /// time, as in LeRobot 0.6.1 (`decode_video_frames`). What LeRobot refuses, times without a frame within 0.1 ms,
  /// is counted as well, with a remark, where the rates agree or there are as many frames as rows.
  ///
  /// - Throws: `DatasetError` where neither can be.
  package func frames(
    of episode: Episode, camera: String, in video: VideoRange, _ clock: VideoClock
  ) throws -> VideoFrames {
    try known.frames(of: episode.index, camera: camera) {
      let frames = try find(episode, camera, video, clock)
      remark(frames, episode, camera, clock)
      return frames
    }
  }

  /// The rows whose frames are shown at other times than theirs, and both times in seconds.
  func misplacedRows(
    of episode: Episode, in video: VideoRange, _ frames: VideoFrames, _ clock: VideoClock
  ) throws -> [(number: Int, wanted: Double, shown: Double)] {
    if frames.areAtTheirTimes || clock.fps <= 0 { return [] }
    let times = try times(of: episode)
    return (0..<episode.length).compactMap { row in
      let wanted = video.start + times.time(ofRow: row, fps: info.fps)
      let shown = clock.time(of: frames[row])
      return abs(shown - wanted) <= RowTimes.tolerance(at: wanted) ? nil : (row, wanted, shown)
    }
  }

  private func find(
    _ episode: Episode, _ camera: String, _ video: VideoRange, _ clock: VideoClock
  ) throws -> VideoFrames {
    let times = try times(of: episode)
    let length = episode.length
    let isAlone = !info.sharesFiles
    // A container that does not say its rate has the dataset's.
    let rate = clock.fps > 0 ? clock.fps : info.fps
    let ratesAgree = abs(rate / info.fps - 1) < 0.01
    func fits(_ first: Int) -> Bool { clock.frameCount.map { first + length <= $0 } ?? true }
    let wanted = (0..<length).map { video.start + times.time(ofRow: $0, fps: info.fps) }
    func areAtTheirTimes(_ frame: (Int) -> Int) -> Bool {
      wanted.enumerated().allSatisfy { row, time in
        abs((clock.fps > 0 ? clock.time(of: frame(row)) : Double(frame(row)) / rate) - time)
          <= RowTimes.tolerance(at: time)
      }
    }
    func counted(from first: Int) -> VideoFrames {
      VideoFrames(.inOrder(first: first), areAtTheirTimes: areAtTheirTimes { first + $0 })
    }

    if case .regular(let first) = times, clock.isRegular, ratesAgree {
      let first = max(Int(((video.start + first) * rate).rounded()), 0)
      if fits(first) { return counted(from: first) }
    } else if clock.fps > 0, wanted.allSatisfy({ abs($0) < 1e9 }) {
      let found = wanted.map(clock.frame(nearest:))
      if areAtTheirTimes({ found[$0] }) {
        return VideoFrames(.byTime(found), areAtTheirTimes: true)
      }
    }
    let first =
      isAlone
      ? 0 : clock.fps > 0 ? clock.frame(nearest: video.start) : Int((video.start * rate).rounded())
    guard ratesAgree || isAlone && clock.frameCount == length else {
      let row = wanted.firstIndex { !(abs(clock.time(of: clock.frame(nearest: $0)) - $0) <= 1e-4) }
      throw DatasetError(
        video.path,
        "has \(clock.frameCount.map { "\($0) " } ?? "")frames at \(decimal(rate)) a second, but episode \(episode.index) has length \(length) at \(decimal(info.fps))"
          + (row.map {
            ", and no frame is within 0.1 ms of the \(decimal(wanted[$0])) s of its row \($0)"
          } ?? "")
      )
    }
    guard fits(first) else {
      throw DatasetError(
        video.path,
        "camera '\(camera)' has \(max(clock.frameCount! - first, 0)) frames, but episode \(episode.index) has length \(length)"
      )
    }
    return counted(from: first)
  }

  private func remark(
    _ frames: VideoFrames, _ episode: Episode, _ camera: String, _ clock: VideoClock
  ) {
    switch frames.rule {
    case .byTime:
      warn(
        "camera '\(camera)': videos of another rate than the data's, \(decimal(clock.fps)) frames a second: frames are picked by the rows' times"
      )
    case .inOrder(let first):
      if !frames.areAtTheirTimes {
        warn(
          "camera '\(camera)': rows and frames have different times: frames are taken in order, where LeRobot refuses them; recap dataset check names them"
        )
      }
      if !info.sharesFiles, let count = clock.frameCount, count > first + episode.length {
        warn("some videos are longer than their episodes: their last frames are left out")
      }
    }
  }
}

/// A number as people write it: 10, 29.97.
func decimal(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\((value * 1e6).rounded() / 1e6)"
}
