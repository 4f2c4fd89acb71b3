internal import Foundation
internal import Hub
internal import Synchronization
internal import Tracking

/// Shows downloads on the console: one line that is redrawn on a terminal, a plain one about every ten
/// seconds elsewhere.
final class DownloadBar: Sendable {
  private struct State {
    var began = ContinuousClock.now
    /// Bytes that were here when it began.
    var first: Int?
    var lastLine: ContinuousClock.Instant?
  }

  private let console = Console.standardError()
  private let state = Mutex(State())

  func show(_ progress: HubProgress) {
    state.withLock { state in
      if state.first == nil { state = State(first: progress.bytesDone) }
      let seconds = (ContinuousClock.now - state.began) / .seconds(1)
      let rate = Double(progress.bytesDone - state.first!) / max(seconds, 0.001)
      let line = Self.line(progress, rate: seconds > 0.5 ? rate : nil)
      if console.isTerminal {
        // Carriage return, then "erase to the end of the line".
        console.write(
          "\r\(line.prefix(max(20, console.width() - 1)))\u{1b}[K" + (progress.isLast ? "\n" : ""))
      } else if progress.isLast
        || state.lastLine.map({ ContinuousClock.now - $0 > .seconds(10) }) ?? true
      {
        console.write(line + "\n")
        state.lastLine = .now
      }
      if progress.isLast { state = State() }
    }
  }

  private static func line(_ progress: HubProgress, rate: Double?) -> String {
    var parts = ["downloading \(progress.name)"]
    if let total = progress.bytesTotal {
      let share = total == 0 ? 1 : min(1, Double(progress.bytesDone) / Double(total))
      let full = Int(share * 20)
      parts.append(
        "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 20 - full) + "]")
      parts.append("\(Int(share * 100)) %")
      parts.append("\(size(progress.bytesDone)) of \(size(total))")
      if let rate, rate > 0, !progress.isLast {
        let rest = Int(min(Double(total - progress.bytesDone) / rate, 1e9))
        parts.append("\(size(Int(min(rate, 1e18))))/s")
        parts.append(String(format: "%d:%02d left", rest / 60, rest % 60))
      }
    } else {
      parts.append(size(progress.bytesDone))
    }
    parts.append("\(progress.filesDone) of \(progress.filesTotal) files")
    return parts.joined(separator: "  ")
  }

  private static func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1_000_000: String(format: "%.1f kB", Double(bytes) / 1e3)
    case ..<1_000_000_000: String(format: "%.1f MB", Double(bytes) / 1e6)
    default: String(format: "%.2f GB", Double(bytes) / 1e9)
    }
  }
}
