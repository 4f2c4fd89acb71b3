/// All that the metadata says of one episode, but for where it lies: the form between versions.
struct EpisodeRecord: Sendable, Equatable {
  var index: Int
  var length: Int
  var tasks: [String]
  /// The keys of recorders and tools: `episode_success` and the like.
  var extras: JSONObject = [:]
  /// By feature: `min`, `max`, `mean`, `std`, `count` and quantiles.
  var statistics: JSONObject = [:]
}

/// The records of a dataset's episodes, read one at a time.
final class EpisodeRecordReader {
  private let dataset: Dataset
  private let source: Source

  private enum Source {
    case lines(episodes: JSONLineFile, statistics: JSONLineFile?)
    case tables([ParquetFile], rows: [Int: (file: Int, row: Int)])
  }

  init(_ dataset: Dataset) throws {
    self.dataset = dataset
    if dataset.info.sharesFiles {
      let files = try EpisodeTable.paths(dataset.folder).map { try ParquetFile($0) }
      var rows: [Int: (file: Int, row: Int)] = [:]
      for (number, file) in files.enumerated() {
        let indices = try file.numbers("episode_index", as: Int.self).values
        for (row, index) in indices.enumerated() { rows[index] = (number, row) }
      }
      source = .tables(files, rows: rows)
    } else {
      let statistics = "\(dataset.folder)/meta/episodes_stats.jsonl"
      source = .lines(
        episodes: try JSONLineFile("\(dataset.folder)/meta/episodes.jsonl", key: "episode_index"),
        statistics: fileSize(statistics) == nil
          ? nil : try JSONLineFile(statistics, key: "episode_index"))
    }
  }

  /// The record of an episode; episodes in order are read the fastest.
  func record(of episode: Episode) throws -> EpisodeRecord {
    var record = EpisodeRecord(
      index: episode.index, length: episode.length, tasks: episode.tasks)
    switch source {
    case .lines(let episodes, let statistics):
      if let line = try episodes.line(episode.index)?.object {
        let known = ["episode_index", "tasks", "task", "length"]
        record.extras = JSONObject(line.filter { !known.contains($0.key) })
      }
      record.statistics = try statistics?.line(episode.index)?["stats"]?.object ?? [:]
    case .tables(let files, let rows):
      guard let place = rows[episode.index] else { return record }
      let file = files[place.file]
      var statistics: [(key: String, value: JSONObject)] = []
      var places: [String: Int] = [:]
      for name in file.columnNames {
        if EpisodeRecordReader.isStructural(name) { continue }
        var value = JSON.null
        try file.forEachBatch(name, rows: place.row..<place.row + 1, rowsAtOnce: 256) { part in
          value = try part.json(part.range.lowerBound)
        }
        if value.isNull { continue }
        guard let (feature, statistic) = EpisodeRecordReader.statistic(name) else {
          record.extras[name] = value
          continue
        }
        if places[feature] == nil {
          places[feature] = statistics.count
          statistics.append((feature, [:]))
        }
        statistics[places[feature]!].value[statistic] = value
      }
      record.statistics = JSONObject(statistics.map { ($0.key, .object($0.value)) })
    }
    return record
  }

  /// Whether a column of meta/episodes is the format's own, statistics aside.
  private static func isStructural(_ name: String) -> Bool {
    ["episode_index", "tasks", "length", "dataset_from_index", "dataset_to_index"].contains(name)
      || ["data/", "videos/", "meta/episodes/"].contains(where: name.hasPrefix)
  }

  /// The feature and the statistic of a column "stats/<feature>/<statistic>".
  private static func statistic(_ name: String) -> (feature: String, statistic: String)? {
    guard name.hasPrefix("stats/"), let slash = name.lastIndex(of: "/") else { return nil }
    let feature = name[..<slash].dropFirst("stats/".count)
    return feature.isEmpty ? nil : (String(feature), String(name[name.index(after: slash)...]))
  }
}
