import Platform

extension Dataset {
  /// Writes the quantiles of all rows of every numeric feature into meta/stats.json, where there is one.
  ///
  /// They are exact (numpy's linear interpolation), in place of none or of estimates. A column that
  /// cannot be read as finite numbers has none. What the file says of pictures stays as it is, and so
  /// does the rest of what it says of numbers if it is of all rows, by its count and its numbers: statistics
  /// of another shape, as v2.1 has of arrays, are not summed up with others.
  func completeQuantiles() throws {
    let path = "\(folder)/meta/stats.json"
    guard fileSize(path) != nil, let old = try JSON(path: path).object else { return }
    var all = old
    for (key, member) in old where info.features[key]?.isCamera == false {
      guard let stored = FeatureStatistics(member, source: path), var fresh = member.object else {
        continue
      }
      let shape = (member["mean"] ?? .null).shape
      var rows = try rowStatistics(of: key, width: stored.mean.count)
      rows?.count = frameCount
      if rows != nil, stored.contradicts(rows!, info.features[key]!) {
        fresh = rows!.json(shape: shape, dtype: "float32").object!
      }
      for percent in FeatureStatistics.percents {
        let name = FeatureStatistics.name(percent: percent)
        fresh[name] = rows?.quantiles[percent].map { FeatureStatistics.nested($0, shape: shape) }
      }
      all[key] = .object(fresh)
    }
    if all != old {
      try AtomicFile.write(path, bytes: Array(JSON.object(all).text(indent: 4).utf8))
    }
  }

  /// Nil where the column is not of finite numbers.
  private func rowStatistics(of key: String, width: Int) throws -> FeatureStatistics? {
    do {
      return try computedStatistics(for: key, episodes: episodes, quantiles: true, width: width)
    } catch is DatasetError {
      return nil
    }
  }
}
