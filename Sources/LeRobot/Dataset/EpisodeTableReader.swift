import Platform

/// The columns of meta/episodes that are not its own: statistics, labels, what tools have added.
final class EpisodeTableReader {
  private let paths: [String]
  /// By episode: the file and the row.
  private var places: [Int: (file: Int, row: Int)] = [:]
  private var reader: ParquetRowReader?
  private var batch: (rows: ParquetRows, range: Range<Int>)?

  init(_ folder: String) throws {
    paths = EpisodeTable.paths(folder)
    for (number, path) in paths.enumerated() {
      let indices = try ParquetFile(path).numbers("episode_index", as: Int.self).values
      for (row, index) in indices.enumerated() { places[index] = (number, row) }
    }
  }

  /// Adds an episode's statistics and extras.
  func complete(_ record: inout EpisodeRecord) throws {
    guard let place = places[record.index] else { return }
    let path = paths[place.file]
    let rows = try batch(path, place.row)
    var statistics: [(key: String, value: JSONObject)] = []
    var known: NameDictionary<Int> = [:]
    for (name, column) in rows.rows.named where !EpisodeTableReader.isStructural(name) {
      let value: JSON
      do {
        value = try column.json(place.row - rows.range.lowerBound)
      } catch let problem as ColumnProblem {
        throw DatasetError(path, "column '\(name)' \(problem.text)")
      }
      if value.isNull { continue }
      guard let (feature, statistic) = EpisodeTableReader.statistic(name) else {
        record.extras[name] = value
        continue
      }
      if known[feature] == nil {
        known[feature] = statistics.count
        statistics.append((feature, [:]))
      }
      statistics[known[feature]!].value[statistic] = value
    }
    record.statistics = JSONObject(statistics.map { ($0.key, .object($0.value)) })
  }

  /// Rows of a file with a certain one among them.
  private func batch(_ path: String, _ row: Int) throws -> (rows: ParquetRows, range: Range<Int>) {
    if let batch, reader?.file.path == path, batch.range.contains(row) { return batch }
    if reader?.file.path != path || reader!.position > row {
      reader = try ParquetRowReader(ParquetFile(path), from: row)
    }
    while let rows = try reader!.next(256) {
      let range = reader!.position - rows.count..<reader!.position
      if range.contains(row) {
        batch = (rows, range)
        return (rows, range)
      }
    }
    throw DatasetError(path, "ends before row \(row)")
  }

  /// Whether a column is the format's own, statistics aside.
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
