#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program's input in lines, read so that a signal ends the waiting.
public final class StandardInput {
  public enum Line {
    case bytes([UInt8])
    /// More than ``longestLine`` bytes, which are skipped.
    case tooLong
  }

  /// Bytes of a line that are kept at most: a picture of a hundred megapixels in base64 is shorter.
  public static let longestLine = 1 << 28

  private let longest: Int
  private let descriptor: Int32
  /// What is read and not given out yet; the first `searched` bytes have no line's end.
  private var buffer: [UInt8] = []
  private var searched = 0
  private var isSkipping = false
  private var isAtEnd = false

  public convenience init() {
    self.init(descriptor: STDIN_FILENO, longest: Self.longestLine)
  }

  package init(descriptor: Int32, longest: Int) {
    self.descriptor = descriptor
    self.longest = longest
  }

  /// The next line without its end; nil after the last, which may lack an end.
  ///
  /// - Throws: ``Interrupted``; ``FileError`` where there is nothing to read from.
  public func line() throws -> Line? {
    try Interruption.check()
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeFirst(end + 1) }
        return take(buffer[..<end])
      }
      searched = buffer.count
      if isAtEnd {
        defer { buffer = [] }
        return buffer.isEmpty && !isSkipping ? nil : take(buffer[...])
      }
      if isSkipping || buffer.count > longest {
        (buffer, searched, isSkipping) = ([], 0, true)
      }
      try fill()
    }
  }

  /// All that is left of the input.
  public func readAll() throws -> [UInt8] {
    while !isAtEnd { try fill() }
    defer { buffer = [] }
    return buffer
  }

  private func take(_ line: ArraySlice<UInt8>) -> Line {
    defer { (searched, isSkipping) = (0, false) }
    return isSkipping || line.count > longest ? .tooLong : .bytes(Array(line))
  }

  private func fill() throws {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // Another thread may be the one that a signal wakes.
    while poll(&wanted, 1, 100) <= 0 { try Interruption.check() }
    try Interruption.check()
    let start = buffer.count
    let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { piece in
      let count = read(descriptor, piece.baseAddress, piece.count)
      if count > 0 { buffer += UnsafeRawBufferPointer(rebasing: piece[..<count]) }
      return count
    }
    if count < 0, errno != EINTR, errno != EAGAIN {
      throw FileError("standard input", "cannot be read: \(errorText(errno))")
    }
    isAtEnd = count == 0 && buffer.count == start
  }
}
