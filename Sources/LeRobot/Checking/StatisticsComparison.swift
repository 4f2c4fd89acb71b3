/// Whether the statistics of a feature are those of certain rows.
///
/// Count, least and greatest values are exact. LeRobot 0.6.1 sums in single precision and takes the variance as
/// E[x²] − E[x]²: the tolerances are the bounds of what n terms can lose so, and a deviation may be that of a
/// sample. Quantiles are estimates, from histograms of episodes and by their means: they are wanted between the
/// least and the greatest value.
struct StatisticsComparison {
  let feature: DatasetInfo.Feature
  let rows: FeatureStatistics
  /// How many rows were summed at one go in single precision, at most.
  let terms: Int

  /// What is wrong, in words that follow the feature's name: "has the mean 0 of element 1, 49.8 is that of the rows";
  /// nil where the statistics may be of the rows.
  func difference(_ json: JSON) -> String? {
    if let count = json["count"]?.flatNumbers?.first, count != Double(rows.count) {
      return "has the count \(decimal(count)), \(rows.count) is that of the rows"
    }
    let names = [
      "mean": "mean", "std": "standard deviation", "min": "least value", "max": "greatest value",
    ]
    for (name, found) in [
      ("mean", \FeatureStatistics.mean), ("std", \.std), ("min", \.min), ("max", \.max),
    ] {
      guard let values = json[name]?.flatNumbers, let rows = rows(width: values.count) else {
        continue
      }
      for (i, value) in values.enumerated() where !isNear(name, value, rows, i) {
        return
          "has the \(names[name]!) \(short(value)) of element \(i), \(short(rows[keyPath: found][i])) is that of the rows"
      }
    }
    for percent in FeatureStatistics.percents {
      let name = FeatureStatistics.name(percent: percent)
      guard let values = json[name]?.flatNumbers, let rows = rows(width: values.count) else {
        continue
      }
      for (i, value) in values.enumerated() {
        // LeRobot's histograms have 5000 bins, and end a little outside.
        let (least, greatest) = (rows.min[i], rows.max[i])
        let slack = (greatest - least) * 1e-3 + (abs(greatest) + abs(least)) * 1e-6 + 1e-9
        if value < least - slack || value > greatest + slack {
          return
            "has \(name) \(short(value)) of element \(i), the rows lie from \(short(least)) to \(short(greatest))"
        }
      }
    }
    return nil
  }

  /// The rows' own by as many values, nil where that is none of the feature's widths: LeRobot 0.6.1 has those of arrays
  /// over all dimensions but the last.
  private func rows(width: Int) -> FeatureStatistics? {
    if width == rows.mean.count { return rows }
    guard feature.shape.count > 1, width > 0, width == feature.shape.last,
      rows.mean.count % width == 0
    else { return nil }
    return FeatureStatistics(
      aggregating: stride(from: 0, to: rows.mean.count, by: width).map { start in
        let part = start..<start + width
        return FeatureStatistics(
          mean: Array(rows.mean[part]), std: Array(rows.std[part]), min: Array(rows.min[part]),
          max: Array(rows.max[part]), count: max(rows.count, 1))
      })
  }

  private func isNear(_ name: String, _ value: Double, _ rows: FeatureStatistics, _ i: Int) -> Bool
  {
    // The unit of rounding: numpy keeps the mean of half precision in half precision.
    let unit = feature.dtype == "float16" ? 0x1p-11 : 0x1p-24
    let (mean, std) = (rows.mean[i], rows.std[i])
    let square = mean * mean + std * std
    let lost = Double(terms * max(feature.width / max(rows.mean.count, 1), 1) + 16) * unit
    switch name {
    case "min": return abs(value - rows.min[i]) <= abs(rows.min[i]) * 4 * unit + 0x1p-126
    case "max": return abs(value - rows.max[i]) <= abs(rows.max[i]) * 4 * unit + 0x1p-126
    case "mean": return abs(value - mean) <= lost * square.squareRoot() + 0x1p-126
    default:
      let sample = rows.count > 1 ? std * std / Double(rows.count - 1) : 0
      return value >= 0
        && abs(value * value - std * std) <= 4 * lost * square + 2 * sample + 0x1p-126
    }
  }

  private func short(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(Float(value))"
  }
}

extension FeatureStatistics {
  /// Whether these contradict the exact statistics of the same rows by more than rounding can.
  func contradicts(_ exact: FeatureStatistics, _ feature: DatasetInfo.Feature) -> Bool {
    let comparison = StatisticsComparison(feature: feature, rows: exact, terms: exact.count)
    return comparison.difference(json(shape: [mean.count], dtype: "float32")) != nil
  }
}
