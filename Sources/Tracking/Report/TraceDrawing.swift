extension Report.Traces {
  /// A row for each trace: its name and current number, its scale, and the drawing with a cursor.
  /// A drawing is as wide in its own units as there are frames; the page stretches it.
  var html: String {
    guard count > 0 else { return "" }
    var html =
      "<div class=\"traces\" data-fps=\"\(fps)\" data-frames=\"\(count)\">\n"
    if !values.isEmpty {
      let low = min(-1, finite(values).min() ?? -1)
      let high = max(0, finite(values).max() ?? 0)
      html += row("Value", "value", values.map(Self.text), scale: (low, high), curve(low, high))
    }
    if !advantages.isEmpty {
      let reach = max(finite(advantages).map(abs).max() ?? 0, 1e-3)
      html += row(
        "Advantage", "advantage", advantages.map(Self.text), scale: (-reach, reach), bars(reach))
    }
    if !indicators.isEmpty {
      let drawing =
        bands(indicators, true, "positive") + bands(indicators, false, "negative")
      html += row(
        "Indicator", "band", indicators.map { $0 ? "positive" : "negative" }, drawing)
    }
    if !interventions.isEmpty {
      html += row(
        "Intervention", "band", interventions.map { $0 ? "yes" : "no" },
        bands(interventions, true, "intervention"))
    }
    return html + time + "</div>\n"
  }

  private func row(
    _ name: String, _ kind: String, _ texts: [String], scale: (low: Float, high: Float)? = nil,
    _ drawing: String
  ) -> String {
    let ends =
      scale.map { "<span>\(Self.end($0.high))</span><span>\(Self.end($0.low))</span>" } ?? ""
    return """
      <div class="trace \(kind)" data-texts="\(texts.joined(separator: " "))">
      <div class="name">\(name) <output></output></div>
      <div class="scale">\(ends)</div>
      <div class="plot"><svg viewBox="0 0 \(count) 100" preserveAspectRatio="none" \
      role="img" aria-label="\(name) by frame">\(drawing)</svg>\
      <div class="cursor"></div></div>
      </div>

      """
  }

  private func curve(_ low: Float, _ high: Float) -> String {
    func y(_ value: Float) -> Double { Double((high - value) / (high - low)) * 100 }
    let places = values.enumerated().map { frame, value in
      value.isFinite ? (x: Double(frame) + 0.5, y: y(value)) : nil
    }
    let lines = [low, (low + high) / 2, high].map {
      "<path class=\"grid\" d=\"M0 \(Markup.length(y($0)))H\(count)\"/>"
    }
    return lines.joined() + "<path class=\"curve\" d=\"\(Report.LineChart.path(places))\"/>"
  }

  private func bars(_ reach: Float) -> String {
    let bars = advantages.enumerated().map { frame, value in
      guard value.isFinite else { return "" }
      return "M\(frame) 50V\(Markup.length(50 - 50 * Double(value / reach)))H\(frame + 1)V50Z"
    }
    return "<path class=\"bars\" d=\"\(bars.joined())\"/>"
      + "<path class=\"grid\" d=\"M0 50H\(count)\"/>"
  }

  /// A rectangle for each run of frames that are `wanted`.
  private func bands(_ flags: [Bool], _ wanted: Bool, _ name: String) -> String {
    var bands = ""
    var frame = 0
    while frame < flags.count {
      let end = flags[frame...].firstIndex { $0 != flags[frame] } ?? flags.count
      if flags[frame] == wanted {
        bands +=
          "<rect class=\"\(name)\" x=\"\(frame)\" y=\"0\" width=\"\(end - frame)\" height=\"100\"/>"
      }
      frame = end
    }
    return bands
  }

  private var time: String {
    let seconds = Double(count) / fps
    let axis = ChartAxis([0, seconds], isRounded: false, isWhole: true)
    let ticks = axis.ticks.map {
      "<span style=\"left:\(Markup.length(100 * $0 / seconds))%\">\(axis.text($0))</span>"
    }
    return "<div class=\"time\"><div class=\"name\">Seconds</div><div class=\"scale\"></div>"
      + "<div class=\"plot\">\(ticks.joined())</div></div>\n"
  }

  private func finite(_ numbers: [Float]) -> [Float] { numbers.filter(\.isFinite) }

  private static func text(_ value: Float) -> String {
    Markup.number(Double(value), decimals: 3)
  }

  private static func end(_ value: Float) -> String {
    Markup.number(Double(value), decimals: value == value.rounded() ? 0 : 2)
  }
}
