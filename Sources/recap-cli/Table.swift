/// Names and values in two columns.
func table(_ rows: [(String, String)]) -> String {
  let width = (rows.map(\.0.count).max() ?? 0) + 2
  return rows.map { name, value in
    name + String(repeating: " ", count: width - name.count) + value
  }.joined(separator: "\n")
}

/// Lines of cells in columns: the first `textColumns` to the left, numbers to the right.
func table(_ lines: [[String]], textColumns: Int = 1) -> String {
  let count = lines.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in
    lines.map { column < $0.count ? $0[column].count : 0 }.max()!
  }
  return lines.map { line in
    let cells = zip(line, widths).enumerated().map { column, cell in
      let space = String(repeating: " ", count: cell.1 - cell.0.count)
      return column < textColumns ? cell.0 + space : space + cell.0
    }
    return String(
      cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
  }.joined(separator: "\n")
}
