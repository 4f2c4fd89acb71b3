internal import PolicyInterface
internal import Recap
internal import Simulation

/// What a value function says around the moment when an expert takes a failing episode over.
struct Takeovers: Encodable {
  private enum CodingKeys: CodingKey { case episodes, curve }

  struct Point: Encodable {
    /// From the takeover on.
    let seconds: Double
    /// V, the mean over the episodes.
    let value: Double
  }

  /// Of the episodes that were taken over and succeeded then; first where V had fallen most by then.
  let seeds: [UInt64]
  /// How many those are.
  let episodes: Int
  /// From two seconds before to two seconds after, as far as half of the episodes reach.
  let curve: [Point]

  /// Runs episodes with corrections, and judges those that needed one and succeeded then.
  init(_ rollout: Rollout, seeds: [UInt64], critic: FlowCritic) throws {
    let fps = try rollout.task.make().specification.fps
    var found: [(seed: UInt64, values: [Float], start: Int)] = []
    try rollout.run(seeds: seeds) { episode, _ in
      guard episode.isSuccess, let start = episode.steps.firstIndex(where: \.isIntervention) else {
        return
      }
      found.append((episode.seed, try critic.judge(episode).values, start))
    }
    func fall(_ values: [Float], _ start: Int) -> Float {
      values[...start].max()! - values[start]
    }
    self.seeds = found.sorted { fall($0.values, $0.start) > fall($1.values, $1.start) }.map(\.seed)
    episodes = found.count
    curve = (-Int(2 * fps)...Int(2 * fps)).compactMap { offset in
      let values = found.compactMap { _, values, start in
        values.indices.contains(start + offset) ? Double(values[start + offset]) : nil
      }
      guard !values.isEmpty, 2 * values.count >= found.count else { return nil }
      return Point(
        seconds: Double(offset) / fps, value: values.reduce(0, +) / Double(values.count))
    }
  }

  /// V at its highest before an expert takes over, then, and at last, in words; nil where none did.
  var summary: String? {
    guard let start = curve.first(where: { $0.seconds == 0 }), let last = curve.last,
      let highest = curve.filter({ $0.seconds <= 0 }).max(by: { $0.value < $1.value })
    else { return nil }
    return String(
      format: "V is %.2f at its highest, %.1f s before an expert takes over, %.2f then, "
        + "and %.2f %.1f s later",
      highest.value, -highest.seconds, start.value, last.value, last.seconds)
  }
}

extension FlowCritic {
  func judge(_ episode: SimulatedEpisode) throws -> Judgement {
    try judge(
      episode.steps.map {
        Observation(images: $0.images, state: $0.state, instruction: episode.instruction)
      }, succeeded: episode.isSuccess)
  }
}
