import Foundation
import Testing

/// The signals that ask a program to end, by the exit status that they give.
let interruptions: [(signal: Int32, status: Int32)] = [
  (SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129),
]

extension Command {
  /// Starts the command, sends it a signal at a moment, and waits for its end.
  ///
  /// - Parameter moment: asked until it says yes, or the command ends by itself. The first moment at which
  ///   it is asked is the one from which the command handles signals.
  static func interrupt(
    _ arguments: [String], in place: Workplace, with signals: Int32..., shell: String? = nil,
    when moment: () throws -> Bool = { true }
  ) throws -> Result {
    // What is ignored here, as under nohup, would be ignored there.
    for ignored in [SIGINT, SIGHUP] { signal(ignored) { _ in } }
    let process = try start(arguments, in: place, shell: shell)
    while process.isRunning, try !handlesSignals(process) || !moment() { usleep(500) }
    for signal in signals { kill(process.processIdentifier, signal) }
    return try result(of: process, in: place)
  }

  /// Interrupts the command before it has done too much, however long this test is kept from looking: it is
  /// stopped at the moment, looked at, and tried again in another copy of the workplace where it was too late.
  /// So it is where the signal came while the end of its work was being written, and it ended well.
  ///
  /// - Returns: how it ended, and the copy that it ended in.
  static func interruptInTime(
    _ arguments: [String], in place: Workplace, with signal: Int32,
    when moment: (Workplace) throws -> Bool,
    unless isLate: (Workplace) throws -> Bool = { _ in false }
  ) throws -> (Result, Workplace) {
    for ignored in [SIGINT, SIGHUP] { Foundation.signal(ignored) { _ in } }
    for _ in 0..<20 {
      let copy = try Workplace(copy: place)
      let process = try start(arguments, in: copy)
      while process.isRunning, try !handlesSignals(process) || !moment(copy) { usleep(500) }
      kill(process.processIdentifier, SIGSTOP)
      while process.isRunning, status(process, /State:\s*(\w)/) != "T" { usleep(100) }
      if process.isRunning, try !isLate(copy) {
        kill(process.processIdentifier, signal)
        kill(process.processIdentifier, SIGCONT)
        let ended = try result(of: process, in: copy)
        if ended.status != 0 { return (ended, copy) }
      } else {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
    }
    throw TooLate()
  }

  struct TooLate: Error {}

  /// Whether a process does something of its own at SIGTERM, as its system says.
  private static func handlesSignals(_ process: Process) -> Bool {
    status(process, /SigCgt:\s*([0-9a-f]+)/).flatMap { UInt64($0, radix: 16) }
      .map { $0 >> UInt64(SIGTERM - 1) & 1 == 1 } ?? false
  }

  /// What the system says of a process; nil where it is gone.
  private static func status(
    _ process: Process, _ line: Regex<(Substring, Substring)>
  ) -> Substring? {
    let text = FileManager.default.contents(atPath: "/proc/\(process.processIdentifier)/status")
    return String(decoding: text ?? Data(), as: UTF8.self).firstMatch(of: line)?.1
  }
}

extension Result {
  /// The command line that goes on, where a signal ended the command.
  var resumption: String? {
    errorLines.count > 1 && errorLines[errorLines.count - 2].hasPrefix("recap: interrupted: ")
      ? errorLines.last : nil
  }
}

extension Workplace {
  /// Runs a line as a person would that copies it into a shell.
  func shell(_ line: String) throws -> Result {
    try Command.run(
      [], in: self, shell: "exec /bin/bash -c " + "'\(line.replacing("'", with: #"'\''"#))'")
  }

  /// Metrics but for the time of day.
  func metrics(_ folder: String) throws -> [String] {
    try read("\(folder)/metrics.jsonl").split(separator: "\n")
      .map { String($0).replacing(/"_timestamp":[0-9.]+,/, with: "") }
  }

  func data(_ file: String) throws -> Data { try Data(contentsOf: url(file)) }

  func isThere(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(file)") }
}
