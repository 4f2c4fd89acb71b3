/// Looks at meta/episodes of v3.0 as LeRobot reads it: episodes by their row, their frames from
/// `dataset_from_index` to `dataset_to_index`.
struct EpisodeTableCheck {
  let dataset: Dataset
  let findings: Findings

  func run() throws {
    var place = 0
    for path in EpisodeTable.paths(dataset.folder) {
      let file = try ParquetFile(path)
      let indices = try file.numbers("episode_index", as: Int.self).values
      if let row = indices.indices.first(where: { indices[$0] != place + $0 }) {
        findings.add(
          path,
          "row \(row) is of episode \(indices[row]), \(place + row) is wanted: LeRobot takes the row over all files for the episode's index"
        )
      }
      place += indices.count
      try check(file, "dataset_from_index", indices) { dataset.firstFrame(ofEpisodeAt: $0) }
      try check(file, "dataset_to_index", indices) {
        dataset.firstFrame(ofEpisodeAt: $0) + dataset.episodes[$0].length
      }
    }
  }

  /// Compares a column with what the episodes' lengths make of it.
  private func check(
    _ file: ParquetFile, _ column: String, _ indices: [Int], _ wanted: (Int) -> Int
  ) throws {
    guard file.has(column) else {
      findings.add(file.path, "has no column '\(column)', which LeRobot wants")
      return
    }
    let values = try file.numbers(column, as: Int.self).values
    for (row, (index, value)) in zip(indices, values).enumerated() {
      guard let position = dataset.position(ofEpisode: index), value != wanted(position) else {
        continue
      }
      findings.add(
        file.path,
        "column '\(column)' is \(value) in row \(row), \(wanted(position)) is wanted by the episodes' lengths: LeRobot takes windows of frames by it"
      )
      return
    }
  }
}
