import Foundation
public import Platform

/// Frames of a dataset with windows around them, in batches, read ahead by threads of its own:
/// what LeRobot's data loader gives with `delta_timestamps`, straight from the files.
///
/// The order depends on seed and epoch alone, not on the number of threads, and a loader that is
/// told where another stopped goes on as that would have. Memory does not grow with the dataset:
/// frames are decoded when they are drawn, rows lie in a temporary file (`RowStore`).
public final class WindowLoader: Sendable {
  /// Frames in an epoch.
  public let frameCount: Int
  private let queue: WindowQueue

  /// Begins to load.
  ///
  /// - Parameters:
  ///   - windows: seconds around each frame by key, multiples of 1/fps, [0] for the frame itself;
  ///     a key of `dataset.cameras` or of a numeric column. Nothing else is loaded.
  ///   - episodes: the episodes to draw from; nil for all.
  ///   - batchSize: B; an epoch's last batch may be smaller.
  ///   - seed: decides the order, together with the epoch.
  ///   - epoch: the epoch to begin in.
  ///   - place: the place in that epoch's order to begin at.
  ///   - epochs: how many, the first included; nil for no end.
  ///   - textColumn: the column of task texts, where there is one; else the dataset's tasks.
  ///   - workers: threads; 0 for one a core.
  ///   - memoryLimit: bytes of pictures that wait or are being decoded; one batch always may be.
  /// - Throws: `DatasetError` for a window that is not a multiple of 1/fps, a key that does not
  ///   exist and a file that cannot be read.
  public init(
    _ dataset: Dataset, windows: NameDictionary<[Double]>, episodes: [Episode]? = nil,
    batchSize: Int,
    order: WindowOrder = .shuffled, seed: Int = 0, epoch: Int = 0, place: Int = 0,
    epochs: Int? = 1, textColumn: String = "instruction", workers: Int = 0,
    memoryLimit: Int = 1 << 30
  ) throws {
    guard batchSize > 0, place >= 0, epoch >= 0 else {
      fatalError("batches of \(batchSize) from place \(place) of epoch \(epoch)")
    }
    let plan = try WindowPlan(
      dataset, windows: windows, episodes: episodes, batchSize: batchSize, order: order, seed: seed,
      textColumn: textColumn)
    try plan.checkKeys(windows.keys.sorted())
    frameCount = plan.count
    let workers = workers > 0 ? workers : ProcessInfo.processInfo.activeProcessorCount
    let queue = WindowQueue(
      count: plan.count, batchSize: batchSize, batchBytes: max(plan.batchBytes, 1),
      memoryLimit: memoryLimit, epoch: epoch, place: place, epochs: epochs, workers: workers)
    self.queue = queue
    var started = 0
    defer { for _ in started..<workers { queue.leave() } }
    started = try startThreads(workers, named: "windows") { _ in
      WindowLoader.work(plan, queue)
      queue.leave()
    }
  }

  deinit { queue.cancel() }

  /// The next batch, in order; blocks until it is there. Nil after the last, or when cancelled.
  ///
  /// - Throws: the `DatasetError` of a batch that cannot be read, in its turn.
  public func next() throws -> WindowBatch? { try queue.next() }

  private static func work(_ plan: WindowPlan, _ queue: WindowQueue) {
    let reader = WindowReader(plan)
    while let task = queue.claim() {
      queue.deliver(task, Result { try reader.read(task.places, epoch: task.epoch) })
    }
  }

  /// Stops the threads and waits for them, which the program must not end under; `next` gives nil
  /// from now on.
  public func cancel() { queue.cancel() }
}
