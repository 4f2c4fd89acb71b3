import Platform

extension Dataset {
  /// meta/tasks.parquet (v3.0) or meta/tasks.jsonl; none when neither is there.
  static func readTasks(_ folder: String) throws -> [Int: String] {
    let parquet = "\(folder)/meta/tasks.parquet"
    if fileSize(parquet) != nil { return try readTaskTable(ParquetFile(parquet)) }
    let lines = "\(folder)/meta/tasks.jsonl"
    guard fileSize(lines) != nil else { return [:] }
    var tasks: [Int: String] = [:]
    try JSON.lines(of: lines) { json, line in
      guard let index = json["task_index"]?.int, let task = json["task"]?.string else {
        throw DatasetError(
          "\(lines):\(line)", "keys 'task_index' (a whole number) and 'task' (a text) are wanted")
      }
      tasks[index] = task
    }
    return tasks
  }

  /// The text column, named `task` or, where pandas wrote it as an index, `__index_level_0__`; a
  /// task's index is its row, as LeRobot reads it, whatever `task_index` says.
  private static func readTaskTable(_ file: ParquetFile) throws -> [Int: String] {
    let named = ["task", "__index_level_0__"].first(where: file.has)
    guard
      let column = named
        ?? file.columnNames.first(where: { file.type(of: $0)?.isText == true })
    else {
      throw DatasetError(
        file.path, "has no column 'task'; its columns are \(list(file.columnNames))")
    }
    let texts = try file.strings(column).enumerated().map { ($0.offset, $0.element ?? "") }
    return Dictionary(uniqueKeysWithValues: texts)
  }

  static func readEpisodes(_ path: String) throws -> [Episode] {
    guard fileSize(path) != nil else { throw DatasetError(path, "there is no such file") }
    var episodes: [Episode] = []
    var lines: [Int] = []
    var taskLists = SharedTexts()
    try JSON.lines(of: path) { json, line in
      let tasks = try Episode.tasks(json, path: path, line: line)
      episodes.append(try Episode(json, tasks: taskLists.shared(tasks), path: path, line: line))
      lines.append(line)
    }
    if episodes.isEmpty { throw DatasetError(path, "has no episodes") }
    let order = episodes.indices.sorted { (episodes[$0].index, $0) < (episodes[$1].index, $1) }
    for (a, b) in zip(order, order.dropFirst()) where episodes[a].index == episodes[b].index {
      throw DatasetError(
        "\(path):\(lines[b])",
        "episode_index \(episodes[b].index) was at \(path):\(lines[a]) already")
    }
    return order.map { episodes[$0] }
  }
}
