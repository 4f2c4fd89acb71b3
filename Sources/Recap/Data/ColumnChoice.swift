internal import LeRobot

// Which columns and cameras a run uses, and which it does not, in words.

extension LeRobot.Dataset {
  /// Throws where a named key is no column.
  ///
  /// - Parameter setting: the configuration's key that names it.
  func requireColumn(_ key: String, setting: String) throws {
    if info.features[key] != nil { return }
    let columns = try columnNames()
    if columns.contains(key) { return }
    let numbers = numericColumns
    let nearest = (columns + numbers).map { ($0, likeness($0, key)) }.min { $0.1 < $1.1 }
    throw DatasetError(
      "\(folder)/meta/info.json",
      "has no column '\(key)' (\(setting))"
        + (nearest.map { $0.1 <= max(2, key.count / 2) ? "; did you mean '\($0.0)'" : "" } ?? "")
        + "; its columns of several numbers are \(numbers.isEmpty ? "none" : numbers.joined(separator: ", "))"
    )
  }

  /// Columns of more than one number, which may be actions or states.
  var numericColumns: [String] {
    info.features.filter { _, feature in
      !feature.hasPictures && feature.shape.count == 1 && feature.width > 1
        && ["float32", "float64", "int64", "int32"].contains(feature.dtype)
    }.keys.sorted()
  }

  /// How far one name is from another: letters to change, in the whole or in the last part alone.
  private func likeness(_ name: String, _ key: String) -> Int {
    func last(_ name: String) -> String {
      name.split(separator: ".").last.map(String.init) ?? name
    }
    return min(editDistance(name, key), editDistance(last(name), last(key)) + 1)
  }
}

extension TrainingData {
  /// The rows of a run's header that say what it is fitted to.
  func columns(_ configuration: Configuration) -> [(name: String, value: String)] {
    let (action, state) = (configuration.dataset.actionKey, configuration.dataset.stateKey)
    let others = dataset.numericColumns.filter { $0 != action && $0 != state }
    let unused = dataset.cameras.filter { !cameras.contains($0) }
    func isDepth(_ camera: String) -> Bool { dataset.info.features[camera]?.depth != nil }
    let reasons = [
      (
        unused.filter { !isDepth($0) },
        configuration.model.useAllCameras
          ? "dataset.image_keys" : "the first alone; model.use_all_cameras takes every one"
      ), (unused.filter(isDepth), "depth; dataset.image_keys takes it as grey pictures"),
    ]
    let left =
      reasons.filter { !$0.0.isEmpty }
      .map { "; not used: \($0.0.joined(separator: ", ")) (\($0.1))" }.joined()
    let used = cameras.map { $0 + (isDepth($0) ? " (depth, as grey pictures)" : "") }
    let stateText: String
    if let width = stateDim {
      stateText = "\(state), \(width) numbers"
    } else if dataset.info.features[state] != nil {
      stateText = "none: '\(state)' is not used (model.use_state)"
    } else {
      stateText =
        "none: there is no column '\(state)' (dataset.state_key)"
        + (others.isEmpty ? "" : "; not used: \(others.joined(separator: ", "))")
    }
    return [
      ("cameras", (used.isEmpty ? "none" : used.joined(separator: ", ")) + left),
      ("state", stateText), ("action", "\(action), \(episodes[0].actionWidth) numbers"),
    ]
  }
}
