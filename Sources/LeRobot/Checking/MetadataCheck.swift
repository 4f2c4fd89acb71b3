import Platform

/// Compares the metadata's parts with each other.
struct MetadataCheck {
  let dataset: Dataset
  let findings: Findings

  private var infoPath: String { "\(dataset.folder)/meta/info.json" }

  func run() {
    total("total_episodes", dataset.episodes.count, "episodes in meta/episodes")
    total("total_frames", dataset.frameCount, "frames in its episodes")
    total("total_tasks", dataset.tasks.count, "tasks in meta/tasks")
    if dataset.tasks.isEmpty {
      findings.note("\(dataset.folder)/meta: has no tasks; frames have the text of their episode")
    }
    for (key, feature) in dataset.info.features.sorted(by: { $0.key < $1.key }) {
      if key.contains("/") {
        findings.add(infoPath, "feature '\(key)' has a \"/\" in its name, which LeRobot refuses")
      }
      if feature.isCamera, feature.frameSize == nil {
        findings.add(
          infoPath,
          "feature '\(key)' is a camera of shape \(feature.shape); height, width and channels are wanted"
        )
      }
    }
    let known = Set(dataset.tasks.values.map { ByteName($0) })
    for episode in dataset.episodes {
      for task in episode.tasks where !known.isEmpty && !known.contains(task) {
        findings.add(
          "\(dataset.folder)/meta",
          "episode \(episode.index) has the task \"\(task)\", which is not in meta/tasks")
      }
    }
    checkTaskOrder()
    checkShapes()
    checkStatistics()
    findings.collect { _ = try LabelSidecar.read(dataset) }
  }

  private func total(_ key: String, _ found: Int, _ what: String) {
    guard let value = dataset.info.json[key] else { return }
    if value.int != found {
      findings.add(infoPath, "key '\(key)' is \(value.kind), but there are \(found) \(what)")
    }
  }

  private func checkStatistics() {
    let path = "\(dataset.folder)/meta/stats.json"
    guard fileSize(path) != nil else { return }
    findings.collect {
      guard let members = try JSON(path: path).object else {
        throw DatasetError(path, "holds no object of features")
      }
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        guard let feature = dataset.info.features[key] else {
          findings.add(path, "has '\(key)', which is no feature of meta/info.json")
          continue
        }
        if value.hasNumberThatIsNotFinite {
          findings.add(path, "'\(key)' has a number that is not finite")
        } else if RecordedFeature.numberTypes.contains(feature.dtype) {
          checkWidth(path, key, value, feature)
        }
      }
    }
  }
}

extension MetadataCheck {
  /// LeRobot's own are of a row's values, in v3.0 of those of an array's last dimension.
  private func checkWidth(
    _ path: String, _ key: String, _ value: JSON, _ feature: DatasetInfo.Feature
  ) {
    let widths = [feature.width, feature.shape.last ?? 1]
    guard let found = FeatureStatistics(value, source: path)?.mean.count else {
      findings.add(
        path, "'\(key)' lacks mean, std, min or max as lists of as many finite numbers")
      return
    }
    if !widths.contains(found) {
      findings.add(
        path,
        "'\(key)' is of \(found) values a row, meta/info.json says \(feature.shape)")
    }
  }

  /// LeRobot takes a task by its row in meta/tasks.parquet, whatever its index says.
  func checkTaskOrder() {
    let path = "\(dataset.folder)/meta/tasks.parquet"
    guard fileSize(path) != nil else { return }
    findings.collect {
      let file = try ParquetFile(path)
      guard file.has("task_index") else { return }
      let found = try file.numbers("task_index", as: Int.self).values
      if let row = found.indices.first(where: { found[$0] != $0 }) {
        findings.add(
          path,
          "column 'task_index' is \(found[row]) in row \(row): LeRobot takes a task by its row, and Recap as LeRobot; sort the table by task_index"
        )
      }
    }
  }

  /// Shapes that the parsed features no longer tell.
  func checkShapes() {
    for (key, feature) in dataset.info.json["features"]?.object ?? [:]
    where dataset.info.sharesFiles && feature["shape"]?.array?.isEmpty == true {
      findings.add(
        infoPath,
        "feature '\(key)' has shape [], [1] is wanted: LeRobot refuses it; recap dataset convert writes that"
      )
    }
  }
}

extension JSON {
  fileprivate var hasNumberThatIsNotFinite: Bool {
    switch self {
    case .number(let value): !value.isFinite
    case .array(let elements): elements.contains(where: \.hasNumberThatIsNotFinite)
    case .object(let members): members.values.contains(where: \.hasNumberThatIsNotFinite)
    default: false
    }
  }
}
