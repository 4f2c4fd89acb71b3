/// The strip below an episode's pictures: a row for each trace, steps from left to right.
struct TracePanel {
  /// What a row shows.
  private enum Trace {
    case values([Float], low: Float, high: Float)
    case advantages([Float], reach: Float)
    case indicators([Bool])
    case interventions([Bool])
  }

  private struct Row {
    var trace: Trace
    var top: Int
    var height: Int
  }

  private let steps: Int
  private let left: Int
  private let width: Int
  private var rows: [Row] = []
  /// Where the strip ends.
  private(set) var bottom: Int

  /// - Parameters:
  ///   - x: where the labels begin.
  ///   - right: where the drawings end.
  init(
    _ traces: EpisodeTraces, interventions: [Bool], steps: Int, x: Int, right: Int, top: Int
  ) {
    self.steps = steps
    labels = x
    left = x + TracePanel.labelWidth
    width = right - left
    bottom = top
    if !traces.values.isEmpty {
      let finite = traces.values.filter(\.isFinite)
      add(
        .values(traces.values, low: min(-1, finite.min() ?? -1), high: max(0, finite.max() ?? 0)),
        height: 88)
    }
    if !traces.advantages.isEmpty {
      let reach = traces.advantages.filter(\.isFinite).map(abs).max() ?? 0
      add(.advantages(traces.advantages, reach: max(reach, 1e-3)), height: 56)
    }
    if !traces.indicators.isEmpty { add(.indicators(traces.indicators), height: 16) }
    if interventions.contains(true) { add(.interventions(interventions), height: 16) }
  }

  private let labels: Int
  private static let labelWidth = 172
  private static let gap = 10

  private mutating func add(_ trace: Trace, height: Int) {
    let top = bottom + (rows.isEmpty ? 0 : TracePanel.gap)
    rows.append(Row(trace: trace, top: top, height: height))
    bottom = top + height
  }

  // MARK: - Drawing

  /// Draws what is the same in every frame: names, scales, and all of the traces, faintly.
  func drawBackground(on canvas: inout Canvas) {
    for row in rows {
      canvas.fill(x: left, y: row.top, width: width, height: row.height, Palette.plot)
      let name =
        switch row.trace {
        case .values: "Value"
        case .advantages: "Advantage"
        case .indicators: "Indicator"
        case .interventions: "Intervention"
        }
      let isBand = row.height < 30
      canvas.text(name, x: labels, y: row.top + (isBand ? 1 : 4), scale: 2, Palette.quiet)
      switch row.trace {
      case .values(_, let low, let high):
        for value in [low, (low + high) / 2, high] {
          let y = place(value, low, high, in: row)
          canvas.fill(x: left, y: Int(y), width: width, height: 1, Palette.grid)
        }
        write(high, y: row.top, on: &canvas)
        write(low, y: row.top + row.height - 7, on: &canvas)
      case .advantages(_, let reach):
        canvas.fill(
          x: left, y: row.top + row.height / 2, width: width, height: 1, Palette.grid)
        write(reach, y: row.top, on: &canvas)
        write(-reach, y: row.top + row.height - 7, on: &canvas)
      case .indicators, .interventions: break
      }
      draw(row, upTo: steps - 1, opacity: 0.35, on: &canvas)
    }
  }

  /// Draws the traces up to a step, its numbers, and where it is.
  func draw(step: Int, on canvas: inout Canvas) {
    for row in rows {
      draw(row, upTo: step, opacity: 1, on: &canvas)
      let number =
        switch row.trace {
        case .values(let values, _, _): TracePanel.text(values[step], decimals: 3)
        case .advantages(let all, _): TracePanel.text(all[step], decimals: 3, isSigned: true)
        case .indicators, .interventions: ""
        }
      canvas.text(number, x: labels, y: row.top + 26, scale: 2, Palette.ink)
    }
    guard let first = rows.first else { return }
    canvas.fill(
      x: (edge(step) + edge(step + 1)) / 2 - 1, y: first.top - 3, width: 2,
      height: bottom - first.top + 6, Palette.ink)
  }

  private func draw(_ row: Row, upTo last: Int, opacity: Double, on canvas: inout Canvas) {
    func color(_ color: Color) -> Color { color.mixed(opacity, with: Palette.plot) }
    func band(_ step: Int, _ name: Color) {
      canvas.fill(
        x: edge(step), y: row.top, width: edge(step + 1) - edge(step), height: row.height,
        color(name))
    }
    switch row.trace {
    case .values(let values, let low, let high):
      var previous: SIMD2<Double>?
      for step in 0...last {
        guard values[step].isFinite else {
          previous = nil
          continue
        }
        let x = Double(left) + (Double(step) + 0.5) * Double(width) / Double(steps)
        let next = SIMD2(x, place(values[step], low, high, in: row))
        canvas.line(from: previous ?? next, to: next, thickness: 2.5, color(Palette.value))
        previous = next
      }
    case .advantages(let advantages, let reach):
      let middle = row.top + row.height / 2
      for step in 0...last where advantages[step].isFinite {
        let size = Double(row.height / 2 - 2) * Double(advantages[step] / reach)
        let height = Int(abs(size).rounded())
        canvas.fill(
          x: edge(step), y: size > 0 ? middle - height : middle + 1,
          width: max(1, edge(step + 1) - edge(step)), height: height, color(Palette.advantage))
      }
    case .indicators(let indicators):
      for step in 0...last { band(step, indicators[step] ? Palette.positive : Palette.negative) }
    case .interventions(let interventions):
      for step in 0...last where interventions[step] { band(step, Palette.intervention) }
    }
  }

  /// Where a step begins.
  private func edge(_ step: Int) -> Int { left + step * width / steps }

  /// The height of a value in its row, with room for the line's thickness.
  private func place(_ value: Float, _ low: Float, _ high: Float, in row: Row) -> Double {
    Double(row.top + 3) + Double((high - value) / (high - low)) * Double(row.height - 6)
  }

  private func write(_ end: Float, y: Int, on canvas: inout Canvas) {
    let text = TracePanel.text(end, decimals: end == end.rounded() ? 0 : 2)
    canvas.text(
      text, x: left - 5 - Canvas.width(of: text, scale: 1), y: y, scale: 1, Palette.quiet)
  }

  /// "-0.412", and "+0.030" where a plus is wanted; a dash for what is not a number.
  static func text(_ number: Float, decimals: Int, isSigned: Bool = false) -> String {
    guard number.isFinite, abs(number) < 1e6 else { return number.isNaN ? "-" : "\(number)" }
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let units = Int((Double(number) * Double(scale)).rounded())
    let rest = String(abs(units) % scale)
    let digits = String(repeating: "0", count: max(0, decimals - rest.count)) + rest
    let sign = units < 0 ? "-" : units > 0 && isSigned ? "+" : ""
    return sign + String(abs(units) / scale) + (decimals > 0 ? "." + digits : "")
  }
}
