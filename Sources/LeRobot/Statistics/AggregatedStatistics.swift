/// The statistics of a dataset as its episodes come: meta/stats.json.
struct AggregatedStatistics: Sendable {
  private var features: [(key: String, statistics: FeatureStatistics, shape: [Int])] = []

  init() {}

  /// Goes on from a meta/stats.json.
  init(_ json: JSON) { add(json.object ?? [:]) }

  /// Adds an episode's statistics by feature; what has another width than before is left out.
  mutating func add(_ statistics: JSONObject) {
    for (key, json) in statistics {
      guard let part = FeatureStatistics(json, source: "computed") else { continue }
      if let place = features.firstIndex(where: { $0.key == key }) {
        if let sum = FeatureStatistics(aggregating: [features[place].statistics, part]) {
          features[place].statistics = sum
        }
      } else {
        features.append((key, part, AggregatedStatistics.shape(json["mean"] ?? .null)))
      }
    }
  }

  var json: JSON {
    .object(
      JSONObject(features.map { ($0.key, $0.statistics.json(shape: $0.shape, dtype: "float32")) }))
  }

  /// The lengths of nested lists.
  private static func shape(_ json: JSON) -> [Int] {
    guard let elements = json.array else { return [] }
    return [elements.count] + (elements.first.map(shape) ?? [])
  }
}
