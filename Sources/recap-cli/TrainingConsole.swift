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
        let isStage = Stage(rawValue: work) != nil
        guard isStage || ContinuousClock.now - workBegan > .seconds(1) else { return }
        bar.start(work, total: total, completed: done)
        isShown = true
      }
      let shown = losses.first.map { [(String($0.name.drop { $0 != "/" }.dropFirst()), $0.value)] }
      bar.log(MetricRecord(stage: work, globalStep: done, values: shown ?? []))
      bar.advance(to: done)
      if done == total { finish() }
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
