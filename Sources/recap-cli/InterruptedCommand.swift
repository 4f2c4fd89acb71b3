internal import ArgumentParser
internal import Platform

extension Interrupted {
  /// What is said when a signal has ended a command: what is kept, then, on a line of its own, the command
  /// that goes on or begins anew.
  func message(of command: (any ParsableCommand)?, arguments: [String]) -> String {
    if command is ActCommand { return "recap: interrupted\n" }
    var arguments = arguments
    var kept = kept
    switch command {
    case is TrainCommand:
      arguments = TrainCommand.resuming(arguments, hasSaved: kept != nil)
    case is IterateCommand, is DemoCommand: kept = kept ?? "the steps that are done are kept"
    case is LabelCommand: kept = kept ?? "no label is written; features in the cache are kept"
    case is DownloadCommand: kept = "what came is kept"
    default: break
    }
    let end = kept.map { "\($0); this goes on:" } ?? "nothing is kept; this begins anew:"
    return "recap: interrupted: \(end)\n" + arguments.map(quotedForShell).joined(separator: " ")
      + "\n"
  }
}

extension TrainCommand {
  /// The command line that goes on with what this one has saved, or begins anew where that is nothing: then
  /// what it was to begin from, and to overwrite, is as it was.
  static func resuming(_ arguments: [String], hasSaved: Bool) -> [String] {
    if !hasSaved {
      let isSaid = arguments.contains("--resume") || arguments.contains("--overwrite")
      return arguments + (isSaid ? [] : ["--resume"])
    }
    var kept: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--checkpoint": rest = rest.dropFirst()
      case "--overwrite", "--resume": break
      default: if !argument.hasPrefix("--checkpoint=") { kept.append(argument) }
      }
    }
    return kept + ["--resume"]
  }
}

/// The word as a shell reads it back.
func quotedForShell(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_./=:,@%+".utf8.contains(byte)
    }
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
}
