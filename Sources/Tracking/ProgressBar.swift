import Foundation
import Platform
import Synchronization

/// How far a stage is, on the console: share, rate, time gone, time left and the last metrics.
///
/// On a terminal it is one line that is redrawn at most ten times a second; elsewhere a plain line
/// about every ten seconds and one at the end of each stage. Messages go through ``message(_:)``,
/// from any thread, and come out above the bar.
public final class ProgressBar: MetricSink, Sendable {
  private let state: Mutex<State>

  /// Writes to standard error; without colour where `NO_COLOR` is set, and as plain lines where
  /// `TERM` is `dumb`.
  public convenience init() {
    self.init(
      console: .standardError(), clock: { ProcessInfo.processInfo.systemUptime })
  }

  package init(console: Console, clock: @escaping @Sendable () -> Double) {
    state = Mutex(State(console: console, clock: clock))
  }

  /// Begins a stage of `total` steps, `completed` of them done in an earlier run.
  public func start(_ title: String, total: Int, completed: Int = 0) {
    state.withLock { $0.start(title, total: total, completed: completed) }
  }

  /// Says how many steps of the stage are done.
  public func advance(to completed: Int) {
    state.withLock { $0.advance(to: completed) }
  }

  /// Shows the metrics of a record from now on, instead of those before.
  public func log(_ record: MetricRecord) {
    state.withLock { $0.metrics = record.values }
  }

  /// Writes a line above the bar.
  public func message(_ text: String) {
    state.withLock { $0.message(text) }
  }

  /// Ends the stage: what is shown stays on the console.
  public func endStage() {
    state.withLock { $0.end() }
  }

  public func finish(exitCode: Int) { endStage() }
}

/// What a progress bar writes on.
package struct Console: Sendable {
  package var isTerminal: Bool
  package var usesColor: Bool
  package var usesBlocks: Bool
  /// Columns, asked for at each redraw.
  package var width: @Sendable () -> Int
  package var write: @Sendable (String) -> Void

  package init(
    isTerminal: Bool, usesColor: Bool, usesBlocks: Bool, width: @escaping @Sendable () -> Int,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.usesColor = usesColor
    self.usesBlocks = usesBlocks
    self.width = width
    self.write = write
  }

  package static func standardError() -> Console {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    return Console(
      isTerminal: isTerminal,
      usesColor: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty,
      usesBlocks: locale?.uppercased().replacing("-", with: "").contains("UTF8") ?? false,
      width: {
        var size = winsize()
        if ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
          return Int(size.ws_col)
        }
        return environment["COLUMNS"].flatMap { Int($0) } ?? 80
      },
      write: StandardError.write)
  }
}
