internal import ArgumentParser
internal import Foundation
internal import Hub

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
    let bar = DownloadBar()
    Hub.reportProgress(to: bar.show)
    do {
      var command = try parseAsRoot()
      try command.run()
      end(EXIT_SUCCESS)
    } catch let code as ExitCode {
      end(code.rawValue)
    } catch  where exitCode(for: error) == .failure && !(error is CleanExit) {
      let problems = errorLines(error).map { "recap: error: \($0)\n" }
      FileHandle.standardError.write(Data(problems.joined().utf8))
      end(EXIT_FAILURE)
    } catch {
      exit(withError: error)
    }
  }

  /// Ends the program without the destructors of libraries' globals: threads that read ahead may
  /// still be letting go of what those hold (Arrow's memory pool, libtorch's registries).
  private static func end(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }
}
