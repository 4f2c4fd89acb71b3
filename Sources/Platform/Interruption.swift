import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A signal asked the program to end, and the work was left at a good moment.
public struct Interrupted: Error, Sendable, CustomStringConvertible {
  /// SIGINT, SIGTERM or SIGHUP.
  public let signal: Int32
  /// What of the work is kept, as "run/checkpoint_step_00000007.pt is saved"; nil where nothing is.
  public var kept: String?

  /// What a shell gives a process that the signal ended.
  public var exitStatus: Int32 { 128 + signal }

  public var description: String { "interrupted" + (kept.map { ": \($0)" } ?? "") }
}

/// Whether a signal asked the program to end: ^C, TERM or HUP.
///
/// Long work looks here between its steps. Only a program's `main` has signals handled; to a library's user
/// they do what they always did.
public enum Interruption {
  /// Has the first of these signals be noted, and a second one end the program at once.
  ///
  /// A signal that is ignored from the start, as by `nohup`, stays so.
  public static func handleSignals() {
    received.store(0, ordering: .relaxed)
    isOnTerminal.store(isatty(STDERR_FILENO) == 1, ordering: .relaxed)
    var asked = sigset_t()
    sigemptyset(&asked)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      sigaddset(&asked, number)
      let before = signal(number, note)
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
    // Blocked in a process that a thread of a pool has started.
    pthread_sigmask(SIG_UNBLOCK, &asked, nil)
  }

  /// Whether the program is to end.
  public static var isAsked: Bool { received.load(ordering: .relaxed) != 0 }

  /// Throws where the program is to end.
  ///
  /// - Parameter kept: what of the work is kept, in words.
  /// - Throws: ``Interrupted``.
  public static func check(kept: @autoclosure () -> String? = nil) throws {
    let signal = received.load(ordering: .relaxed)
    if signal != 0 { throw Interrupted(signal: signal, kept: kept()) }
  }
}

/// The signal that came first; 0 before.
private let received = Atomic<Int32>(0)
private let isOnTerminal = Atomic<Bool>(false)

/// What a signal does; nothing but what may be done in a signal handler.
private func note(_ signal: Int32) {
  guard received.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged else {
    _exit(128 + signal)
  }
  guard isOnTerminal.load(ordering: .relaxed) else { return }
  let before = errno
  let text: StaticString = "\nrecap: ending at the next good moment; once more ends at once\n"
  _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  errno = before
}
