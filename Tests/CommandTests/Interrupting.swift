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
    // After whoever watches for the moment, however busy the machine is.
    let yielding = "renice -n 19 $$ > /dev/null"
    let process = try start(
      arguments, in: place, shell: [shell, yielding].compactMap { $0 }.joined(separator: "; "))
    while process.isRunning, try !handlesSignals(process) || !moment() { usleep(500) }
    for signal in signals { kill(process.processIdentifier, signal) }
    return try result(of: process, in: place)
  }

  /// Whether a process does something of its own at SIGTERM, as its system says.
  private static func handlesSignals(_ process: Process) throws -> Bool {
    let status = FileManager.default.contents(atPath: "/proc/\(process.processIdentifier)/status")
    let line = String(decoding: status ?? Data(), as: UTF8.self)
      .firstMatch(of: /SigCgt:\s*([0-9a-f]+)/)
    return line.flatMap { UInt64($0.1, radix: 16) }.map { $0 >> UInt64(SIGTERM - 1) & 1 == 1 }
      ?? false
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
