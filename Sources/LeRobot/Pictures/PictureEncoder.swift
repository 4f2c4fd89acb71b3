import Foundation
import Platform

/// Pictures made into PNG files on a thread of its own, in order.
final class PictureEncoder: Sendable {
  private let queue: PictureQueue

  init(width: Int, height: Int) throws {
    let queue = PictureQueue(capacity: max((256 << 20) / (width * height * 3), 1))
    self.queue = queue
    _ = try startThreads(named: "picture encoder") { _ in
      while let pixels = queue.next() {
        queue.add(Result { try Image(width: width, height: height, pixels: pixels).png() })
      }
    }
  }

  deinit { queue.close() }

  /// Queues [height, width, 3]; blocks while the queue is full.
  func append(_ pixels: [UInt8]) { queue.append(pixels) }

  /// Waits for the files of all pictures.
  func finish() throws -> [[UInt8]] { try queue.finish() }
}

/// `@unchecked`: every variable is used with `condition` locked.
private final class PictureQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private let capacity: Int
  private var waiting: [[UInt8]] = []
  private var files: [[UInt8]] = []
  private var failure: (any Error)?
  private var accepted = 0
  private var isClosed = false

  init(capacity: Int) { self.capacity = capacity }

  private func locked<R>(_ body: () throws -> R) rethrows -> R {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  func append(_ pixels: [UInt8]) {
    locked {
      while waiting.count >= capacity { condition.wait() }
      waiting.append(pixels)
      accepted += 1
      condition.broadcast()
    }
  }

  func next() -> [UInt8]? {
    locked {
      while waiting.isEmpty, !isClosed { condition.wait() }
      return isClosed ? nil : waiting.removeFirst()
    }
  }

  func add(_ file: Result<[UInt8], any Error>) {
    locked {
      switch file {
      case .success(let bytes): files.append(bytes)
      case .failure(let error):
        failure = error
        files.append([])
      }
      condition.broadcast()
    }
  }

  func finish() throws -> [[UInt8]] {
    try locked {
      while files.count < accepted { condition.wait() }
      if let failure { throw failure }
      return files
    }
  }

  func close() {
    locked {
      isClosed = true
      condition.broadcast()
    }
  }
}
