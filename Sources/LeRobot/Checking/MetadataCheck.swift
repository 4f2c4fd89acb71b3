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
        guard dataset.info.features[key] != nil else {
          findings.add(path, "has '\(key)', which is no feature of meta/info.json")
          continue
        }
        if value.hasNumberThatIsNotFinite {
          findings.add(path, "'\(key)' has a number that is not finite")
        }
      }
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
