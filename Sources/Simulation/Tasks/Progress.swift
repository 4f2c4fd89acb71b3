/// Whether an episode gets on, from what is left to do, in metres.
struct Progress {
  /// The least that was left so far.
  private var best: Double
  private var now: Double
  /// Control steps since it last became less by a noticeable bit.
  private var idle = 0

  init(remaining: Double = .infinity) {
    (best, now) = (remaining, remaining)
  }

  /// After every control step.
  mutating func note(_ remaining: Double) {
    now = remaining
    idle += 1
    if remaining < best - 0.008 { (best, idle) = (remaining, 0) }
  }

  /// Whether nothing was gained for 20 control steps.
  var hasStalled: Bool { idle >= 20 }

  /// Whether more than so many metres of what was gained are lost.
  func isUndone(by distance: Double) -> Bool { now > best + distance }
}
