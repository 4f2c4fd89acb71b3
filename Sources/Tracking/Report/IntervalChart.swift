extension Report {
  /// Measured values with their intervals, a bar each: success before and after, say.
  public struct IntervalChart: Sendable {
    /// A value and what it may as well be.
    public struct Row: Sendable {
      public var label: String
      public var value: Double
      /// The ends of the interval; nil where it is not known.
      public var low, high: Double?
      /// Whether the bar stands out.
      public var isHighlighted: Bool

      public init(
        _ label: String, _ value: Double, low: Double? = nil, high: Double? = nil,
        isHighlighted: Bool = false
      ) {
        self.label = label
        self.value = value
        (self.low, self.high) = (low, high)
        self.isHighlighted = isHighlighted
      }
    }

    public var title: String
    /// What is measured, and in what: "successes an hour, with 95% intervals".
    public var axis: String
    /// Whether values are shares: 0.5 reads 50%, and the axis goes from 0 to 100%.
    public var isPercent: Bool
    public var rows: [Row]

    public init(title: String, axis: String = "", isPercent: Bool = false, rows: [Row]) {
      self.title = title
      self.axis = axis
      self.isPercent = isPercent
      self.rows = rows
    }
  }
}

extension Report.IntervalChart {
  /// Units of the drawing: a row is a line of text and, below it, the bar.
  private static let width = 480.0
  private static let (left, right) = (18.0, 458.0)
  private static let (textHeight, barHeight) = (18.0, 14.0)

  /// Lines of text in a row: a second one for the numbers where they have no room beside a label.
  private var lines: Double {
    let format: ChartAxis.Format = isPercent ? .percent : .number
    return rows.contains { $0.label.count + Self.reading($0, format).count > 46 } ? 2 : 1
  }

  private var rowHeight: Double { 30 + lines * Self.textHeight }

  var html: String {
    "<figure class=\"chart\">\n<figcaption>\(Markup.escaped(title))</figcaption>\n\(svg)</figure>\n"
  }

  private var svg: String {
    let format: ChartAxis.Format = isPercent ? .percent : .number
    let reach = rows.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }
    let scale = ChartAxis(reach + (isPercent ? [0, 1] : [0]), isRounded: true, format: format)
    func x(_ value: Double) -> Double {
      scale.position(value, from: Self.left, to: Self.right)
    }
    let bottom = Double(rows.count) * rowHeight
    let height = bottom + (axis.isEmpty ? 28 : 48)
    let spoken = rows.map { "\($0.label): \(Self.reading($0, format))" }.joined(separator: "; ")
    var svg =
      "<svg viewBox=\"0 0 \(Markup.length(Self.width)) \(Markup.length(height))\" role=\"img\" "
      + "aria-label=\"\(Markup.escaped("\(title). \(spoken)"))\">\n"
    for tick in scale.ticks {
      let place = Markup.length(x(tick))
      svg +=
        "<line class=\"\(tick == 0 ? "axis" : "grid")\" x1=\"\(place)\" x2=\"\(place)\" y1=\"4\" "
        + "y2=\"\(Markup.length(bottom + 4))\"/>"
        + "<text class=\"tick middle\" x=\"\(place)\" y=\"\(Markup.length(bottom + 20))\">"
        + "\(scale.text(tick))</text>\n"
    }
    for (number, row) in rows.enumerated() {
      svg += drawing(of: row, top: Double(number) * rowHeight, x: x, format)
    }
    if !axis.isEmpty {
      svg +=
        "<text class=\"title middle\" x=\"\(Markup.length((Self.left + Self.right) / 2))\" "
        + "y=\"\(Markup.length(bottom + 40))\">\(Markup.escaped(axis))</text>\n"
    }
    return svg + "</svg>\n"
  }

  private func drawing(
    of row: Row, top: Double, x: (Double) -> Double, _ format: ChartAxis.Format
  ) -> String {
    let barTop = top + 6 + lines * Self.textHeight
    var svg =
      "<text class=\"label\" x=\"\(Markup.length(Self.left))\" y=\"\(Markup.length(top + 17))\">"
      + "\(Markup.escaped(row.label))</text>"
      + "<text class=\"reading end\" x=\"\(Markup.length(Self.right))\" "
      + "y=\"\(Markup.length(barTop - 7))\">\(Self.reading(row, format))</text>\n"
    guard row.value.isFinite else { return svg }
    let ends = [x(0), x(row.value)].sorted()
    svg +=
      "<rect class=\"bar\(row.isHighlighted ? " highlighted" : "")\" "
      + "x=\"\(Markup.length(ends[0]))\" y=\"\(Markup.length(barTop))\" "
      + "width=\"\(Markup.length(ends[1] - ends[0]))\" "
      + "height=\"\(Markup.length(Self.barHeight))\"/>\n"
    guard let low = row.low, let high = row.high, low.isFinite, high.isFinite else { return svg }
    let (from, to) = (Markup.length(x(low)), Markup.length(x(high)))
    let middle = barTop + Self.barHeight / 2
    let (upper, lower) = (Markup.length(middle - 5), Markup.length(middle + 5))
    return svg
      + "<path class=\"interval\" d=\"M\(from) \(Markup.length(middle))H\(to)"
      + "M\(from) \(upper)V\(lower)M\(to) \(upper)V\(lower)\"/>\n"
  }

  /// "62% [55%, 69%]".
  private static func reading(_ row: Row, _ format: ChartAxis.Format) -> String {
    let value = ChartAxis.text(row.value, format)
    guard let low = row.low, let high = row.high else { return value }
    return "\(value) [\(ChartAxis.text(low, format)), \(ChartAxis.text(high, format))]"
  }
}
