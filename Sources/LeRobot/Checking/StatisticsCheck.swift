import Platform

/// Compares the statistics that the metadata hold with those of the rows: meta/stats.json with all rows, a line of
/// meta/episodes_stats.jsonl with those of its episode.
///
/// LeRobot's own columns are left out, whose statistics LeRobot does not renew when it edits datasets; so are
/// pictures, of which it samples some, and quantiles, which it estimates.
struct StatisticsCheck {
  private let path: String
  private let linesPath: String
  private let stored: JSONObject
  private let lines: JSONLineFile?
  /// Sums over the rows seen so far, of the columns that meta/stats.json has.
  private var sums: NameDictionary<StatisticsAccumulator> = [:]
  private var repeated = RepeatedFindings()

  init(_ dataset: Dataset) {
    path = "\(dataset.folder)/meta/stats.json"
    linesPath = "\(dataset.folder)/meta/episodes_stats.jsonl"
    stored = (fileSize(path) == nil ? nil : try? JSON(path: path).object) ?? [:]
    lines =
      fileSize(linesPath) == nil
      ? nil : try? JSONLineFile(linesPath, key: "episode_index")
  }

  /// Adds the finite numbers of an episode: [rows, width].
  mutating func add(_ key: String, _ values: [Double], width: Int, _ episode: Episode) {
    let own = ["timestamp", "frame_index", "episode_index", "index", "task_index"]
    guard width > 0, !own.contains(key), !values.isEmpty else { return }
    if stored[key] != nil { sums[key, default: StatisticsAccumulator(width: width)].add(values) }
    guard let lines, let line = try? lines.line(episode.index),
      let known = FeatureStatistics(line["stats"]?[key] ?? .null, source: linesPath)
    else { return }
    var exact = StatisticsAccumulator(width: width)
    exact.add(values)
    if let contradiction = known.contradiction(to: exact.statistics) {
      repeated.add(
        linesPath,
        "'\(key)' of episode \(episode.index) \(contradiction): they are of other rows; recap dataset convert --to v3.0 computes all rows' anew",
        isProblem: true)
    }
  }

  func report(to findings: Findings) {
    for (key, sum) in sums.sorted(by: { $0.key < $1.key }) {
      guard let known = FeatureStatistics(stored[key] ?? .null, source: path),
        let contradiction = known.contradiction(to: sum.statistics)
      else { continue }
      findings.add(
        path,
        "'\(key)' \(contradiction): it is of other rows; recap dataset convert computes it anew")
    }
    repeated.report(to: findings)
  }
}

extension FeatureStatistics {
  /// What contradicts the exact statistics of the same rows by more than rounding: "has the mean 0 of element 1,
  /// 49.8 is that of the rows"; nil where nothing does, or where they have another shape.
  func contradiction(to exact: FeatureStatistics) -> String? {
    guard mean.count == exact.mean.count else { return nil }
    let parts = [
      ("mean", mean, exact.mean, 1e-3), ("standard deviation", std, exact.std, 1e-3),
      ("least value", min, exact.min, 1e-5), ("greatest value", max, exact.max, 1e-5),
    ]
    for (name, stored, wanted, share) in parts where stored.count == wanted.count {
      for i in wanted.indices {
        let span = exact.max[i] - exact.min[i]
        // A deviation may be that of a sample.
        let sample = exact.std[i] / Double(Swift.max(exact.count, 1))
        let tolerance = share * span + 1e-5 * abs(wanted[i]) + 1e-6 + sample
        if !(abs(stored[i] - wanted[i]) <= tolerance) {
          return
            "has the \(name) \(decimal(stored[i])) of element \(i), \(decimal(wanted[i])) is that of the rows"
        }
      }
    }
    return nil
  }
}
