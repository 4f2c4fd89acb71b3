internal import Recap
internal import Simulation
internal import Torch

/// Collects in a simulated task what the rounds of `recap iterate` want.
struct SimulatedCollector {
  private let task: SimulatedTask
  private let settings: Configuration.Simulation
  private let seed: Int
  private let cameras: [TaskSpecification.Camera]
  private let device: Device

  /// - Parameter device: where the policies act.
  init(_ task: SimulatedTask, _ configuration: Configuration, device: Device) throws {
    self.task = task
    settings = configuration.simulation
    seed = configuration.training.seed
    self.device = device
    cameras = settings.usesCameras ? try task.make().specification.cameras : []
  }

  var collector: Iteration.Collector {
    Iteration.Collector(
      demonstrate: { folder in
        try record(
          "demonstrations",
          [
            part(
              Rollout(task: task, actor: .demonstrators(task.demonstrators)), "demonstrations",
              settings.demonstrations)
          ], to: folder)
      },
      collect: { round, policy, folder in
        let alone = try Rollout(task, checkpoint: policy, ActingOptions(), device: device)
        var corrected = alone
        corrected.corrector = task.corrector
        try record(
          "collecting, round \(round)",
          [
            part(alone, "autonomous, round \(round)", settings.autonomousEpisodes),
            part(corrected, "corrections, round \(round)", settings.correctionEpisodes),
          ], to: folder)
      })
  }

  private func part(_ rollout: Rollout, _ purpose: String, _ count: Int) -> (Rollout, [UInt64]) {
    var rollout = rollout
    if !cameras.isEmpty { rollout.pictures = .frames }
    return (rollout, EpisodeCollection.seeds(purpose, run: seed, count: count))
  }

  private func record(
    _ title: String, _ parts: [(rollout: Rollout, seeds: [UInt64])], to folder: String
  ) throws {
    // The workers set their own, which some libraries take for everybody's.
    let threads = Runtime.threads
    defer { Runtime.threads = threads }
    let bar = EpisodeProgress(title)
    let made = try EpisodeCollection.record(
      parts.filter { !$0.seeds.isEmpty }, cameras: cameras, to: folder, report: bar.show)
    bar.finish()
    try printOutput(made.table(folder: folder))
  }
}
