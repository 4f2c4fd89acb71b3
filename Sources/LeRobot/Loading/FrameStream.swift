import Foundation
import Platform

/// The frames of many sources, in order, decoded ahead of the consumer by threads of its own.
///
/// Each thread decodes one source at a time; sources later in the list are decoded while earlier
/// ones are consumed, as far as the memory limit allows. Every frame is decoded once.
public final class FrameStream: Sendable {
  private let queue: FrameQueue

  /// Begins to decode.
  ///
  /// - Parameters:
  ///   - sources: what to decode, in the order in which `next` gives it.
  ///   - framesPerBlock: the most frames in a block.
  ///   - memoryLimit: bytes of decoded frames that wait or are being decoded; one block is always
  ///     allowed.
  ///   - threads: decoding threads in all; 0 for one a core.
  public init(
    _ dataset: Dataset, sources: [FrameSource], framesPerBlock: Int = 32,
    memoryLimit: Int = 256 << 20, threads: Int = 0
  ) {
    let threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    let workers = min(threads, max(sources.count, 1))
    let queue = FrameQueue(sources: sources.count, memoryLimit: memoryLimit, workers: workers)
    self.queue = queue
    var started = 0
    do {
      started = try startThreads(workers, named: "frames") { worker in
        // Threads that do not divide evenly go to the first workers' codecs.
        let codecThreads = threads / workers + (worker < threads % workers ? 1 : 0)
        while let index = queue.claim() {
          FrameStream.decode(
            dataset, sources[index], index, max(framesPerBlock, 1), codecThreads, into: queue)
        }
        queue.leave()
      }
    } catch {
      if !sources.isEmpty { queue.finish(0, error) }
    }
    for _ in started..<workers { queue.leave() }
  }

  deinit { queue.cancel() }

  /// The next block, in order; blocks until it is decoded. Nil after the last, or when cancelled.
  ///
  /// - Throws: the `DatasetError` of the first source that cannot be decoded, in its turn.
  public func next() throws -> FrameBlock? { try queue.next() }

  /// Stops the decoding and waits for its threads, which the program must not end under; `next`
  /// gives nil from now on.
  public func cancel() { queue.cancel() }

  private static func decode(
    _ dataset: Dataset, _ source: FrameSource, _ index: Int, _ framesAtOnce: Int, _ threads: Int,
    into queue: FrameQueue
  ) {
    do {
      let reader = try FrameReader(dataset, source, framesAtOnce: framesAtOnce, threads: threads)
      let frameBytes = reader.width * reader.height * 3
      var position = 0
      while position < source.episode.length {
        let reserved = min(reader.framesAtOnce, source.episode.length - position) * frameBytes
        guard queue.reserve(reserved, for: index) else { return }
        guard let pixels = try reader.read() else { break }
        let count = pixels.count / frameBytes
        let block = FrameBlock(
          source: source, sourceIndex: index, firstFrame: position, frameCount: count,
          width: reader.width, height: reader.height, pixels: pixels)
        queue.append(block, reserved: reserved)
        position += count
      }
      queue.finish(index, nil)
    } catch {
      queue.finish(index, error)
    }
  }
}

/// Blocks on their way from the decoding threads to the consumer, bounded in bytes.
///
/// `@unchecked`: every variable is used with `condition` locked.
private final class FrameQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private let memoryLimit: Int
  private var slots: [Slot]
  /// The first source no thread has taken.
  private var unclaimed = 0
  /// The source whose blocks the consumer gets.
  private var head = 0
  private var bytes = 0
  private var isCancelled = false
  /// Threads at work.
  private var workers: Int

  private struct Slot {
    var blocks: [FrameBlock] = []
    var isFinished = false
    var error: (any Error)?
  }

  init(sources: Int, memoryLimit: Int, workers: Int) {
    self.workers = workers
    slots = Array(repeating: Slot(), count: sources)
    self.memoryLimit = memoryLimit
  }

  private func locked<R>(_ body: () throws -> R) rethrows -> R {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  /// The next source to decode; nil when there is none.
  func claim() -> Int? {
    locked {
      guard !isCancelled, unclaimed < slots.count else { return nil }
      defer { unclaimed += 1 }
      return unclaimed
    }
  }

  /// Waits for room; false when the stream is cancelled. The source whose turn it is never waits
  /// for others: without that, later sources could fill the memory and starve it.
  func reserve(_ size: Int, for index: Int) -> Bool {
    locked {
      while !isCancelled {
        let isAwaited = index == head && slots[index].blocks.isEmpty
        if isAwaited || bytes + size <= memoryLimit {
          bytes += size
          return true
        }
        condition.wait()
      }
      return false
    }
  }

  func append(_ block: FrameBlock, reserved: Int) {
    locked {
      bytes += block.pixels.count - reserved
      slots[block.sourceIndex].blocks.append(block)
      condition.broadcast()
    }
  }

  func finish(_ index: Int, _ error: (any Error)?) {
    locked {
      slots[index].isFinished = true
      slots[index].error = error
      condition.broadcast()
    }
  }

  func cancel() {
    locked {
      isCancelled = true
      for index in slots.indices { slots[index].blocks = [] }
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

  func next() throws -> FrameBlock? {
    try locked {
      while !isCancelled, head < slots.count {
        if !slots[head].blocks.isEmpty {
          let block = slots[head].blocks.removeFirst()
          bytes -= block.pixels.count
          condition.broadcast()
          return block
        }
        if let error = slots[head].error {
          unclaimed = slots.count
          throw error
        }
        if slots[head].isFinished {
          head += 1
          condition.broadcast()
        } else {
          condition.wait()
        }
      }
      return nil
    }
  }
}
