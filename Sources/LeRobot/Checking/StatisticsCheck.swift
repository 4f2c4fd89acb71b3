import Platform

/// Compares the statistics that the metadata hold with those of the rows: meta/stats.json with all rows, a line of
/// meta/episodes_stats.jsonl, or the columns stats/… of meta/episodes, with those of its episode.
///
/// LeRobot's own columns are left out, whose statistics LeRobot does not renew when it edits datasets; so are
/// pictures, of which it samples some.
struct StatisticsCheck {
  private let dataset: Dataset
  private let path: String
  private let episodesPath: String
  private let stored: JSONObject
  private let records: EpisodeRecordReader?
  /// Those of the episode at hand.
  private var record: (episode: Int, statistics: JSONObject)?
  /// Episodes without any, where others have them.
  private var missing: [Int] = []
  /// Sums over the rows seen so far, of the columns that meta/stats.json has.
  private var sums: NameDictionary<StatisticsAccumulator> = [:]
  private var repeated = RepeatedFindings()

  init(_ dataset: Dataset, _ findings: Findings) {
    self.dataset = dataset
    path = "\(dataset.folder)/meta/stats.json"
    let isTable = dataset.info.sharesFiles
    episodesPath = "\(dataset.folder)/meta/\(isTable ? "episodes" : "episodes_stats.jsonl")"
    stored = (fileSize(path) == nil ? nil : try? JSON(path: path).object) ?? [:]
    var reader: EpisodeRecordReader?
    if isTable || fileSize(episodesPath) != nil {
      findings.collect { reader = try EpisodeRecordReader(dataset) }
    }
    records = reader
  }

  /// Adds the finite numbers of an episode: [rows, width].
  mutating func add(_ key: String, _ values: [Double], width: Int, _ episode: Episode) throws {
    let own = ["timestamp", "frame_index", "episode_index", "index", "task_index"]
    guard width > 0, !own.contains(key), !values.isEmpty else { return }
    if stored[key] != nil { sums[key, default: StatisticsAccumulator(width: width)].add(values) }
    if record?.episode != episode.index {
      let found = try records?.record(of: episode).statistics ?? [:]
      if found.isEmpty, records != nil, !dataset.info.sharesFiles { missing.append(episode.index) }
      record = (episode.index, found)
    }
    guard let json = record?.statistics[key] else { return }
    var exact = StatisticsAccumulator(width: width)
    exact.add(values)
    let comparison = StatisticsComparison(
      feature: dataset.info.features[key]!, rows: exact.statistics, terms: episode.length)
    if let difference = comparison.difference(json) {
      repeated.add(
        episodesPath, "'\(key)' of episode \(episode.index) \(difference): they are of other rows",
        isProblem: true)
    }
  }

  func report(to findings: Findings) {
    repeated.report(to: findings)
    if let first = missing.first {
      let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
      findings.add(episodesPath, "has no statistics of episode \(first)\(more)")
    }
    let longest = dataset.episodes.map(\.length).max() ?? 0
    for (key, sum) in sums.sorted(by: { $0.key < $1.key })
    where sum.count == dataset.frameCount {
      let json = stored[key]!
      // v2.0 was summed over all rows at one go.
      let terms = dataset.info.version == "v2.0" ? dataset.frameCount : longest
      let comparison = StatisticsComparison(
        feature: dataset.info.features[key]!, rows: sum.statistics, terms: terms)
      guard let difference = comparison.difference(json) else { continue }
      if key == "action", let chunk = relativeChunk(json) {
        findings.note(
          "\(path): 'action' is of actions relative to the state, in chunks of \(chunk), as LeRobot's recompute_stats makes them by --operation.relative_action"
        )
      } else {
        findings.add(
          path,
          "'\(key)' \(difference): it is of other rows; recap dataset convert computes it anew")
      }
    }
  }

  /// The length of the chunks that LeRobot has taken actions relative to the state from: it counts every chunk
  /// within an episode with its length. Nil where the count is not made so.
  private func relativeChunk(_ json: JSON) -> Int? {
    guard let count = json["count"]?.flatNumbers?.first.flatMap(Int.init(exactly:)), count > 0,
      count != dataset.frameCount
    else { return nil }
    let lengths = dataset.episodes.map(\.length)
    return (2...max(lengths.max() ?? 2, 2)).prefix(1000).first { chunk in
      count % chunk == 0 && lengths.reduce(0) { $0 + max(0, $1 - chunk + 1) } * chunk == count
    }
  }
}
