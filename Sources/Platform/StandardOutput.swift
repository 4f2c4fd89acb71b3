#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard output could not be written: what was printed is lost.
public struct OutputError: Error, Sendable, CustomStringConvertible {
  let number: Int32

  /// Whether there is nobody any more who reads it, as after `| head -n 1`.
  public var isReaderGone: Bool { number == EPIPE }

  public var description: String {
    "standard output cannot be written: \(errorText(number)); what was printed is not complete"
  }
}

/// The program's output, unbuffered: whoever waits for a line has it, and what is lost is an error.
public enum StandardOutput {
  /// - Throws: ``OutputError``.
  public static func write(_ text: String) throws {
    var text = text
    let number = text.withUTF8 { writeAll(STDOUT_FILENO, UnsafeRawBufferPointer($0)) }
    if number != 0 { throw OutputError(number: number) }
  }
}

/// What the program tells people beside its output: what cannot be shown is no reason to stop.
public enum StandardError {
  public static func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = writeAll(STDERR_FILENO, UnsafeRawBufferPointer($0)) }
  }
}

/// What a program does once, before anything else, so that writing fails with an error and in no other way.
public enum StandardStreams {
  /// Ignores the signals of a reader that is gone and of a limit on files, and opens /dev/null for streams
  /// that are closed: the next file to be opened would stand for them.
  public static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      // Output to it is lost, and fails.
      _ = open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR)
    }
  }
}

/// Writes bytes whole, also where the file does not block; the system's error number, 0 for none.
package func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
  var rest = bytes
  while !rest.isEmpty {
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count < 0 {
      switch errno {
      case EINTR: break
      case EAGAIN:
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wanted, 1, -1)
      default: return errno
      }
      continue
    }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }
  return 0
}
