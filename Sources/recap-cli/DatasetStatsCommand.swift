internal import ArgumentParser
internal import Foundation
internal import LeRobot

struct DatasetStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Print mean, deviation, range and quantiles of every numeric column.",
    discussion: """
      Computed from the rows, quantiles exactly. With --stored those of the
      dataset's own metadata, where it has them: its quantiles are LeRobot's
      estimates.

      EXAMPLE
        recap dataset stats Examples/pusht
        recap dataset stats Examples/pusht --json > stats.json
      """)

  @OptionGroup var argument: DatasetArgument

  @Flag(help: "Take them from the metadata where it has them.")
  var stored = false

  @Flag(help: "Print JSON, as meta/stats.json has it.")
  var json = false

  func run() throws {
    let dataset = try Dataset(folder: argument.folder())
    let columns = dataset.numericColumns
    let bar = DatasetProgress("reading columns")
    var found: [(key: String, statistics: FeatureStatistics)] = []
    for (position, key) in columns.enumerated() {
      found.append(
        (
          key,
          stored
            ? try dataset.statistics(for: key) : try dataset.computedStatistics(for: key)
        ))
      bar.show(position + 1, of: columns.count)
    }
    bar.finish()
    if json {
      let members = found.map { key, statistics in
        let feature = dataset.info.features[key]!
        return (key: key, value: statistics.json(shape: feature.shape, dtype: feature.dtype))
      }
      try printOutput(JSON.object(JSONObject(members)).text(indent: 2))
    } else {
      try printOutput(table(lines(found, dataset.info), textColumns: 2))
    }
  }

  /// A line an element of each column.
  private func lines(
    _ found: [(key: String, statistics: FeatureStatistics)], _ info: DatasetInfo
  ) -> [[String]] {
    let percents = FeatureStatistics.percents
    let header =
      ["column", "element", "mean", "std", "min"] + percents.map { "\($0) %" } + ["max"]
    return [header]
      + found.flatMap { key, statistics in
        statistics.mean.indices.map { i in
          let names = info.features[key]?.names ?? []
          let element =
            statistics.mean.count == 1
            ? "" : names.count == statistics.mean.count ? names[i] : "\(i)"
          let numbers =
            [statistics.mean[i], statistics.std[i], statistics.min[i]]
            + percents.map { statistics.quantiles[$0]?[i] ?? .nan } + [statistics.max[i]]
          return [i == 0 ? key : "", element] + numbers.map(shown)
        }
      }
  }

  private func shown(_ value: Double) -> String {
    value.isNaN ? "–" : String(format: "%.5g", value)
  }
}
