import Foundation
import Platform
public import PolicyInterface

/// Episodes of a task, done by demonstrators or a policy, side by side on several threads.
///
/// ```swift
/// let rollout = Rollout(task: try .named("carry"), actor: .policy("bc") { try load() })
/// try rollout.run(seeds: Array(0..<300)) { episode, progress in print(progress, episode.ending) }
/// ```
///
/// An episode depends on its seed, on the actor, and on nothing that other episodes do: results are the
/// same to the bit however many workers there are. A policy is always asked for `groupSize` robots at
/// once, those that are done included, because libraries of linear algebra may sum in another order for
/// another number of rows; so the group's size, and the place of a seed in it, are part of what an
/// episode depends on.
public struct Rollout: Sendable {
  /// Who acts.
  public enum Actor: Sendable {
    /// One of the mixture an episode, drawn from its seed.
    case demonstrators(DemonstratorMixture)
    /// A policy, made once in every worker's thread; its chunks are carried out to their end before it
    /// is asked again.
    case policy(String, make: @Sendable () throws -> any Policy)
  }

  /// When the cameras are drawn.
  public enum Pictures: Sendable {
    case never
    /// When a policy is asked.
    case decisions
    /// In every step, to be recorded or looked at.
    case frames
  }

  /// How far a rollout is.
  public struct Progress: Sendable, Equatable {
    public var finished: Int
    public var total: Int
  }

  public var task: SimulatedTask
  public var actor: Actor
  /// Who takes over for the rest of an episode as soon as the task needs it; nil for nobody.
  public var corrector: Demonstrator?
  public var pictures: Pictures
  /// Episodes side by side in a worker.
  public var groupSize: Int
  /// Threads.
  public var workers: Int
  /// What draws the cameras of a worker.
  public var makeRenderer: @Sendable (World) throws -> any CameraRenderer

  /// - Parameter workers: threads; nil for one a core.
  public init(
    task: SimulatedTask, actor: Actor, corrector: Demonstrator? = nil, pictures: Pictures = .never,
    groupSize: Int = 16, workers: Int? = nil,
    makeRenderer: @escaping @Sendable (World) throws -> any CameraRenderer = {
      try Renderer(world: $0)
    }
  ) {
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    guard groupSize > 0, workers > 0 else {
      fatalError("a rollout wants at least one episode side by side and one worker")
    }
    self.task = task
    self.actor = actor
    self.corrector = corrector
    self.pictures = pictures
    self.groupSize = groupSize
    self.workers = workers
    self.makeRenderer = makeRenderer
  }

  /// Runs an episode of each seed and delivers it, in the order of the seeds, as it finishes.
  ///
  /// An episode in which the physics diverges or the policy asks for what is no number is delivered as
  /// broken, and the rest go on.
  /// - Parameter deliver: called in this thread; what it throws ends the rollout.
  /// - Throws: `Interrupted`; `SimulationError` when a policy or renderer cannot be made or fails, or a policy's actions
  ///   are of the wrong width; episodes before that one are delivered first.
  public func run(
    seeds: [UInt64], deliver: (SimulatedEpisode, Progress) throws -> Void
  ) throws {
    let starts = Array(stride(from: 0, to: seeds.count, by: groupSize))
    let count = min(workers, starts.count)
    let queue = GroupQueue(count: starts.count, workers: count)
    if count == 0 { return }
    let started = try startThreads(count, named: "rollout", stackSize: 16 << 20) { [self] _ in
      work(starts.map { $0..<min($0 + groupSize, seeds.count) }, seeds, queue)
      queue.leave()
    }
    for _ in started..<count { queue.leave() }
    defer { queue.close() }
    var finished = 0
    while let result = queue.take() {
      try Interruption.check()
      for episode in result.episodes {
        finished += 1
        try deliver(episode, Progress(finished: finished, total: seeds.count))
      }
      if let error = result.error { throw error }
    }
  }

  /// What a worker does: one group after another, until there are no more or one fails.
  private func work(_ ranges: [Range<Int>], _ seeds: [UInt64], _ queue: GroupQueue) {
    var group: EpisodeGroup?
    while let number = queue.claim() {
      do {
        let ready = try group ?? EpisodeGroup(self)
        group = ready
        let result = ready.run(seeds: seeds, ranges[number]) {
          queue.isCancelled || Interruption.isAsked
        }
        queue.put(result, number: number)
        if result.error != nil { return }
      } catch {
        queue.put(.init(episodes: [], error: error), number: number)
        return
      }
    }
  }
}
