import Foundation

/// Batches on their way from a loader's threads to the consumer, bounded in bytes.
///
/// `@unchecked`: every variable is used with `condition` locked.
final class WindowQueue: @unchecked Sendable {
  /// A batch to be read.
  struct Task {
    /// Its place among all batches.
    let number: Int
    let epoch: Int
    let places: Range<Int>
  }

  private let condition = NSCondition()
  private let count: Int
  private let batchSize: Int
  /// Batches that may be read or waiting at a time.
  private let capacity: Int
  private let lastEpoch: Int?
  private var epoch: Int
  private var place: Int
  /// The first batch no thread has taken, and the one the consumer gets next.
  private var unclaimed = 0
  private var head = 0
  private var ready: [Int: Result<WindowBatch, any Error>] = [:]
  private var isCancelled = false
  /// Threads at work.
  private var workers: Int

  init(
    count: Int, batchSize: Int, batchBytes: Int, memoryLimit: Int, epoch: Int, place: Int,
    epochs: Int?, workers: Int
  ) {
    self.workers = workers
    (self.count, self.batchSize) = (count, batchSize)
    // Batches without pictures are small, but do not run ahead without end.
    capacity = min(max(memoryLimit / batchBytes, 1), 64)
    (self.epoch, self.place) = (epoch, place)
    lastEpoch = epochs.map { epoch + $0 - 1 }
  }

  private func locked<R>(_ body: () throws -> R) rethrows -> R {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  /// The next batch to read, when there is room for it; nil when there are no more.
  func claim() -> Task? {
    locked {
      while !isCancelled, unclaimed - head >= capacity { condition.wait() }
      if place >= count { (epoch, place) = (epoch + 1, 0) }
      if isCancelled || count == 0 || epoch > lastEpoch ?? .max { return nil }
      let task = Task(
        number: unclaimed, epoch: epoch, places: place..<min(place + batchSize, count))
      place = task.places.upperBound
      unclaimed += 1
      return task
    }
  }

  func deliver(_ task: Task, _ batch: Result<WindowBatch, any Error>) {
    locked {
      ready[task.number] = batch
      condition.broadcast()
    }
  }

  func cancel() {
    locked {
      isCancelled = true
      ready = [:]
      condition.broadcast()
      while workers > 0 { condition.wait() }
    }
  }

  /// Called by each thread as the last it does.
  func leave() {
    locked {
      workers -= 1
      condition.broadcast()
    }
  }

  func next() throws -> WindowBatch? {
    try locked {
      while !isCancelled {
        if let batch = ready[head] {
          // An error stays, and comes again.
          let batch = try batch.get()
          ready[head] = nil
          head += 1
          condition.broadcast()
          return batch
        }
        let isOver = place >= count && epoch >= lastEpoch ?? .max || epoch > lastEpoch ?? .max
        if isOver, head == unclaimed { return nil }
        condition.wait()
      }
      return nil
    }
  }
}
