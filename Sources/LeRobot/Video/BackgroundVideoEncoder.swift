import Foundation
import Platform

/// A `VideoEncoder` on a thread of its own: whoever records waits for it only when the queue is
/// full.
///
/// Dropped without `finish`, it leaves no file.
public final class BackgroundVideoEncoder: Sendable {
  private let queue: EncodingQueue

  /// Begins a file; what goes wrong is thrown by the next `append` or `finish`.
  ///
  /// - Parameters:
  ///   - fps: frames a second.
  ///   - queueLimit: bytes of frames that wait; one frame always may.
  /// - Throws: `DatasetError` for a size or rate that cannot be encoded.
  public init(
    path: String, width: Int, height: Int, fps: Double, encoding: VideoEncoding = VideoEncoding(),
    queueLimit: Int = 256 << 20
  ) throws {
    try VideoEncoder.check(path: path, width: width, height: height, fps: fps)
    let queue = EncodingQueue(frameBytes: width * height * 3, limit: queueLimit)
    self.queue = queue
    _ = try startThreads(named: "video encoder") { _ in
      let outcome = EncodingQueue.Outcome {
        let encoder = try VideoEncoder(
          path: path, width: width, height: height, fps: fps, encoding: encoding)
        while let frame = queue.next() { try encoder.append(frame) }
        return queue.isCancelled ? nil : (try encoder.finish(), encoder.remarks)
      }
      queue.end(outcome)
    }
  }

  deinit { queue.cancel() }

  /// Queues a frame, [height, width, 3]; blocks while the queue is full.
  ///
  /// - Throws: what the encoder threw for an earlier frame.
  public func append(_ pixels: [UInt8]) throws { try queue.append(pixels) }

  /// Frames that wait.
  public var backlog: Int { queue.backlog }

  /// Waits until every frame is encoded and the file has its name.
  ///
  /// - Returns: what the file holds, and what was done otherwise than asked.
  public func finish() throws -> (info: VideoInfo, remarks: [String]) { try queue.finish() }

  /// Stops; no file remains when this returns.
  public func cancel() {
    queue.cancel()
    queue.waitForEnd()
  }
}

/// Frames on their way to the encoder's thread.
///
/// `@unchecked`: every variable is used with `condition` locked.
private final class EncodingQueue: @unchecked Sendable {
  typealias Outcome = Result<(VideoInfo, [String])?, any Error>

  private let condition = NSCondition()
  private let frameBytes: Int
  private let capacity: Int
  private var frames: [[UInt8]] = []
  /// Frames of `frames` that were taken already.
  private var taken = 0
  private var isComplete = false
  private var cancelled = false
  private var hasEnded = false
  private var outcome: Outcome?

  init(frameBytes: Int, limit: Int) {
    self.frameBytes = frameBytes
    capacity = max(limit / frameBytes, 1)
  }

  private func locked<R>(_ body: () throws -> R) rethrows -> R {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  var backlog: Int { locked { frames.count - taken } }
  var isCancelled: Bool { locked { cancelled } }

  func append(_ pixels: [UInt8]) throws {
    guard pixels.count == frameBytes else {
      fatalError("a frame of this video takes \(frameBytes) bytes, \(pixels.count) were given")
    }
    try locked {
      if isComplete { fatalError("a finished video takes no more frames") }
      while frames.count - taken >= capacity, !hasEnded, !cancelled { condition.wait() }
      if case .failure(let error)? = outcome { throw error }
      if hasEnded || cancelled { return }
      frames.append(pixels)
      condition.broadcast()
    }
  }

  /// The next frame for the encoder; nil when there are no more.
  func next() -> [UInt8]? {
    locked {
      while taken == frames.count, !isComplete, !cancelled { condition.wait() }
      guard !cancelled, taken < frames.count else { return nil }
      let frame = frames[taken]
      frames[taken] = []
      taken += 1
      if taken > 32 {
        frames.removeFirst(taken)
        taken = 0
      }
      condition.broadcast()
      return frame
    }
  }

  func finish() throws -> (info: VideoInfo, remarks: [String]) {
    try locked {
      isComplete = true
      condition.broadcast()
      while !hasEnded { condition.wait() }
      guard let (info, remarks) = try outcome?.get() else {
        fatalError("a cancelled video cannot be finished")
      }
      return (info, remarks)
    }
  }

  func cancel() {
    locked {
      cancelled = true
      condition.broadcast()
    }
  }

  func waitForEnd() { locked { while !hasEnded { condition.wait() } } }

  func end(_ outcome: Outcome) {
    locked {
      self.outcome = outcome
      hasEnded = true
      frames = []
      taken = 0
      condition.broadcast()
    }
  }
}
