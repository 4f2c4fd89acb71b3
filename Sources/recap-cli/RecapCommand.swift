internal import ArgumentParser
internal import Foundation
internal import Hub
internal import Platform
internal import Tracking

@main
struct RecapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recap",
    abstract: "Train robot policies from demonstrations, corrections and their own experience.",
    discussion: """
      EXAMPLE
        recap demo --config configs/demo.yaml
        recap train --config configs/recap_config.yaml --dataset_path ~/data/my_robot
        recap act --checkpoint runs/demo < observations.jsonl
        recap dataset info Examples/pusht
      """,
    version: "0.1.0",
    subcommands: [
      DemoCommand.self, TrainCommand.self, IterateCommand.self, LabelCommand.self, ActCommand.self,
      CollectCommand.self, EvaluateCommand.self, WatchCommand.self,
      DatasetCommand.self, DownloadCommand.self, TokenizeCommand.self, EncodeCommand.self,
      ExportCommand.self, KeysCommand.self, DoctorCommand.self, BenchmarkCommand.self,
    ])

  static func main() {
    StandardStreams.prepare()
    if let fault = AddressSpace.fault {
      StandardError.write("recap: error: \(fault)\n")
      end(EXIT_FAILURE)
    }
    let bar = DownloadBar()
    Hub.reportProgress(to: bar.show)
    var command: (any ParsableCommand)?
    do {
      command = try parseAsRoot()
      // What is timed has no good moments.
      if CommandLine.arguments.dropFirst().first != "benchmark" { Interruption.handleSignals() }
      try command!.run()
      end(EXIT_SUCCESS)
    } catch {
      end(report(error, command))
    }
  }

  /// Says why the command ended; returns its exit status.
  private static func report(_ error: any Error, _ command: (any ParsableCommand)?) -> Int32 {
    let console = Console.standardError()
    if console.isTerminal { console.write("\r\u{1B}[K") }  // a progress bar that was not ended
    switch error {
    case let code as ExitCode: return code.rawValue
    case let interrupted as Interrupted:
      StandardError.write(
        interrupted.message(of: command, arguments: CommandLine.arguments))
      return interrupted.exitStatus
    case let output as OutputError where output.isReaderGone: return 128 + SIGPIPE
    case _ where exitCode(for: error) == .success:  // help, or the version
      do { try printOutput(fullMessage(for: error)) } catch { return report(error, command) }
      return EXIT_SUCCESS
    case _ where exitCode(for: error) == .failure:
      let problems = errorLines(error).map { "recap: error: \($0)\n" }
      StandardError.write(problems.joined())
      return EXIT_FAILURE
    default:
      StandardError.write(fullMessage(for: error) + "\n")
      return exitCode(for: error).rawValue
    }
  }

  /// Ends the program without the destructors of libraries' globals: threads that read ahead may
  /// still be letting go of what those hold (Arrow's memory pool, libtorch's registries).
  private static func end(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }
}
