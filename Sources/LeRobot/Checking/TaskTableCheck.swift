/// Looks at the table of tasks as LeRobot looks texts up in it: of v3.0 by their row, of v2.1 by `task_index`.
struct TaskTableCheck {
  let dataset: Dataset
  let findings: Findings

  func run() throws {
    let table = "\(dataset.folder)/meta/tasks.parquet"
    if fileSize(table) != nil {
      try checkTable(ParquetFile(table))
    } else if fileSize("\(dataset.folder)/meta/tasks.jsonl") != nil {
      try checkLines("\(dataset.folder)/meta/tasks.jsonl")
    }
  }

  private func checkTable(_ file: ParquetFile) throws {
    if file.has("task_index") {
      let found = try file.numbers("task_index", as: Int.self).values
      if let row = found.indices.first(where: { found[$0] != $0 }) {
        findings.add(
          file.path,
          "column 'task_index' is \(found[row]) in row \(row): LeRobot takes a task by its row, and Recap as LeRobot; sort the table by task_index"
        )
      }
    }
    let texts = ["task", "__index_level_0__"].filter(file.has)
    let pandas = file.metadata["pandas"].flatMap { try? JSON(Array($0.utf8), file: file.path) }
    let index = pandas?["index_columns"]?.array?.compactMap(\.string) ?? []
    if !texts.isEmpty, !texts.contains(where: index.contains) {
      findings.add(
        file.path,
        "column '\(texts[0])' is no index of pandas: LeRobot reads a row's number for its text; recap dataset convert writes it as one"
      )
    }
  }

  private func checkLines(_ path: String) throws {
    var known: [Int: (text: String, line: Int)] = [:]
    try JSON.lines(of: path) { json, line in
      guard let index = json["task_index"]?.int, let text = json["task"]?.string else { return }
      if let first = known[index], first.text != text {
        findings.add(
          "\(path):\(line)",
          "task_index \(index) was another task at line \(first.line) already; each index is wanted once"
        )
      }
      known[index] = (text, line)
    }
    if known.keys.sorted() != Array(0..<known.count) {
      findings.note(
        "\(path): task_index does not count from 0: LeRobot's conversion to v3.0 would give rows the wrong tasks, recap dataset convert numbers them anew"
      )
    }
  }
}
