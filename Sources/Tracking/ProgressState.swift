import Foundation

/// The state behind a progress bar, and how it is drawn.
extension ProgressBar {
  struct State {
    let console: Console
    let clock: @Sendable () -> Double
    var metrics: [(name: String, value: Double)] = []

    private var title = ""
    private var total = 0
    private var completed = 0
    private var isActive = false
    private var isDrawn = false
    private var startTime = 0.0
    private var lastDraw = -Double.infinity
    /// Times and steps about a second apart, for the rate of the last half minute.
    private var samples: [(time: Double, completed: Int)] = []

    init(console: Console, clock: @escaping @Sendable () -> Double) {
      self.console = console
      self.clock = clock
    }

    mutating func start(_ title: String, total: Int, completed: Int) {
      end()
      self.title = Self.oneLine(title)
      self.total = max(total, 0)
      self.completed = completed
      metrics = []
      isActive = true
      startTime = clock()
      samples = [(startTime, completed)]
      lastDraw = console.isTerminal ? -.infinity : startTime
      if console.isTerminal { draw(at: startTime) }
    }

    mutating func advance(to completed: Int) {
      guard isActive else { return }
      self.completed = completed
      let time = clock()
      if time - samples[samples.count - 1].time >= 1 {
        samples.append((time, completed))
        if samples.count > 31 { samples.removeFirst() }
      }
      if time - lastDraw >= (console.isTerminal ? 0.1 : 10) { draw(at: time) }
    }

    mutating func message(_ text: String) {
      if isDrawn { console.write("\r\u{1B}[K") }
      isDrawn = false
      console.write(text + "\n")
      if isActive && console.isTerminal { draw(at: clock()) }
    }

    mutating func end() {
      guard isActive else { return }
      draw(at: clock())
      if isDrawn { console.write("\n") }
      isDrawn = false
      isActive = false
    }

    private mutating func draw(at time: Double) {
      lastDraw = time
      if console.isTerminal {
        console.write("\r" + bar(at: time) + "\u{1B}[K")
        isDrawn = true
      } else {
        console.write(
          "\(title) \(count) (\(percent)%)" + text(after: ", ", [timing(at: time), metricText])
            + "\n")
      }
    }

    /// The line on a terminal: shorter than it is wide, so that it never wraps; what does not fit
    /// is cut from the end, the bar itself taking up to 24 columns of what is left over.
    private func bar(at time: Double) -> String {
      let width = max(console.width() - 1, 10)
      let left = "\(title) \(Self.padded(percent, 3))% "
      let right = " \(count)" + text(after: "  ", [timing(at: time), metricText])
      let room = min(24, width - left.count - right.count)
      guard room >= 6 else {
        return String((left + right.dropFirst()).prefix(width))
      }
      let share = total > 0 ? Double(min(max(completed, 0), total)) / Double(total) : 0
      let filled = Int(share * Double(room))
      let (full, empty) = console.usesBlocks ? ("█", "░") : ("#", ".")
      let line = String(repeating: full, count: filled)
      let rest = String(repeating: empty, count: room - filled)
      let drawn = console.usesColor ? "\u{1B}[32m\(line)\u{1B}[2m\(rest)\u{1B}[0m" : line + rest
      return left + drawn + right
    }

    private var percent: Int {
      total > 0 ? Int(100 * Double(min(completed, total)) / Double(total)) : 100
    }

    private var count: String { "\(completed)/\(total)" }

    private func timing(at time: Double) -> String {
      let elapsed = time - startTime
      var text = "\(Self.duration(elapsed)) gone"
      let first = samples[0]
      let (steps, seconds) = (completed - first.completed, time - first.time)
      if steps > 0 && seconds > 0 {
        let rate = Double(steps) / seconds
        let remaining = Double(max(total - completed, 0)) / rate
        text = "\(Self.rate(rate))  \(text), \(Self.duration(remaining)) left"
      }
      return text
    }

    private var metricText: String {
      metrics.map { "\(Self.oneLine($0.name)) \(Self.short($0.value))" }.joined(separator: "  ")
    }

    private func text(after separator: String, _ parts: [String]) -> String {
      parts.filter { !$0.isEmpty }.map { separator + $0 }.joined()
    }

    // MARK: - Figures

    static func rate(_ rate: Double) -> String {
      rate >= 1 ? "\(short(rate))/s" : "\(short(1 / rate)) s each"
    }

    /// Hours, minutes and seconds: 0:01:05.
    static func duration(_ seconds: Double) -> String {
      let whole = Int(min(max(seconds, 0), 359_999_999).rounded())
      return "\(whole / 3600):\(padded(whole / 60 % 60, 2, "0")):\(padded(whole % 60, 2, "0"))"
    }

    /// Four significant digits.
    static func short(_ value: Double) -> String { String(format: "%.4g", value) }

    static func padded(_ value: Int, _ width: Int, _ fill: String = " ") -> String {
      let text = String(value)
      return String(repeating: fill, count: max(0, width - text.count)) + text
    }

    private static func oneLine(_ text: String) -> String {
      String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
    }
  }
}
