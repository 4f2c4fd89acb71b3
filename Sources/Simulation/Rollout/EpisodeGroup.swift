import PolicyInterface

/// Episodes that one worker does side by side, step by step, and all that it needs for that: worlds, a
/// policy, a renderer. It belongs to the worker's thread.
final class EpisodeGroup {
  private let rollout: Rollout
  private let lanes: [Lane]
  private let policy: (any Policy)?
  private let renderer: (any CameraRenderer)?

  /// - Throws: what making the worlds, the policy or the renderer throws.
  init(_ rollout: Rollout) throws {
    self.rollout = rollout
    lanes = try (0..<rollout.groupSize).map { _ in Lane(task: try rollout.task.make()) }
    switch rollout.actor {
    case .demonstrators: policy = nil
    case .policy(_, let make): policy = try make()
    }
    renderer =
      rollout.pictures == .never ? nil : try rollout.makeRenderer(lanes[0].task.world)
  }

  /// Runs the episodes at `range` of the seeds, no more than there are lanes; gives up half way, with
  /// those that are complete, when nobody wants them any more.
  func run(
    seeds: [UInt64], _ range: Range<Int>, isCancelled: () -> Bool
  ) -> GroupQueue.Finished {
    let running = lanes.prefix(range.count)
    for (lane, index) in zip(running, range) {
      lane.begin(index: index, seed: seeds[index], rollout)
    }
    do {
      while running.contains(where: { $0.ending == nil }), !isCancelled() { try step(running) }
      return .init(episodes: complete(running), error: nil)
    } catch {
      return .init(episodes: complete(running), error: error)
    }
  }

  /// The episodes before the first that is not over.
  private func complete(_ running: ArraySlice<Lane>) -> [SimulatedEpisode] {
    running.prefix { $0.ending != nil }.map(\.episode)
  }

  /// One control step of every episode that is not over.
  private func step(_ running: ArraySlice<Lane>) throws {
    for lane in running where lane.ending == nil {
      lane.images = [:]
      if rollout.pictures == .frames { try draw(lane) }
      if let corrector = rollout.corrector { lane.correct(corrector) }
    }
    if let policy { try ask(policy, running) }
    for lane in running where lane.ending == nil { lane.act() }
  }

  private func draw(_ lane: Lane) throws {
    guard let renderer else { return }
    for camera in lane.task.specification.cameras where lane.images[camera.key] == nil {
      lane.images[camera.key] = try renderer.picture(of: lane.task.world, camera: camera)
    }
  }

  /// New actions for those that have carried out theirs, if there are any.
  private func ask(_ policy: any Policy, _ running: ArraySlice<Lane>) throws {
    let asking = running.filter(\.wantsActions)
    if asking.isEmpty { return }
    for lane in asking {
      try draw(lane)
      lane.observation = Observation(
        images: lane.images, state: lane.task.state, instruction: lane.task.instruction)
    }
    // Always as many as there are lanes, each in its row (see Rollout); the first stands in for those
    // that have no episode, and one that asks for those that never did.
    let rows = lanes.indices.map { $0 < running.count ? lanes[$0] : lanes[0] }
    let observations = rows.map { $0.observation ?? asking[0].observation! }
    let chunks = try policy.act(on: observations, seeds: rows.map(\.policySeed))
    guard chunks.count == observations.count else {
      throw complaint("answers \(observations.count) robots with \(chunks.count) chunks of actions")
    }
    for (lane, chunk) in zip(running, chunks) where lane.wantsActions {
      try check(chunk, lane.task.specification)
      lane.pending = chunk.actions[...]
    }
  }

  private func check(_ chunk: ActionChunk, _ specification: TaskSpecification) throws {
    let names = specification.actionNames
    if chunk.actions.isEmpty {
      throw complaint("returns no action, at least one is wanted")
    }
    if let bad = chunk.actions.first(where: { $0.count != names.count }) {
      throw complaint(
        "returns actions of \(bad.count) numbers, '\(specification.name)' wants \(names.count): "
          + names.joined(separator: ", "))
    }
  }

  private func complaint(_ problem: String) -> SimulationError {
    guard case .policy(let name, _) = rollout.actor else {
      fatalError("demonstrators are not asked")
    }
    return SimulationError("policy '\(name)' \(problem)")
  }
}
