import Foundation
import Testing
import Tracking

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportTests {
  private let film: [UInt8] = (0..<200).map { UInt8($0 * 7 & 255) }

  private func page(_ figures: [Report.Figure], text: String = "") -> String {
    var report = Report(title: "T", introduction: "")
    report.add(.init("H", text, figures: figures))
    return report.html
  }

  /// A page with everything in it, and markup in every text.
  private func everything(_ text: String) -> String {
    var report = Report(title: text, introduction: "\(text)\n\n\(text)")
    report.add(
      .init(
        text, text,
        figures: [
          .intervals(
            .init(
              title: text, axis: text, isPercent: true,
              rows: [.init(text, 0.5, low: 0.4, high: 0.6, isHighlighted: true), .init("", .nan)])),
          .lines(
            .init(
              title: text, xAxis: text, yAxis: text,
              series: [.init(text, [(0, 1), (1, .nan), (2, 3)]), .init(text, [])])),
          .table(
            .init(
              columns: [.text(text), .number(text)], rows: [[text, text], ["", "1"]],
              highlighted: 1, caption: text)),
          .video(
            .init(
              mp4: film, caption: text,
              traces: .init(
                fps: 10, values: [-0.5, .nan, 0], advantages: [0.1, -0.2, .infinity],
                indicators: [true, false, true], interventions: [false, false, true]))),
        ]))
    return report.html
  }

  /// What an XML parser makes of a page. FoundationXML's `parse` returns true for much that is
  /// malformed, so the errors it reports and the open elements are counted.
  private final class Reading: NSObject, XMLParserDelegate {
    private(set) var texts: [(element: String, text: String)] = []
    private(set) var errors: [String] = []
    private(set) var open = 0
    private var text = ""

    init(_ html: String) {
      super.init()
      let parser = XMLParser(data: Data(html.utf8))
      parser.delegate = self
      if !parser.parse() { errors.append("parse") }
    }

    var isWellFormed: Bool { errors.isEmpty && open == 0 && !texts.isEmpty }

    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
      errors.append("line \(parser.lineNumber): \(error)")
    }
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      open += 1
      text = ""
    }
    func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }
    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      open -= 1
      texts.append((name, text))
      text = ""
    }
  }

  @Test func textIsEscapedAndThePageIsWellFormed() {
    let text = #"</p><script>alert("&amp;' é 😀")</script>"#
    let html = everything(text)
    let reading = Reading(html)
    #expect(reading.isWellFormed, "\(reading.errors), \(reading.open) open")
    let elements = Set(reading.texts.filter { $0.text == text }.map(\.element))
    #expect(
      elements.isSuperset(of: [
        "title", "h1", "h2", "p", "th", "td", "figcaption", "text", "li",
      ]),
      "\(elements)")
    #expect(html.components(separatedBy: "<script>").count == 2, "the page's own script only")
    #expect(page([], text: "a\u{0}b\u{1B}c").contains("<p>a\u{FFFD}b\u{FFFD}c</p>"))
    #expect(!Reading(html.replacing("</section>", with: "")).isWellFormed, "the check can fail")
    #expect(!Reading(html.replacing("&lt;", with: "<")).isWellFormed, "the check can fail")
  }

  @Test func nothingIsLoadedFromElsewhere() {
    let html = everything("text")
    for word in ["http:", "https:", "//", "@import", "url(", "<link", "<img", "<iframe"] {
      #expect(!html.replacing(base64, with: "").contains(word), "\(word)")
    }
    let sources = html.components(separatedBy: " src=\"").dropFirst()
    #expect(sources.count == 1 && sources.allSatisfy { $0.hasPrefix("data:video/mp4;base64,") })
  }

  private var base64: String { Data(film).base64EncodedString() }

  @Test func theFilmIsInThePage() {
    #expect(
      page([.video(.init(mp4: film, caption: ""))])
        .contains("src=\"data:video/mp4;base64,\(base64)\"></video>"))
  }

  /// The axis goes from 18 to 458: a half is 238, 0.4 is 194 and 0.6 is 282. The second row begins
  /// 48 further down.
  @Test func barsAndIntervalsLieWhereTheAxisSaysSo() {
    let html = page([
      .intervals(
        .init(
          title: "", isPercent: true,
          rows: [
            .init("before", 0.5, low: 0.4, high: 0.6),
            .init("after", 0.75, isHighlighted: true),
          ]))
    ])
    #expect(html.contains(#"<rect class="bar" x="18" y="24" width="220" height="14"/>"#))
    #expect(html.contains(#"d="M194 31H282M194 26V36M282 26V36"/>"#))
    #expect(html.contains(">50% [40%, 60%]</text>"))
    #expect(
      html.contains(#"<rect class="bar highlighted" x="18" y="72" width="330" height="14"/>"#))
    #expect(html.contains(#"<text class="tick middle" x="106" y="116">20%</text>"#))
    #expect(html.contains(#"<text class="tick middle" x="458" y="116">100%</text>"#))
  }

  @Test func numbersGoBelowALabelThatLeavesThemNoRoom() {
    func rows(_ label: String) -> String {
      page([.intervals(.init(title: "", rows: [.init(label, 1), .init("b", 2)]))])
    }
    // Four characters are the number's.
    #expect(rows(String(repeating: "a", count: 42)).contains(#"y="17">1.00<"#))
    let html = rows(String(repeating: "a", count: 43))
    #expect(html.contains(#"y="35">1.00<"#) && html.contains(#"y="101">2.00<"#))
    #expect(html.contains(#"<rect class="bar" x="18" y="108" width="440" height="14"/>"#))
  }

  @Test func barsBelowZeroReachBackFromZero() {
    let html = page([
      .intervals(.init(title: "", rows: [.init("", -1), .init("", 1, low: 0.5, high: 1.5)]))
    ])
    // From -1 to 1.5 in steps of a half: 176 units each one.
    #expect(html.contains(#"<rect class="bar" x="18" y="24" width="176" height="14"/>"#))
    #expect(html.contains(#"<rect class="bar" x="194" y="72" width="176" height="14"/>"#))
    #expect(html.contains(">−1.0</text>"))
  }

  /// x: 0...4 from 58 to 464; y: 0...8 from 252 up to 30.
  @Test func curvesLieWhereTheAxesSaySo() {
    let html = page([
      .lines(
        .init(
          title: "", xAxis: "step", yAxis: "loss",
          series: [.init("a", [(0, 8), (1, 4), (2, .nan), (3, 2), (4, 0)])]))
    ])
    #expect(html.contains(#"<path class="curve look0" d="M58 30L159.5 141M362.5 196.5L464 252"/>"#))
    #expect(html.contains(#"cx="159.5" cy="141" r="3"/>"#))
    #expect(html.contains(#"x="50" y="145.5">4</text>"#))
    #expect(html.contains(#"x="261" y="271">2</text>"#))
    #expect(!html.contains("<ul"), "a single curve needs no legend")
  }

  @Test(arguments: [
    ([0.0, 0.93], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ([0.52, 0.86], ["0.5", "0.6", "0.7", "0.8", "0.9"]),
    ([0, 18_000], ["0", "5,000", "10,000", "15,000", "20,000"]),
    ([-0.031, 0.012], ["−0.04", "−0.03", "−0.02", "−0.01", "0.00", "0.01", "0.02"]),
    ([3.0, 3.0], ["1", "2", "3", "4", "5"]),
    ([], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
  ])
  func ticksAreRound(values: [Double], expected: [String]) {
    let html = page([
      .lines(
        .init(title: "", xAxis: "", yAxis: "", series: [.init("", values.map { (x: 0, y: $0) })]))
    ])
    let ticks = html.matches(of: /<text class="tick end"[^>]*>([^<]*)</).map { String($0.1) }
    #expect(ticks == expected)
  }

  /// Four frames; values from -1 (100 down) to 0 (the top), advantages up to 0.2 either way.
  @Test func tracesAreDrawnByFrame() {
    let html = page([
      .video(
        .init(
          mp4: film, caption: "",
          traces: .init(
            fps: 2, values: [-1, -0.5, .nan, 0], advantages: [0.1, -0.2, 0, .nan],
            indicators: [true, true, false, true], interventions: [false, true, true, false])))
    ])
    #expect(html.contains(#"data-fps="2.0" data-frames="4""#))
    #expect(html.contains(#"class="curve" d="M0.5 100L1.5 50M3.5 0"/>"#))
    #expect(html.contains(#"class="bars" d="M0 50V25H1V50ZM1 50V100H2V50ZM2 50V50H3V50Z"/>"#))
    #expect(html.contains(#"data-texts="−1.000 −0.500 – 0.000""#))
    #expect(html.contains(#"data-texts="positive positive negative positive""#))
    #expect(html.contains(#"<rect class="positive" x="0" y="0" width="2" height="100"/>"#))
    #expect(html.contains(#"<rect class="negative" x="2" y="0" width="1" height="100"/>"#))
    #expect(html.contains(#"<rect class="intervention" x="1" y="0" width="2" height="100"/>"#))
    #expect(html.contains(#"<span style="left:50%">1</span>"#))
    #expect(!page([.video(.init(mp4: film, caption: ""))]).contains("class=\"trace"))
  }

  @Test func theHighlightedRowAndNumbersAreMarked() {
    let html = page([
      .table(
        .init(
          columns: [.text("who"), .number("n")], rows: [["a", "1"], ["b", "2"]], highlighted: 1))
    ])
    #expect(html.contains(#"<th>who</th><th class="number">n</th>"#))
    #expect(html.contains(#"<tr><td>a</td><td class="number">1</td></tr>"#))
    #expect(html.contains(#"<tr class="highlighted"><td>b</td><td class="number">2</td></tr>"#))
  }

  @Test func aPageIsWrittenWholeOrNotAtAll() throws {
    let scratch = Scratch()
    let report = Report(title: "T", introduction: "I")
    try report.write(to: scratch.path + "/new/page.html")
    #expect(try scratch.read("new/page.html") == report.html)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/new").count == 1)

    let folder = scratch.path + "/new"
    let error = #expect(throws: (any Error).self) { try report.write(to: folder) }
    #expect("\(error!)" == "\(folder): is a folder; wanted a file to write")
    #expect(throws: TrackingError.self) {
      try Report.Video(path: scratch.path + "/none.mp4", caption: "")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["new"])
  }
}
