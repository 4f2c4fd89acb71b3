internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform
internal import Tracking

struct DatasetCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read the whole of a dataset and report what is wrong with it.",
    discussion: """
      Reads every row, decodes every frame, and compares them with the metadata.
      Problems go to standard output, a line each; the exit status is 1 if there are
      any.

      EXAMPLE
        recap dataset check Examples/pusht
      """)

  @OptionGroup var dataset: DatasetArgument

  func run() throws {
    let folder = try dataset.folder()
    let bar = DatasetProgress("checking")
    let check = DatasetCheck(folder: folder) { bar.show($0, of: $1) }
    bar.finish()
    try Interruption.check()
    for problem in check.problems { try printOutput(problem) }
    for note in check.notes { try printOutput("note: \(excerpt(note, 2000))") }
    if check.problems.isEmpty {
      for summary in try Dataset(folder: folder).languageSummaries() {
        try printOutput("\(summary.column.rawValue): \(excerpt(summary.text, 2000))")
      }
      try printOutput("\(folder): no problems; \(check.frames) rows and frames read.")
    } else {
      let count = check.problems.count
      try printOutput("\(folder): \(count) problem\(count == 1 ? "" : "s").")
      throw ExitCode.failure
    }
  }
}

/// A progress bar for work on a dataset, shown when it takes longer than a second.
///
/// `@unchecked`: the work calls `show` from one thread at a time.
final class DatasetProgress: @unchecked Sendable {
  private let title: String
  private let bar = ProgressBar()
  private var began: ContinuousClock.Instant?
  private var isShown = false

  init(_ title: String) { self.title = title }

  func show(_ done: Int, of total: Int) {
    let began = began ?? .now
    self.began = began
    if !isShown {
      guard ContinuousClock.now - began > .seconds(1), done < total else { return }
      bar.start(title, total: total)
      isShown = true
    }
    bar.advance(to: done)
  }

  func finish() { bar.endStage() }
}
