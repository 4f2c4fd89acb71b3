internal import PolicyInterface
internal import Recap
internal import Simulation

/// What a value function says around the moment when an expert takes a failing episode over.
struct Takeovers: Encodable {
  struct Point: Encodable {
    /// From the takeover on.
    let seconds: Double
    /// V, the mean over the episodes.
    let value: Double
  }

  /// Episodes that were taken over and succeeded then.
  let episodes: Int
  /// From two seconds before to two seconds after, as far as half of the episodes reach.
  let curve: [Point]

  /// Runs episodes with corrections, and judges those that needed one and succeeded then.
  init(_ rollout: Rollout, seeds: [UInt64], critic: FlowCritic) throws {
    let fps = try rollout.task.make().specification.fps
    var found: [(values: [Float], start: Int)] = []
    try rollout.run(seeds: seeds) { episode, _ in
      guard episode.isSuccess, let start = episode.steps.firstIndex(where: \.isIntervention) else {
        return
      }
      found.append((try critic.judge(episode).values, start))
    }
    episodes = found.count
    curve = (-Int(2 * fps)...Int(2 * fps)).compactMap { offset in
      let values = found.compactMap { values, start in
        values.indices.contains(start + offset) ? Double(values[start + offset]) : nil
      }
      guard !values.isEmpty, 2 * values.count >= found.count else { return nil }
      return Point(
        seconds: Double(offset) / fps, value: values.reduce(0, +) / Double(values.count))
    }
  }

  /// V before, when and after an expert takes over, in words; nil where none did.
  var summary: String? {
    guard let first = curve.first, let last = curve.last,
      let start = curve.first(where: { $0.seconds == 0 })
    else { return nil }
    return String(
      format: "V is %.2f %.1f s before an expert takes over, %.2f then, %.2f %.1f s later",
      first.value,
      -first.seconds, start.value, last.value, last.seconds)
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
