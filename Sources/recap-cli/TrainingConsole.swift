internal import Recap
internal import Tracking

/// Shows on the console what happens while training.
final class TrainingConsole {
  private let bar = ProgressBar()
  private var work: String?
  private var workBegan = ContinuousClock.now
  private var isShown = false

  func show(_ event: TrainingEvent) {
    switch event {
    case .overview(let rows): bar.message(table(rows) + "\n")
    case .message(let text): bar.message(text)
    case .progress(let work, let done, let total, let losses):
      if self.work != work {
        self.work = work
        workBegan = .now
        isShown = false
      }
      if !isShown {
        // Short preparations are not worth a line.
        let isStage = Stage(rawValue: work) != nil || work.hasSuffix("value function")
        guard isStage || ContinuousClock.now - workBegan > .seconds(1) else { return }
        bar.start(work, total: total, completed: done)
        isShown = true
      }
      let shown = losses.first.map { [(String($0.name.drop { $0 != "/" }.dropFirst()), $0.value)] }
      bar.log(MetricRecord(stage: work, globalStep: done, values: shown ?? []))
      bar.advance(to: done)
      if done == total { finish() }
    case .labels(let rates): bar.message(labelTable(rates) + "\n")
    case .metrics: break
    case .saved(let path): bar.message("saved \(path)")
    }
  }

  /// Ends the bar that is shown, if there is one.
  func finish() {
    bar.endStage()
    work = nil
  }
}

/// How many frames of each task and source are labelled positive.
func labelTable(_ rates: [LabelRate]) -> String {
  table(
    [["task", "source", "frames", "positive", "share", "forced"]]
      + rates.map { rate in
        [
          rate.task.isEmpty ? "-" : rate.task, rate.source.isEmpty ? "-" : rate.source,
          "\(rate.frames)", "\(rate.positive)",
          "\(rate.frames > 0 ? rate.positive * 100 / rate.frames : 0) %", "\(rate.forced)",
        ]
      }, textColumns: 2)
}
