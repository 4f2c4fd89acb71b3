extension Report {
  /// Curves over a common axis, such as a loss by steps.
  public struct LineChart: Sendable {
    /// A named curve.
    public struct Series: Sendable {
      public var name: String
      /// In the order they are joined; a point that is not finite interrupts the line.
      public var points: [(x: Double, y: Double)]

      public init(_ name: String, _ points: [(x: Double, y: Double)]) {
        self.name = name
        self.points = points
      }
    }

    public var title: String
    /// What is measured along the axis, and in what: "steps".
    public var xAxis, yAxis: String
    /// The first seven differ in colour and dashes; more begin again.
    public var series: [Series]

    public init(title: String, xAxis: String, yAxis: String, series: [Series]) {
      self.title = title
      self.xAxis = xAxis
      self.yAxis = yAxis
      self.series = series
    }
  }
}

extension Report.LineChart {
  /// Units of the drawing.
  private static let (width, height) = (480.0, 300.0)
  private static let (left, right) = (58.0, 464.0)
  private static let (top, bottom) = (30.0, 252.0)
  private static let looks = 7

  var html: String {
    "<figure class=\"chart\">\n<figcaption>\(Markup.escaped(title))</figcaption>\n\(svg)\(legend)"
      + "</figure>\n"
  }

  private var legend: String {
    guard series.count > 1 else { return "" }
    let items = series.enumerated().map { number, series in
      "<li><svg viewBox=\"0 0 28 10\"><path class=\"curve look\(number % Self.looks)\" "
        + "d=\"M1 5H27\"/></svg>\(Markup.escaped(series.name))</li>\n"
    }
    return "<ul class=\"legend\">\n\(items.joined())</ul>\n"
  }

  private var svg: String {
    let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    let horizontal = ChartAxis(points.map(\.x), isRounded: false, isWhole: true)
    let vertical = ChartAxis(points.map(\.y), isRounded: true)
    let spoken =
      "\(title). \(yAxis) over \(xAxis): \(series.map(\.name).joined(separator: ", "))"
    var svg =
      "<svg viewBox=\"0 0 \(Markup.length(Self.width)) \(Markup.length(Self.height))\" "
      + "role=\"img\" aria-label=\"\(Markup.escaped(spoken))\">\n"
    let (left, right) = (Markup.length(Self.left), Markup.length(Self.right))
    for tick in vertical.ticks {
      let y = vertical.position(tick, from: Self.bottom, to: Self.top)
      svg +=
        "<line class=\"\(tick == vertical.low ? "axis" : "grid")\" x1=\"\(left)\" "
        + "x2=\"\(right)\" y1=\"\(Markup.length(y))\" y2=\"\(Markup.length(y))\"/>"
        + "<text class=\"tick end\" x=\"\(Markup.length(Self.left - 8))\" "
        + "y=\"\(Markup.length(y + 4.5))\">\(vertical.text(tick))</text>\n"
    }
    for tick in horizontal.ticks {
      let x = Markup.length(horizontal.position(tick, from: Self.left, to: Self.right))
      svg +=
        "<line class=\"axis\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(Markup.length(Self.bottom))\" "
        + "y2=\"\(Markup.length(Self.bottom + 4))\"/>"
        + "<text class=\"tick middle\" x=\"\(x)\" y=\"\(Markup.length(Self.bottom + 19))\">"
        + "\(horizontal.text(tick))</text>\n"
    }
    svg +=
      "<text class=\"title\" x=\"0\" y=\"14\">\(Markup.escaped(yAxis))</text>"
      + "<text class=\"title end\" x=\"\(right)\" y=\"\(Markup.length(Self.bottom + 40))\">"
      + "\(Markup.escaped(xAxis))</text>\n"
    for (number, series) in series.enumerated() {
      let look = "look\(number % Self.looks)"
      let places = series.points.map { point -> (x: Double, y: Double)? in
        guard point.x.isFinite, point.y.isFinite else { return nil }
        return (
          horizontal.position(point.x, from: Self.left, to: Self.right),
          vertical.position(point.y, from: Self.bottom, to: Self.top)
        )
      }
      svg += "<path class=\"curve \(look)\" d=\"\(Self.path(places))\"/>\n"
      guard places.count <= 24 else { continue }
      for case let (x, y)? in places {
        svg +=
          "<circle class=\"point \(look)\" cx=\"\(Markup.length(x))\" cy=\"\(Markup.length(y))\" "
          + "r=\"3\"/>"
      }
      svg += "\n"
    }
    if points.isEmpty {
      svg +=
        "<text class=\"label middle\" x=\"\(Markup.length((Self.left + Self.right) / 2))\" "
        + "y=\"\(Markup.length((Self.top + Self.bottom) / 2))\">nothing to show</text>\n"
    }
    return svg + "</svg>\n"
  }

  /// A line through the places; nil lifts the pen.
  static func path(_ places: [(x: Double, y: Double)?]) -> String {
    var path = ""
    var isDown = false
    for place in places {
      if let place {
        path += "\(isDown ? "L" : "M")\(Markup.length(place.x)) \(Markup.length(place.y))"
      }
      isDown = place != nil
    }
    return path
  }
}
