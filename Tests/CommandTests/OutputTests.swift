import Foundation
import Testing

/// Output that cannot be written is never lost without a word, and never a trap.
@Suite struct OutputTests {
  private static let commands = [
    ["keys"], ["--help"], ["train", "--help"], ["help", "dataset"], ["--version"], ["doctor"],
    ["tokenize", "--model", "text", "push"], ["dataset", "info", "data"],
    ["dataset", "check", "data"], ["dataset", "stats", "data", "--json"],
    ["dataset", "show", "data", "--index", "3"],
    ["dataset", "convert", "data", "--output", "copy"],
    ["evaluate", "--task", "carry", "--episodes", "2"],
    ["collect", "--task", "carry", "--episodes", "2", "--output", "demos"],
    ["encode", "--model", "text", "--text", "push", "--output", "out.safetensors"],
  ]

  @Test(arguments: commands) func onAFullDisk(_ command: [String]) throws {
    let full = try Command.run(command, in: Workplace(), shell: "exec > /dev/full")
    #expect(full.status == 1)
    #expect(
      full.errorLines.last
        == "recap: error: standard output cannot be written: no space left on device; what was "
        + "printed is not complete")
  }

  @Test(arguments: [["keys"], ["dataset", "info", "data"]]) func itIsClosed(_ command: [String])
    throws
  {
    let closed = try Command.run(command, in: Workplace(), shell: "exec >&-")
    #expect(closed.status == 1 && closed.errors.contains("bad file descriptor"), "\(closed.errors)")
  }

  @Test(arguments: commands[..<4] + commands[8...10]) func whoReadsIsGone(_ command: [String])
    throws
  {
    // Nobody reads a pipe whose other end is closed.
    let gone = try Command.run(
      command, in: Workplace(), shell: "exec {end}> >(exec <&-); wait $!; exec >&$end {end}>&-")
    #expect(gone.status == 141)
    #expect(!gone.errors.contains("error"), "\(gone.errors)")
  }

  @Test func aConsoleThatIsGoneIsNoReasonToStop() throws {
    for redirection in ["exec 2>&-", "exec 2> /dev/full", "exec 0<&- 2>&-"] {
      let place = try Workplace()
      let train = try place.train(shell: redirection)
      #expect(train.status == 0 && train.output.contains("checkpoints  run"), "\(redirection)")
      // Nothing was written into what was opened in the place of the console.
      #expect(try place.metrics("run").allSatisfy { $0.hasPrefix("{") })
      // An error has nobody to be told, and still its status.
      let wrong = try Command.run(["dataset", "info", "none"], in: place, shell: redirection)
      #expect(wrong.status == 1 && wrong.output.isEmpty)
    }
  }

  /// What else would write there ignores or traps on what goes wrong.
  @Test func nothingElsePrints() throws {
    let sources = Command.repository + "/Sources"
    let files = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
    #expect(files.contains("recap-cli/RecapCommand.swift"))
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
      guard
        ["print(", "putchar(", "puts(", "printf(", "FileHandle.standard"].contains(where: {
          text.range(of: $0) != nil
        })
      else { continue }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (number, line) in lines.enumerated()
      where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        #expect(
          !line.contains(/(^|[^.\w])(print|putchar|puts|fputs|fprintf)\(|FileHandle\.standard/),
          "\(file):\(number + 1)")
      }
    }
  }
}
