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
    findings.collect { try TaskTableCheck(dataset: dataset, findings: findings).run() }
    if dataset.info.sharesFiles {
      findings.collect { try EpisodeTableCheck(dataset: dataset, findings: findings).run() }
    }
    checkShapes()
    checkStatistics()
    SidecarCheck(dataset: dataset, findings: findings).run()
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

  /// Shapes and types that LeRobot has no column for.
  func checkShapes() {
    for (key, json) in dataset.info.json["features"]?.object ?? [:] {
      let feature = dataset.info.features[key]!
      guard let lengths = json["shape"]?.array else {
        findings.add(
          infoPath,
          "feature '\(key)' has shape \(json["shape"]?.kind ?? "missing"), a list such as \(feature.shape) is wanted: LeRobot refuses it; recap dataset convert writes that"
        )
        continue
      }
      guard dataset.info.sharesFiles, !feature.isCamera, !feature.isLanguage else { continue }
      if lengths.isEmpty {
        findings.add(
          infoPath,
          "feature '\(key)' has shape [], [1] is wanted: LeRobot refuses it; recap dataset convert writes that"
        )
      } else if lengths.count > 5 {
        findings.add(
          infoPath,
          "feature '\(key)' has \(lengths.count) dimensions, at most 5 are wanted: LeRobot refuses it"
        )
      } else if !MetadataCheck.isType(feature.dtype) {
        findings.add(
          infoPath,
          "feature '\(key)' has dtype '\(excerpt(feature.dtype, 40))', which datasets does not know: LeRobot refuses it"
        )
      }
    }
  }

  /// Whether the Python package `datasets` has a type of this name.
  private static func isType(_ dtype: String) -> Bool {
    let others = [
      "float16", "float", "double", "string", "large_string", "string_view", "binary",
      "large_binary", "binary_view", "null", "date32", "date64",
    ]
    let prefixes = [
      "time32[", "time64[", "timestamp[", "duration[", "decimal128(", "decimal256(",
    ]
    return (RecordedFeature.numberTypes + others).contains(dtype)
      || prefixes.contains(where: dtype.hasPrefix)
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
