/// Values that are kept in memory between the passes over a column: 64 MB.
private let valuesInMemory = 8 << 20

extension Dataset {
  /// The statistics of a numeric column over some episodes, all of them by default: those of the
  /// metadata, else computed from the rows.
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
    let chosen = chosen ?? episodes
    var sums: StatisticsAccumulator?
    var kept: [Double] = []
    try forEachPart(of: key, chosen) { rows, width in
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

  /// Calls `body` with the rows of a column, a file or less at a time: [n, width], finite.
  private func forEachPart(
    of key: String, _ episodes: [Episode],
    _ body: (UnsafeBufferPointer<Double>, Int) throws -> Void
  ) throws {
    var width: Int?
    for episode in episodes {
      let file = try ParquetFile(dataFile(episode))
      let numbers = try file.finiteNumbers(key, as: Double.self)
      if let width, width != numbers.width {
        throw DatasetError(
          file.path, "column '\(key)' has \(numbers.width) values a row, other episodes \(width)")
      }
      width = numbers.width
      try numbers.values.withUnsafeBufferPointer { try body($0, numbers.width) }
    }
  }

  private func storedStatistics(for key: String, episodes: [Episode]) throws -> FeatureStatistics? {
    let perEpisode = "\(folder)/meta/episodes_stats.jsonl"
    if fileSize(perEpisode) != nil {
      let lengths = Dictionary(uniqueKeysWithValues: episodes.map { ($0.index, $0.length) })
      var parts: [FeatureStatistics] = []
      try JSON.lines(of: perEpisode) { json, _ in
        guard let index = json["episode_index"]?.int, let length = lengths[index],
          let member = json["stats"]?[key],
          let part = FeatureStatistics(member, source: "meta/episodes_stats.jsonl"),
          part.count == length
        else { return }
        parts.append(part)
      }
      if parts.count == episodes.count { return FeatureStatistics(aggregating: parts) }
    }
    let global = "\(folder)/meta/stats.json"
    guard episodes == self.episodes, chunkID == nil, fileSize(global) != nil else { return nil }
    var stored = try JSON(path: global)[key].flatMap {
      FeatureStatistics($0, source: "meta/stats.json")
    }
    stored?.count = episodes.reduce(0) { $0 + $1.length }
    return stored
  }
}
