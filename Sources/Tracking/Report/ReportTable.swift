extension Report {
  /// Rows of texts and numbers.
  public struct Table: Sendable {
    /// What stands in a column; numbers are set to the right.
    public enum Column: Sendable {
      case text(String)
      case number(String)
    }

    public var columns: [Column]
    public var rows: [[String]]
    /// The row that stands out.
    public var highlighted: Int?
    public var caption: String

    /// - Parameter rows: a cell for each column; anything else is a programming error.
    public init(
      columns: [Column], rows: [[String]], highlighted: Int? = nil, caption: String = ""
    ) {
      for row in rows where row.count != columns.count {
        fatalError("a table's row has \(row.count) cells for \(columns.count) columns")
      }
      self.columns = columns
      self.rows = rows
      self.highlighted = highlighted
      self.caption = caption
    }
  }
}

extension Report.Table {
  var html: String {
    func cell(_ element: String, _ text: String, isNumber: Bool) -> String {
      "<\(element)\(isNumber ? " class=\"number\"" : "")>\(Markup.escaped(text))</\(element)>"
    }
    var html = "<figure class=\"table\">\n"
    if !caption.isEmpty { html += "<figcaption>\(Markup.escaped(caption))</figcaption>\n" }
    html += "<div class=\"wide\"><table>\n<thead><tr>"
    for column in columns {
      switch column {
      case .text(let title): html += cell("th", title, isNumber: false)
      case .number(let title): html += cell("th", title, isNumber: true)
      }
    }
    html += "</tr></thead>\n<tbody>\n"
    for (number, row) in rows.enumerated() {
      html += number == highlighted ? "<tr class=\"highlighted\">" : "<tr>"
      for (column, text) in zip(columns, row) {
        if case .number = column {
          html += cell("td", text, isNumber: true)
        } else {
          html += cell("td", text, isNumber: false)
        }
      }
      html += "</tr>\n"
    }
    return html + "</tbody>\n</table></div>\n</figure>\n"
  }
}
