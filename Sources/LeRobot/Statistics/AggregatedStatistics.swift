import Platform

/// The statistics of a dataset as its episodes come: meta/stats.json.
///
/// Of more than one episode numbers have no quantiles, which `Dataset.completeQuantiles` adds from the
/// rows at the end. Those of pictures are estimates: the episodes' means.
struct AggregatedStatistics: Sendable {
  private let cameras: Set<ByteName>
  private var features: [(key: String, statistics: FeatureStatistics, shape: [Int])] = []

  init(_ info: DatasetInfo) {
    cameras = Set(info.features.filter(\.value.isCamera).keys.map { ByteName($0) })
  }

  /// Goes on from a meta/stats.json.
  init(_ info: DatasetInfo, _ json: JSON) {
    self.init(info)
    add(json.object ?? [:])
  }

  /// Adds an episode's statistics by feature; what has another width than before is left out.
  mutating func add(_ statistics: JSONObject) {
    for (key, json) in statistics {
      guard let part = FeatureStatistics(json, source: "computed") else { continue }
      if let place = features.firstIndex(where: { $0.key.isSameName(key) }) {
        let sum = FeatureStatistics(
          aggregating: [features[place].statistics, part],
          estimatingQuantiles: cameras.contains(key))
        if let sum { features[place].statistics = sum }
      } else {
        features.append((key, part, (json["mean"] ?? .null).shape))
      }
    }
  }

  var json: JSON {
    .object(
      JSONObject(features.map { ($0.key, $0.statistics.json(shape: $0.shape, dtype: "float32")) }))
  }
}

extension JSON {
  /// The lengths of nested lists.
  var shape: [Int] {
    guard let elements = array else { return [] }
    return [elements.count] + (elements.first?.shape ?? [])
  }
}
