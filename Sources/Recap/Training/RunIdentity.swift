internal import Foundation
internal import Hub
internal import LeRobot
internal import Torch

/// Which run a checkpoint is of, and when in it: written into every checkpoint, so that neither names
/// nor times of files have to be believed.
struct RunIdentity: Equatable {
  /// Sixteen hexadecimal digits. The same configuration, data and start give the same, as they give the
  /// same weights.
  let run: String
  /// Saves of the run so far that were due by steps or by the end of a stage: two of the clock or of an
  /// interruption have the number of the one before, and tell by their steps which was later.
  var save: Int

  init(run: String, save: Int) {
    self.run = run
    self.save = save
  }

  /// That of a new run.
  ///
  /// - Parameter start: the checkpoint of another run that it begins from.
  init(_ configuration: Configuration, _ dataset: LeRobot.Dataset, start: RunIdentity?) {
    var configuration = configuration
    configuration.training.checkpointDir = "."
    configuration.dataset.path = nil
    var hash = SHA256()
    func add(_ data: Data) { data.withUnsafeBytes { hash.update($0) } }
    add(Data(configuration.yaml.utf8))
    for name in ["info.json", "stats.json", "episodes_stats.jsonl"] {
      add(FileManager.default.contents(atPath: "\(dataset.folder)/meta/\(name)") ?? Data())
    }
    if let start { add(Data("\(start.run) \(start.save)".utf8)) }
    self.init(run: String(hash.finish().prefix(16)), save: 0)
  }

  var pickled: PickleValue { .dictionary([("id", .string(run)), ("save", .int(save))]) }

  /// Nil when the value is not one that this version wrote.
  init?(_ value: PickleValue) {
    guard let run = value["id"]?.string, let save = value["save"]?.int,
      (0...ConfigurationBounds<Int>.count.most).contains(save)
    else { return nil }
    self.init(run: run, save: save)
  }
}
