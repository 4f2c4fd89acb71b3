import Foundation

/// Groups of episodes on their way from the workers to the consumer, in order, not far ahead of it.
///
/// `@unchecked`: every variable is used with `condition` locked.
final class GroupQueue: @unchecked Sendable {
  /// A group's episodes in order; of one that failed those before the first that is incomplete.
  struct Finished: Sendable {
    var episodes: [SimulatedEpisode]
    var error: (any Error)?
  }

  private let condition = NSCondition()
  private let count: Int
  /// Groups that may be at work or waiting at a time.
  private let capacity: Int
  private var unclaimed = 0
  private var head = 0
  private var ready: [Int: Finished] = [:]
  private var cancelled = false
  /// Threads that have not ended.
  private var workers: Int

  init(count: Int, workers: Int) {
    (self.count, self.workers) = (count, workers)
    capacity = workers + 1
  }

  private func locked<R>(_ body: () throws -> R) rethrows -> R {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  /// The next group to run, when there is room for it; nil when there are no more.
  func claim() -> Int? {
    locked {
      while !cancelled, unclaimed < count, unclaimed - head >= capacity { condition.wait() }
      guard !cancelled, unclaimed < count else { return nil }
      defer { unclaimed += 1 }
      return unclaimed
    }
  }

  func put(_ finished: Finished, number: Int) {
    locked {
      ready[number] = finished
      condition.broadcast()
    }
  }

  /// The next group in order, waited for; nil after the last.
  func take() -> Finished? {
    locked {
      guard head < count else { return nil }
      while ready[head] == nil { condition.wait() }
      defer {
        head += 1
        condition.broadcast()
      }
      return ready.removeValue(forKey: head)
    }
  }

  /// Whether nobody wants the rest.
  var isCancelled: Bool { locked { cancelled } }

  /// Tells the workers to end, and waits until they have.
  func close() {
    locked {
      cancelled = true
      condition.broadcast()
      while workers > 0 { condition.wait() }
    }
  }

  /// The last thing that a worker does.
  func leave() {
    locked {
      workers -= 1
      condition.broadcast()
    }
  }
}
