import Platform

/// Reads every row of every episode: columns, widths, indices, times, tasks, pictures.
struct RowCheck {
  let dataset: Dataset
  let findings: Findings
  /// Whether pictures are decoded.
  let isDecoding: Bool
  private var repeated = RepeatedFindings()
  private var statistics: StatisticsCheck
  /// The Parquet file that was looked at last.
  private var path = ""

  init(dataset: Dataset, findings: Findings, isDecoding: Bool) {
    (self.dataset, self.findings, self.isDecoding) = (dataset, findings, isDecoding)
    statistics = StatisticsCheck(dataset, findings)
  }

  mutating func run() {
    for (position, episode) in dataset.episodes.enumerated() where !Interruption.isAsked {
      findings.collect {
        try dataset.withColumns(of: episode) { columns in
          if !path.isSameName(columns.path) { checkNames(columns) }
          path = columns.path
          for (key, feature) in dataset.info.features.sorted(by: { $0.key < $1.key }) {
            findings.collect { try check(columns, key, feature, episode) }
          }
          findings.collect { try checkIndices(columns, episode, position) }
        }
      }
      for camera in dataset.cameras
      where isDecoding && dataset.info.features[camera]!.dtype == "image" {
        findings.collect { try checkPictures(episode, camera) }
      }
      findings.advance(episode.length)
    }
    repeated.report(to: findings)
    statistics.report(to: findings)
  }

  /// Columns that meta/info.json does not declare.
  private mutating func checkNames(_ columns: EpisodeColumns) {
    let isRefused = dataset.info.sharesFiles
    for name in columns.file.columnNames {
      // A video has no column, and one of its name is none of LeRobot's either.
      if let feature = dataset.info.features[name], feature.dtype != "video" { continue }
      repeated.add(
        columns.path,
        "column '\(name)' is not declared in meta/info.json"
          + (isRefused
            ? ": LeRobot refuses the file; recap dataset convert declares the column, or leaves it out"
            : ", LeRobot 0.3 loads it all the same"),
        isProblem: isRefused)
    }
  }

  /// The values of one feature.
  private mutating func check(
    _ columns: EpisodeColumns, _ key: String, _ feature: DatasetInfo.Feature, _ episode: Episode
  ) throws {
    guard !feature.isCamera else { return }
    guard let type = columns.file.type(of: key) else {
      throw DatasetError(
        columns.path, "has no column '\(key)', which meta/info.json names")
    }
    if let column = LanguageColumn(rawValue: key), feature.isLanguage {
      return try LanguageCheck(columns: columns, column: column, findings: findings).run()
    }
    if feature.isLanguage { return }
    let declared = DeclaredColumn(
      name: key, feature: feature, type: type, isCast: dataset.info.sharesFiles)
    if let finding = declared.ofType {
      repeated.add(columns.path, finding.text, isProblem: finding.isProblem)
      if !type.isText, !type.leaf.isNumber { return }
    }
    if type.isText {
      let nulls = try columns.strings(key).enumerated().filter { $0.element == nil }.map(\.offset)
      report(columns, key, nulls, "is null")
      return
    }
    let numbers = try columns.numbers(key, as: Double.self)
    if let finding = declared.ofShape(numbers.shape) {
      repeated.add(columns.path, finding.text, isProblem: finding.isProblem)
      return
    }
    let bad = numbers.values.indices.filter { !numbers.values[$0].isFinite }
      .map { $0 / max(numbers.width, 1) }
    report(columns, key, bad, "is null or not finite")
    if let place = declared.misfit(numbers.values) {
      let row = columns.rows.lowerBound + place / max(numbers.width, 1)
      let finding = declared.ofValue(numbers.values[place], row: row)
      repeated.add(columns.path, finding.text, isProblem: finding.isProblem)
    }
    if bad.isEmpty, numbers.nulls == 0 {
      try statistics.add(key, numbers.values, width: numbers.width, episode)
    }
  }

  private func report(_ columns: EpisodeColumns, _ key: String, _ rows: [Int], _ what: String) {
    let rows = Set(rows)
    guard let first = rows.min() else { return }
    let more = rows.count > 1 ? " and \(rows.count - 1) more" : ""
    findings.add(
      columns.path, "column '\(key)' \(what) in row \(columns.rows.lowerBound + first)\(more)")
  }

  private func checkIndices(
    _ columns: EpisodeColumns, _ episode: Episode, _ position: Int
  ) throws {
    let firstIndex = dataset.firstFrame(ofEpisodeAt: position)
    let wanted: [(String, (Int) -> Int)] = [
      ("episode_index", { _ in episode.index }), ("frame_index", { $0 }),
      ("index", { firstIndex + $0 }),
    ]
    for (key, value) in wanted where columns.has(key) {
      let found = try columns.numbers(key, as: Int.self).values
      if let row = found.indices.first(where: { found[$0] != value($0) }) {
        findings.add(
          columns.path,
          "column '\(key)' is \(found[row]) in row \(columns.rows.lowerBound + row), \(value(row)) is wanted"
        )
      }
    }
    if columns.has("timestamp") {
      let times = try columns.numbers("timestamp", as: Double.self).values
      let late = times.indices.filter {
        abs(times[$0] - Double($0) / dataset.info.fps) > 1e-4 + 1e-6 * times[$0]
      }
      if let row = late.first {
        findings.add(
          columns.path,
          "column 'timestamp' is \(times[row]) in row \(columns.rows.lowerBound + row), \(Double(row) / dataset.info.fps) is wanted at \(dataset.info.fps) frames a second (\(late.count) such rows)"
        )
      }
    }
    if columns.has("task_index"), !dataset.tasks.isEmpty {
      let found = try columns.numbers("task_index", as: Int.self).values
      if let row = found.indices.first(where: { dataset.tasks[found[$0]] == nil }) {
        findings.add(
          columns.path,
          "column 'task_index' is \(found[row]) in row \(columns.rows.lowerBound + row), which is not in meta/tasks"
        )
      }
    }
  }

  private func checkPictures(_ episode: Episode, _ camera: String) throws {
    let rows = try dataset.rows(of: episode)
    let pictures = try PictureColumn(
      rows, column: camera, dataset.info.features[camera]!, rowsAtOnce: 8)
    if let size = dataset.info.features[camera]!.frameSize,
      size != (pictures.width, pictures.height)
    {
      findings.add(
        rows.path,
        "column '\(camera)' holds pictures of \(pictures.width)×\(pictures.height), meta/info.json says \(size.width)×\(size.height)"
      )
    }
    while try !pictures.read().isEmpty {}
  }
}
