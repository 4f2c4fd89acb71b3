import Platform

/// Values that are kept in memory between the passes over a column: 64 MB.
private let valuesInMemory = 8 << 20

extension Dataset {
  /// The statistics of a feature over some episodes, all of them by default: those of the metadata,
  /// else, for a numeric column, computed from the rows.
  ///
  /// Of several episodes' statistics a camera's quantiles are the means, as LeRobot has them.
  ///
  /// - Parameter quantiles: also want quantiles: metadata without them will not do.
  public func statistics(
    for key: String, episodes chosen: [Episode]? = nil, quantiles: Bool = false
  ) throws -> FeatureStatistics {
    let chosen = chosen ?? episodes
    if let stored = try storedStatistics(for: key, episodes: chosen),
      !quantiles || !stored.quantiles.isEmpty
    {
      return stored
    }
    return try computedStatistics(for: key, episodes: chosen, quantiles: quantiles)
  }

  /// The statistics of a numeric column's rows, with exact quantiles (numpy's linear
  /// interpolation) unless told otherwise.
  ///
  /// Memory is bounded: columns of more than 8 million values are read four times or so.
  public func computedStatistics(
    for key: String, episodes chosen: [Episode]? = nil, quantiles: Bool = true
  ) throws -> FeatureStatistics {
    try computedStatistics(for: key, episodes: chosen ?? episodes, quantiles: quantiles, width: nil)
  }

  /// - Parameter width: how many values to take for a row; nil for all that a frame has.
  func computedStatistics(
    for key: String, episodes chosen: [Episode], quantiles: Bool, width wanted: Int?
  ) throws -> FeatureStatistics {
    var sums: StatisticsAccumulator?
    var kept: [Double] = []
    try forEachPart(of: key, chosen) { rows, found in
      let width = wanted ?? found
      guard width > 0, found % width == 0 else {
        throw DatasetError(folder, "column '\(key)' has \(found) values a row, not \(width)")
      }
      if sums == nil { sums = StatisticsAccumulator(width: width) }
      sums!.add(rows)
      if quantiles, sums!.count * width <= valuesInMemory { kept += rows }
    }
    guard let sums, sums.count > 0 else { return StatisticsAccumulator(width: 0).statistics }
    var result = sums.statistics
    guard quantiles else { return result }
    if sums.count * sums.width <= valuesInMemory {
      result.quantiles = kept.withUnsafeBufferPointer {
        LeRobot.quantiles(ofRows: $0, width: sums.width)
      }
    } else {
      kept = []
      result.quantiles = try QuantileSelection.quantiles(result) { body in
        try forEachPart(of: key, chosen) { rows, _ in try body(rows) }
      }
    }
    return result
  }

  /// Calls `body` with the rows of a column, an episode at a time: [n, width], finite.
  private func forEachPart(
    of key: String, _ episodes: [Episode],
    _ body: (UnsafeBufferPointer<Double>, Int) throws -> Void
  ) throws {
    var width: Int?
    for episode in episodes {
      try Interruption.check()
      try withColumns(of: episode) { file in
        let numbers = try file.finiteNumbers(key, as: Double.self)
        if let width, width != numbers.width {
          throw DatasetError(
            file.path,
            "column '\(key)' has \(numbers.width) values a row, other episodes \(width)")
        }
        width = numbers.width
        try numbers.values.withUnsafeBufferPointer { try body($0, numbers.width) }
      }
    }
  }

  // MARK: In the metadata

  /// Those of meta/stats.json for all episodes of v2.0 and v3.0; else those of each episode
  /// together. Nil where they are of other rows than the episodes have, or not there.
  private func storedStatistics(for key: String, episodes: [Episode]) throws -> FeatureStatistics? {
    let lengths = Dictionary(uniqueKeysWithValues: episodes.map { ($0.index, $0.length) })
    let isCamera = info.features[key]?.isCamera ?? false
    func isOf(_ rows: Int, _ statistics: FeatureStatistics) -> Bool {
      isCamera || statistics.count == rows
    }
    var all: FeatureStatistics?
    let path = "\(folder)/meta/stats.json"
    if episodes == self.episodes, chunkID == nil, fileSize(path) != nil {
      all = try JSON(path: path)[key].flatMap { FeatureStatistics($0, source: "meta/stats.json") }
      if all?.count == 0 { all!.count = frameCount }  // v2.0 has none
      if let all, isOf(frameCount, all), info.sharesFiles { return all }
    }
    let parts = try info.sharesFiles ? episodeColumns(key, lengths) : episodeLines(key, lengths)
    if parts.count == lengths.count, parts.allSatisfy({ isOf(lengths[$0.key]!, $0.value) }) {
      return FeatureStatistics(
        aggregating: episodes.map { parts[$0.index]! }, estimatingQuantiles: isCamera)
    }
    return all.flatMap { isOf(frameCount, $0) ? $0 : nil }
  }

  /// meta/episodes_stats.jsonl, by episode.
  private func episodeLines(
    _ key: String, _ lengths: [Int: Int]
  ) throws -> [Int: FeatureStatistics] {
    let path = "\(folder)/meta/episodes_stats.jsonl"
    guard fileSize(path) != nil else { return [:] }
    var parts: [Int: FeatureStatistics] = [:]
    try JSON.lines(of: path) { json, _ in
      guard let index = json["episode_index"]?.int, lengths[index] != nil,
        let member = json["stats"]?[key]
      else { return }
      parts[index] = FeatureStatistics(member, source: "meta/episodes_stats.jsonl")
    }
    return parts
  }

  /// The columns stats/<feature>/… of meta/episodes, by episode.
  private func episodeColumns(
    _ key: String, _ lengths: [Int: Int]
  ) throws -> [Int: FeatureStatistics] {
    var parts: [Int: FeatureStatistics] = [:]
    for path in EpisodeTable.paths(folder) {
      let file = try ParquetFile(path)
      let names =
        ["mean", "std", "min", "max", "count"]
        + FeatureStatistics.percents
        .map(FeatureStatistics.name)
      var columns: NameDictionary<ParquetFile.Numbers<Double>> = [:]
      for name in names where file.has("stats/\(key)/\(name)") {
        columns[name] = try file.numbers("stats/\(key)/\(name)", as: Double.self)
      }
      guard columns["mean"] != nil else { continue }
      for (row, index) in try file.numbers("episode_index", as: Int.self).values.enumerated()
      where lengths[index] != nil {
        func vector(_ name: String) -> [Double]? {
          columns[name].map { Array($0.values[row * $0.width..<(row + 1) * $0.width]) }
        }
        parts[index] = FeatureStatistics(
          count: vector("count")?.first, source: "meta/episodes", vector: vector)
      }
    }
    return parts
  }
}
