internal import Foundation
internal import LeRobot
internal import Platform
internal import Simulation
internal import Tracking

extension Demonstration.Result {
  var summaryPath: String { "\(folder)/summary.json" }
  var reportPath: String { "\(folder)/report.html" }

  private var policies: [(name: String, evaluation: Evaluation)] {
    [("behaviour cloning", before)] + rounds
  }

  /// Success and throughput of every policy.
  var table: String {
    recap_cli.table(
      [["policy", "success", "95 % interval", "an hour", "± 95 %", "ratio"]]
        + policies.map { row($0.name, $0.evaluation) })
  }

  private func row(_ name: String, _ evaluation: Evaluation) -> [String] {
    [
      name, percent(evaluation.success),
      "\(percent(evaluation.successLow)) to \(percent(evaluation.successHigh))",
      String(format: "%.0f", evaluation.throughputPerHour),
      evaluation.throughputStandardError.map { String(format: "%.0f", 1.96 * $0) } ?? "-",
      before.throughputPerHour > 0
        ? String(format: "%.2f×", evaluation.throughputPerHour / before.throughputPerHour) : "-",
    ]
  }

  private func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }

  /// The figures and the page, each whole or not at all.
  func write() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let summary = Summary(
      task: task.name, before: before, after: rounds.last!.evaluation,
      policies: policies.map { .init(name: $0.name, evaluation: $0.evaluation) },
      takeovers: takeovers)
    try AtomicFile.write(summaryPath, bytes: Array(try encoder.encode(summary)))
    try report().write(to: reportPath)
  }

  private struct Summary: Encodable {
    struct Policy: Encodable {
      let name: String
      let evaluation: Evaluation
    }
    let task: String
    let before: Evaluation
    let after: Evaluation
    let policies: [Policy]
    let takeovers: Takeovers
  }

  private func report() throws -> Report {
    var report = Report(
      title: "RECAP in the simulated task '\(task.name)'",
      introduction: task.summary
        + "\n\nFallible demonstrators showed it. Behaviour cloning imitates their mistakes as well; RECAP "
        + "learns from their episodes, from the policy's own and from corrections which actions led "
        + "to success sooner, and acts by those. Every policy met the same "
        + "\(before.episodes) episodes, which none had seen.")
    report.add(
      .init(
        "Success and throughput",
        "Throughput is successes an hour of simulated time, the time of failures included.",
        figures: [
          .intervals(
            .init(
              title: "Success", axis: "share of episodes", isPercent: true,
              rows: policies.map { name, evaluation in
                .init(
                  name, evaluation.success, low: evaluation.successLow,
                  high: evaluation.successHigh, isHighlighted: name == rounds.last!.name)
              })),
          .intervals(
            .init(
              title: "Throughput", axis: "successes an hour",
              rows: policies.map { name, evaluation in
                let half = 1.96 * (evaluation.throughputStandardError ?? 0)
                let rate = evaluation.throughputPerHour
                return .init(
                  name, rate, low: rate - half, high: rate + half,
                  isHighlighted: name == rounds.last!.name)
              })),
          .table(
            .init(
              columns: [
                .text("policy"), .number("success"), .number("95 % interval"), .number("an hour"),
                .number("± 95 %"), .number("ratio"),
              ], rows: policies.map { row($0.name, $0.evaluation) }, highlighted: rounds.count)),
        ]))
    if !films.isEmpty {
      report.add(try filmSection())
    }
    if let summary = takeovers.summary { report.add(takeoverSection(summary)) }
    let charts: [Report.Figure] = [
      ("train/flow_loss", "Flow-matching loss"),
      ("train/value_cross_entropy", "Value cross-entropy"),
    ].compactMap { name, title in
      let series = losses(name)
      return series.isEmpty
        ? nil : .lines(.init(title: title, xAxis: "step", yAxis: "loss", series: series))
    }
    if !charts.isEmpty { report.add(.init("Training", figures: charts)) }
    return report
  }

  /// A loss as the steps logged it, each in its folder's metrics.jsonl.
  private func losses(_ name: String) -> [Report.LineChart.Series] {
    let folders = ["pretrain", "sft"] + rounds.indices.dropFirst().map { "round-\($0)" } + ["bc"]
    return folders.compactMap { step in
      let path = "\(folder)/\(step)/metrics.jsonl"
      guard let lines = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      let points = lines.split(separator: "\n").compactMap { line -> (x: Double, y: Double)? in
        let record = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        guard let x = record?["global_step"] as? Double, let y = record?[name] as? Double else {
          return nil
        }
        return (x, y)
      }
      return points.isEmpty ? nil : .init(step, points)
    }
  }

  private func takeoverSection(_ summary: String) -> Report.Section {
    .init(
      "When an expert takes over",
      "\(takeovers.episodes) episodes of the cloned policy went wrong, were handed to an expert and "
        + "succeeded: \(summary), on average.",
      figures: [
        .lines(
          .init(
            title: "V around the takeover", xAxis: "seconds from the takeover", yAxis: "V",
            series: [.init("mean V", takeovers.curve.map { ($0.seconds, $0.value) })]))
      ])
  }

  private func filmSection() throws -> Report.Section {
    .init(
      "One episode, three times",
      "One start, played by behaviour cloning, by RECAP, and by cloning with an expert at hand. Where "
        + "there is one, it is a start in which cloning fails, RECAP succeeds and the expert saves what "
        + "goes wrong: of those, the one with the deepest fall of V before. Below each film is what the "
        + "last value function says: V from -1 (failed, or far from done) "
        + "to 0 (done), the advantage of each action, and in green where it is labelled positive.",
      figures: try films.map { caption, path, film in
        .video(
          try .init(
            path: path, caption: caption,
            traces: .init(
              fps: task.fps, values: film.judgement.values,
              advantages: film.judgement.advantages, indicators: film.judgement.indicators,
              interventions: film.episode.steps.map(\.isIntervention))))
      })
  }
}
