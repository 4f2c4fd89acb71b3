/// Whether datasets can become one.
enum DatasetCompatibility {
  /// Throws all differences at once, but for those of some features.
  static func check(_ datasets: [Dataset], without leftOut: [String]) throws {
    guard let first = datasets.first else { return }
    var problems: [String] = []
    for other in datasets.dropFirst() {
      problems += differences(first, other, leftOut).map { "\(other.folder): \($0)" }
    }
    if !problems.isEmpty {
      throw DatasetError(
        first.folder, "cannot be merged with others: \(problems.joined(separator: "; "))")
    }
  }

  private static func differences(_ a: Dataset, _ b: Dataset, _ leftOut: [String]) -> [String] {
    func isKept(_ key: String) -> Bool { !leftOut.contains(where: key.isSameName) }
    var differences: [String] = []
    if a.info.fps != b.info.fps { differences.append("fps is \(b.info.fps), not \(a.info.fps)") }
    if let robot = a.info.robotType, let other = b.info.robotType, robot != other {
      differences.append("robot_type is \(other), not \(robot)")
    }
    for key in a.info.featureKeys where isKept(key) {
      let wanted = a.info.features[key]!
      guard let found = b.info.features[key] else {
        // Rows without messages are language columns too.
        if wanted.isLanguage { continue }
        differences.append("feature '\(key)' is missing")
        continue
      }
      if wanted.dtype != found.dtype {
        differences.append("feature '\(key)' is \(found.dtype), not \(wanted.dtype)")
      }
      if wanted.shape != found.shape {
        differences.append("feature '\(key)' has shape \(found.shape), not \(wanted.shape)")
      }
      if !wanted.names.isEmpty, !found.names.isEmpty, wanted.names != found.names {
        differences.append("feature '\(key)' has names \(found.names), not \(wanted.names)")
      }
    }
    for key in b.info.featureKeys
    where isKept(key) && a.info.features[key] == nil && !b.info.features[key]!.isLanguage {
      differences.append("feature '\(key)' is new")
    }
    return differences
  }
}
