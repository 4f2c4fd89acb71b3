/// The columns of one episode's rows.
struct EpisodeColumns {
  let file: ParquetFile
  let rows: Range<Int>

  var path: String { file.path }
  var count: Int { rows.count }

  func has(_ column: String) -> Bool { file.has(column) }

  func numbers<T: HostNumber>(_ column: String, as: T.Type) throws -> ParquetFile.Numbers<T> {
    try file.numbers(column, as: T.self, rows: rows)
  }

  func strings(_ column: String) throws -> [String?] { try file.strings(column, rows: rows) }

  /// The numbers of a column, none of them null, NaN or infinite.
  func finiteNumbers<T: HostNumber & BinaryFloatingPoint>(
    _ column: String, as type: T.Type = Float.self
  ) throws -> ParquetFile.Numbers<T> {
    let numbers = try numbers(column, as: type)
    if let bad = numbers.values.firstIndex(where: { !$0.isFinite }) {
      let row = rows.lowerBound + bad / max(numbers.width, 1)
      throw DatasetError(
        path, "column '\(column)' is null or not finite in row \(row); finite numbers are wanted")
    }
    if numbers.nulls > 0 {
      throw DatasetError(path, "column '\(column)' has null rows; finite numbers are wanted")
    }
    return numbers
  }
}

extension Dataset {
  /// The columns of the rows, by the first episode's file.
  package func columnNames() throws -> [String] {
    try withColumns(of: episodes[0]) { $0.file.columnNames }
  }

  /// Calls `body` with the columns of an episode's rows, checked to be as many as its length and,
  /// where the file has `episode_index`, to be the episode's own.
  func withColumns<R>(of episode: Episode, _ body: (EpisodeColumns) throws -> R) throws -> R {
    let range = try rows(of: episode)
    return try opened.with(range.path) { file in
      guard
        info.sharesFiles
          ? range.rows.upperBound <= file.rowCount
          : range.rows.upperBound == file.rowCount
      else {
        throw DatasetError(
          range.path,
          "holds \(file.rowCount) rows, but "
            + (info.sharesFiles
              ? "meta/episodes says that episode \(episode.index) is in rows \(range.rows.lowerBound) to \(range.rows.upperBound - 1)"
              : "meta/episodes.jsonl says length \(episode.length) for episode \(episode.index)"))
      }
      let columns = EpisodeColumns(file: file, rows: range.rows)
      if info.sharesFiles, file.has("episode_index") {
        let indices = try columns.numbers("episode_index", as: Int.self).values
        if let wrong = indices.firstIndex(where: { $0 != episode.index }) {
          throw DatasetError(
            range.path,
            "row \(range.rows.lowerBound + wrong) is of episode \(indices[wrong]), but meta/episodes says of episode \(episode.index)"
          )
        }
      }
      return try body(columns)
    }
  }
}
