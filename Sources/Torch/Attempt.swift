import CTorch

/// What libtorch could not do within an ``attempt(_:)``, on one line.
public struct TorchError: Error, Sendable, CustomStringConvertible {
  /// Whether memory was wanting: there was too little, or no machine has as much.
  public let isOutOfMemory: Bool
  /// libtorch's reason.
  public let description: String
}

/// Runs the body; where an operation of libtorch fails in it, throws its reason in place of stopping.
///
/// Operators cannot throw. So an operation that fails gives an empty tensor, later ones of the body do
/// nothing and give empty ones as well, numbers read from them are NaN and arrays are empty, and when the
/// body ends the first failure is thrown, whatever else the body throws. Tensors of the body mean nothing
/// then, those that it changed in place are to be given up.
///
/// For the borders where sizes, data and memory of the user reach the networks. It holds for this thread,
/// and attempts may lie within one another.
public func attempt<R>(_ body: () throws -> R) throws -> R {
  let outer = ct_attempt_begin()
  let result = Result { try body() }
  let message = ct_attempt_now().has_failed ? libtorchMessage() : ""
  let now = ct_attempt_end(outer)
  if now.has_failed {
    throw TorchError(
      isOutOfMemory: now.is_out_of_memory,
      description: now.is_out_of_memory ? memoryMessage(message) : message)
  }
  return try result.get()
}

/// Whether an operation of the ``attempt(_:)`` around has failed, so that tensors may be empty.
public var attemptHasFailed: Bool { ct_attempt_now().has_failed }

/// Stops the program where the condition does not hold, which is a bug; but not in an ``attempt(_:)`` that has
/// failed, where tensors are empty.
@inline(__always)
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition, !attemptHasFailed { fatalError(message()) }
}

/// The product of sizes; where that is too large for a number, one that libtorch refuses as a size, and of
/// which a few may still be added.
public func saturated(_ sizes: Int...) -> Int {
  sizes.reduce(1) { product, size in
    let (result, isTooLarge) = product.multipliedReportingOverflow(by: size)
    return isTooLarge ? .max / 8 : min(result, .max / 8)
  }
}

/// The first line of libtorch's last message on this thread.
func libtorchMessage() -> String {
  let line = String(cString: ct_last_error()).prefix { $0 != "\n" }
  return line.isEmpty ? "unknown error" : String(line)
}

/// libtorch's message about memory in the words that it has for CUDA, without what only its authors need.
private func memoryMessage(_ message: String) -> String {
  // "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has … of which … is free. Process …"
  if let end = message.firstRange(of: " is free.") { return String(message[..<end.upperBound]) }
  // "[enforce fail at …] err == 0. DefaultCPUAllocator: … you tried to allocate 8000000000 bytes. …"
  if let bytes = message.firstMatch(of: /tried to allocate (\d+) bytes/) {
    let tenths = (Double(bytes.1) ?? 0) / Double(1 << 30) * 100
    return tenths < 1
      ? "CPU out of memory. Tried to allocate \(bytes.1) bytes."
      : "CPU out of memory. Tried to allocate \(tenths.rounded() / 100) GiB."
  }
  return message.contains("out of memory") ? message : "out of memory. \(message)"
}
