import Foundation

/// Mean, standard deviation (of the population), least and greatest value of each element of a
/// feature.
public struct FeatureStatistics: Sendable, Equatable, Codable {
  public var mean: [Double]
  public var std: [Double]
  public var min: [Double]
  public var max: [Double]
  /// Rows.
  public var count: Int
  /// Where they come from: a file of the dataset, or "computed".
  public var source: String

  /// The statistics of rows laid flat: [rows, width].
  public init(rows: [Float], width: Int) {
    let count = width > 0 ? rows.count / width : 0
    var mean = [Double](repeating: 0, count: width)
    var std = mean
    var least = [Double](repeating: .infinity, count: width)
    var greatest = [Double](repeating: -.infinity, count: width)
    for row in 0..<count {
      for i in 0..<width {
        let x = Double(rows[row * width + i])
        mean[i] += x / Double(count)
        least[i] = Swift.min(least[i], x)
        greatest[i] = Swift.max(greatest[i], x)
      }
    }
    for row in 0..<count {
      for i in 0..<width {
        let deviation = Double(rows[row * width + i]) - mean[i]
        std[i] += deviation * deviation / Double(count)
      }
    }
    self.mean = mean
    self.std = std.map { $0.squareRoot() }
    self.min = least
    self.max = greatest
    self.count = count
    source = "computed"
  }

  /// The statistics of all rows of several parts: least of the least, greatest of the greatest,
  /// means weighted by count, variances by count around the common mean.
  public init?(aggregating parts: [FeatureStatistics]) {
    guard let first = parts.first else { return nil }
    let width = first.mean.count
    let total = parts.reduce(0) { $0 + $1.count }
    guard total > 0, parts.allSatisfy({ $0.mean.count == width }) else { return nil }
    var result = first
    result.count = total
    for i in 0..<width {
      let mean = parts.reduce(0.0) { $0 + $1.mean[i] * Double($1.count) } / Double(total)
      let variance = parts.reduce(0.0) {
        let shift = $1.mean[i] - mean
        return $0 + ($1.std[i] * $1.std[i] + shift * shift) * Double($1.count)
      }
      result.mean[i] = mean
      result.std[i] = (variance / Double(total)).squareRoot()
      result.min[i] = parts.map { $0.min[i] }.min()!
      result.max[i] = parts.map { $0.max[i] }.max()!
    }
    self = result
  }

  /// From a member of meta/stats.json or meta/episodes_stats.jsonl; nil when it is not one of flat,
  /// finite numbers.
  init?(_ json: JSON, source: String) {
    func vector(_ key: String) -> [Double]? {
      let numbers = json[key]?.array?.map { $0.double ?? .nan }
      return numbers.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
    }
    guard let mean = vector("mean"), let std = vector("std"), let min = vector("min"),
      let max = vector("max"), !mean.isEmpty,
      [std, min, max].allSatisfy({ $0.count == mean.count })
    else { return nil }
    (self.mean, self.std, self.min, self.max) = (mean, std, min, max)
    count = json["count"]?.array?.first?.int ?? 0
    self.source = source
  }
}

extension Dataset {
  /// The statistics of a numeric column over some episodes, all of them by default: aggregated from
  /// meta/episodes_stats.jsonl, for all of a v2.0 dataset from meta/stats.json, else computed from
  /// the rows.
  public func statistics(
    for key: String, episodes chosen: [Episode]? = nil
  ) throws -> FeatureStatistics {
    let chosen = chosen ?? episodes
    if let stored = try storedStatistics(for: key, episodes: chosen) { return stored }
    var rows: [Float] = []
    var width: Int?
    for episode in chosen {
      try withColumns(of: episode) { file in
        let numbers = try file.finiteNumbers(key)
        if let width, width != numbers.width {
          throw DatasetError(
            file.path,
            "column '\(key)' has \(numbers.width) values a row, other episodes \(width)")
        }
        width = numbers.width
        rows += numbers.values
      }
    }
    return FeatureStatistics(rows: rows, width: width ?? 0)
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
