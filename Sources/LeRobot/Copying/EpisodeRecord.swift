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
  private let source: Source

  private enum Source {
    case lines(episodes: JSONLineFile, statistics: JSONLineFile?)
    case tables(EpisodeTableReader)
  }

  init(_ dataset: Dataset) throws {
    if dataset.info.sharesFiles {
      source = .tables(try EpisodeTableReader(dataset.folder))
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
        // A number would make the column of v3.0 one of texts like "1".
        for key in ["episode_success", "success"] {
          guard let success = episode.success, record.extras[key]?.double != nil else { continue }
          record.extras[key] = .bool(success)
        }
      }
      record.statistics = try statistics?.line(episode.index)?["stats"]?.object ?? [:]
    case .tables(let tables): try tables.complete(&record)
    }
    return record
  }
}
