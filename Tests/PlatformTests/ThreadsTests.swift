import Foundation
import Platform
import Synchronization
import Testing

@Suite struct ThreadsTests {
  @Test func everyThreadRuns() throws {
    let seen = Mutex<[Int: String]>([:])
    let done = DispatchSemaphore(value: 0)
    let started = try startThreads(5, named: "worker") { number in
      seen.withLock { $0[number] = Thread.current.name }
      done.signal()
    }
    for _ in 0..<started { done.wait() }
    #expect(started == 5 && seen.withLock { $0.keys.sorted() } == [0, 1, 2, 3, 4])
    #expect(seen.withLock { $0[3] } == "worker 3")
  }

  /// A stack that no memory holds stands for a machine without memory.
  @Test func whereThereIsNoneItIsSaid() {
    #expect(
      message { _ = try startThreads(named: "x", stackSize: 1 << 60) { _ in } }
        .hasPrefix("a thread cannot be started: "))
  }
}
