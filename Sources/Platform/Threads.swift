import Foundation

/// The system gives no thread, most often for want of memory for its stack.
public struct ThreadError: Error, Sendable, CustomStringConvertible {
  let number: Int32

  public var description: String {
    "a thread cannot be started: \(errorText(number)); close other programs, or raise what this one may "
      + "have (ulimit -v, ulimit -u)"
  }
}

/// Starts threads that nobody joins: as many as are asked for, or fewer where the system gives no more.
///
/// Foundation's `Thread` says nothing where it could not be started, so that whoever waits for it waits for
/// ever.
///
/// - Parameters:
///   - stackSize: bytes; nil: what the system gives.
///   - body: gets the thread's number, counted from 0.
/// - Returns: how many were started, at least one.
/// - Throws: ``ThreadError`` where not one could be.
package func startThreads(
  _ count: Int = 1, named name: String, stackSize: Int? = nil,
  _ body: @escaping @Sendable (Int) -> Void
) throws -> Int {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  if let stackSize { pthread_attr_setstacksize(&attributes, stackSize) }
  for number in 0..<count {
    let work = Unmanaged.passRetained(Work(name: "\(name) \(number)") { body(number) })
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      if number == 0 { throw ThreadError(number: status) }
      return number
    }
  }
  return count
}

private final class Work: Sendable {
  private let name: String
  private let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }

  func run() {
    Thread.current.name = name
    body()
  }
}
