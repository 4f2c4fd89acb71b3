import Foundation
import Platform

/// What runs and evaluations showed, as one HTML page that needs nothing else.
///
/// Pictures, videos, style and script are in the page, so that it can be sent, kept and read without
/// a network: in light and dark, on a telephone and on paper. All text is escaped.
public struct Report: Sendable {
  public var title: String
  /// What the page is about; an empty line begins a new paragraph.
  public var introduction: String
  public private(set) var sections: [Section] = []

  public init(title: String, introduction: String) {
    self.title = title
    self.introduction = introduction
  }

  /// A heading, what there is to say about it, and figures.
  public struct Section: Sendable {
    public var heading: String
    /// May be empty; an empty line begins a new paragraph.
    public var text: String
    /// Charts that follow each other stand side by side where the page is wide enough.
    public var figures: [Figure]

    public init(_ heading: String, _ text: String = "", figures: [Figure] = []) {
      self.heading = heading
      self.text = text
      self.figures = figures
    }
  }

  /// Something to look at.
  public enum Figure: Sendable {
    case table(Table)
    case intervals(IntervalChart)
    case lines(LineChart)
    case video(Video)
  }

  /// Puts a section after those before.
  public mutating func add(_ section: Section) {
    sections.append(section)
  }

  /// The page: well-formed as XML too.
  public var html: String {
    var page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(Markup.escaped(title))</title>
      <style>\(Report.style)</style>
      </head>
      <body>
      <header>
      <h1>\(Markup.escaped(title))</h1>
      \(Markup.paragraphs(introduction))
      </header>
      <main>

      """
    for section in sections { page += section.html }
    page += "</main>\n<script>\(Report.script)</script>\n</body>\n</html>\n"
    return page
  }

  /// Writes the page, whole or not at all; makes the folder where it is missing.
  ///
  /// - Throws: `FileError` that names the file.
  public func write(to path: String) throws {
    try makeFolder(parentFolder(of: path))
    try AtomicFile.write(path, bytes: html.utf8)
  }
}

extension Report.Section {
  var html: String {
    var html = "<section>\n<h2>\(Markup.escaped(heading))</h2>\n\(Markup.paragraphs(text))"
    var charts: [String] = []
    func endCharts() {
      guard !charts.isEmpty else { return }
      html += "<div class=\"charts\">\n\(charts.joined())</div>\n"
      charts = []
    }
    for figure in figures {
      switch figure {
      case .intervals(let chart): charts.append(chart.html)
      case .lines(let chart): charts.append(chart.html)
      case .table(let table):
        endCharts()
        html += table.html
      case .video(let video):
        endCharts()
        html += video.html
      }
    }
    endCharts()
    return html + "</section>\n"
  }
}
