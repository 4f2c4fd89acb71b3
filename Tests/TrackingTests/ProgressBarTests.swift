import Foundation
import Synchronization
import Testing

import Tracking

@Suite struct ProgressBarTests {
  /// What was written, and a clock that is set by hand.
  final class Screen: Sendable {
    let text = Mutex("")
    let time = Mutex(0.0)

    func bar(isTerminal: Bool, width: Int = 80, usesColor: Bool = false) -> ProgressBar {
      ProgressBar(
        console: Console(
          isTerminal: isTerminal, usesColor: usesColor, usesBlocks: false, width: { width },
          write: { text in self.text.withLock { $0 += text } }),
        clock: { self.time.withLock { $0 } })
    }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    func taken() -> String {
      text.withLock { text in
        defer { text = "" }
        return text
      }
    }
  }

  @Test func aTerminalShowsOneLine() throws {
    let screen = Screen()
    let bar = screen.bar(isTerminal: true)
    bar.start("demonstrations", total: 200)
    #expect(
      screen.taken() == "\rdemonstrations   0% ........................ 0/200  0:00:00 gone\u{1B}[K"
    )
    screen.advance(10)
    bar.log(MetricRecord(stage: "", globalStep: 0, values: [("loss", 0.123456)]))
    bar.advance(to: 50)
    #expect(
      screen.taken()
        == "\rdemonstrations  25% #..... 50/200  5/s  0:00:10 gone, 0:00:30 left  loss 0.1235"
        + "\u{1B}[K")
    bar.endStage()
    #expect(screen.taken().hasSuffix("\u{1B}[K\n"))
    bar.advance(to: 60)
    #expect(screen.taken() == "")
  }

  @Test func itIsRedrawnTenTimesASecondAtMost() {
    let screen = Screen()
    let bar = screen.bar(isTerminal: true)
    bar.start("s", total: 1000)
    _ = screen.taken()
    for step in 1...1000 {
      screen.advance(0.001)
      bar.advance(to: step)
    }
    let draws = screen.taken().split(separator: "\r").count
    #expect(draws == 9 || draws == 10)
  }

  @Test(arguments: [12, 20, 40, 60, 80, 120, 200])
  func itNeverWraps(width: Int) {
    let screen = Screen()
    let bar = screen.bar(isTerminal: true, width: width)
    bar.start("a stage with\na long name", total: 1_000_000)
    for step in [1, 10, 999_999, 1_000_000, 2_000_000] {
      screen.advance(100)
      bar.log(
        MetricRecord(stage: "", globalStep: step, values: [("loss", 1e-9), ("value", -12345)]))
      bar.advance(to: step)
      for line in screen.taken().replacing("\u{1B}[K", with: "").split(separator: "\r") {
        #expect(line.count < width && !line.contains("\n"))
      }
    }
  }

  @Test func messagesComeOutAboveTheBar() {
    let screen = Screen()
    let bar = screen.bar(isTerminal: true)
    bar.message("before")
    bar.start("s", total: 2)
    _ = screen.taken()
    bar.message("saved a.pt")
    let text = screen.taken()
    #expect(text.hasPrefix("\r\u{1B}[Ksaved a.pt\n\rs   0% "))
    bar.finish(exitCode: 0)
    _ = screen.taken()
    bar.message("after")
    #expect(screen.taken() == "after\n")
  }

  @Test func elsewhereALineEveryTenSeconds() {
    let screen = Screen()
    let bar = screen.bar(isTerminal: false)
    bar.start("corrections", total: 100, completed: 10)
    #expect(screen.taken() == "")
    for step in 11...50 {
      screen.advance(0.5)
      bar.advance(to: step)
    }
    let lines = screen.taken().split(separator: "\n")
    #expect(
      lines == [
        "corrections 30/100 (30%), 2/s  0:00:10 gone, 0:00:35 left",
        "corrections 50/100 (50%), 2/s  0:00:20 gone, 0:00:25 left",
      ])
    bar.message("a warning")
    #expect(screen.taken() == "a warning\n")
    bar.advance(to: 100)
    bar.endStage()
    #expect(screen.taken() == "corrections 100/100 (100%), 4.5/s  0:00:20 gone, 0:00:00 left\n")
  }

  @Test func coloursOnlyWhereAsked() {
    let plain = Screen()
    plain.bar(isTerminal: true).start("s", total: 2)
    #expect(!plain.taken().contains("\u{1B}[3"))
    let colored = Screen()
    colored.bar(isTerminal: true, usesColor: true).start("s", total: 2)
    #expect(colored.taken().contains("\u{1B}[32m"))
  }
}
