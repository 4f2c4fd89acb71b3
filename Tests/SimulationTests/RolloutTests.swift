import PolicyInterface
import Simulation
import Synchronization
import Testing

@Suite struct RolloutTests {
  let carry = SimulatedTask.all.first { $0.name == "carry" }!

  private func episodes(_ rollout: Rollout, seeds: [UInt64]) throws -> [SimulatedEpisode] {
    var all: [SimulatedEpisode] = []
    try rollout.run(seeds: seeds) { episode, progress in
      all.append(episode)
      #expect(progress.finished == all.count && progress.total == seeds.count)
    }
    return all
  }

  @Test(arguments: [nil, Demonstrator(skill: 1, speed: 1)])
  func anyNumberOfWorkersGivesTheSameBits(corrector: Demonstrator?) throws {
    let seeds = Array<UInt64>(100..<111)
    var rollout = Rollout(
      task: carry, actor: .policy("homing") { Homing(speed: 1, gain: 15) }, corrector: corrector,
      pictures: .frames, groupSize: 3, workers: 1)
    let one = try episodes(rollout, seeds: seeds)
    rollout.workers = 3
    let three = try episodes(rollout, seeds: seeds)
    #expect(one == three)
    #expect(one.map(\.seed) == seeds && one.map(\.index) == Array(0..<11))
    #expect(Set(one.map { $0.steps.count }).count > 2, "they end at different times")
    #expect(one[0].steps[0].images.count == 2)
    #expect(
      Set(one.map(\.type)) == (corrector == nil ? [.autonomous] : [.autonomous, .correction]))
    if corrector == nil {
      rollout.groupSize = 5
      rollout.pictures = .never
      let without = try episodes(rollout, seeds: seeds)
      #expect(without.map { $0.steps.map(\.action) } == one.map { $0.steps.map(\.action) })
    }
  }

  /// What is recorded is what was carried out: asked for again, it gives the same episode.
  @Test(arguments: SimulatedTask.all) func actionsAreRecordedAsTheyWereCarriedOut(
    _ task: SimulatedTask
  ) throws {
    let width = try task.make().specification.actionNames.count
    func run(_ make: @escaping @Sendable () -> any Policy) throws -> SimulatedEpisode {
      try episodes(
        Rollout(task: task, actor: .policy("eager", make: make), groupSize: 1, workers: 1),
        seeds: [5]
      )[0]
    }
    let asked = (0..<width).map { Float([3, -2, 0.5, 1.5][$0 % 4]) }
    let eager = try run { Repeating(actions: [asked]) }
    let recorded = eager.steps.map(\.action)
    #expect(recorded.allSatisfy { $0.allSatisfy { abs($0) <= 1 } && $0 != asked })
    let again = try run { Repeating(actions: recorded) }
    #expect(again.steps.map(\.state) == eager.steps.map(\.state) && again.ending == eager.ending)
    #expect(again.steps.map(\.action) == recorded)
    // People's hands shake beyond the limits as well.
    let shaking = Rollout(
      task: task, actor: .demonstrators(.init("shaking", Demonstrator(noise: 2))))
    for step in try episodes(shaking, seeds: [1, 2]).flatMap(\.steps) {
      #expect(step.action.allSatisfy { abs($0) <= 1 })
    }
  }

  @Test func demonstratorsOfAMixtureTakeTurnsBySeed() throws {
    let rollout = Rollout(task: carry, actor: .demonstrators(carry.demonstrators))
    let all = try episodes(rollout, seeds: Array(0..<60))
    #expect(Set(all.map(\.actor)) == ["slow", "skilful", "sloppy"])
    #expect(all.allSatisfy { $0.type == .demo && $0.source == .human })
    #expect(all.filter { $0.actor == "sloppy" }.count > 20)
  }

  @Test func onceTakenOverEveryFrameIsAnIntervention() throws {
    let rollout = Rollout(
      task: carry, actor: .policy("dasher") { Homing(speed: 1, gain: 15) },
      corrector: carry.corrector)
    let all = try episodes(rollout, seeds: Array(0..<20))
    let corrected = all.filter { $0.type == .correction }
    #expect(!corrected.isEmpty)
    for episode in corrected {
      let first = episode.steps.firstIndex(where: \.isIntervention)!
      #expect(episode.steps[first...].allSatisfy { $0.isIntervention })
      #expect(episode.source == .policy)
    }
    let others = all.filter { $0.type == .autonomous }
    #expect(others.allSatisfy { !$0.steps.contains(where: \.isIntervention) })
  }

  @Test func chunksAreCarriedOutToTheirEndAndBatchesAlwaysFull() throws {
    final class Count: Sendable {
      let calls = Mutex<[Int]>([])
    }
    struct Counting: Policy {
      let count: Count
      func act(on observation: Observation) throws -> ActionChunk { fatalError("not batched") }
      func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk] {
        count.calls.withLock { $0.append(observations.count) }
        return observations.map { _ in ActionChunk(actions: [[0], [1], [2]]) }
      }
    }
    let count = Count()
    let rollout = Rollout(
      task: Endless.task(), actor: .policy("counting") { Counting(count: count) }, groupSize: 4,
      workers: 1)
    let all = try episodes(rollout, seeds: [1, 2, 3, 4, 5])
    #expect(all.allSatisfy { $0.steps.map(\.action) == [[0], [1], [2], [0], [1], [2], [0]] })
    // Two groups of seven steps, three questions each.
    #expect(count.calls.withLock { $0 } == [4, 4, 4, 4, 4, 4])
  }

  // MARK: What goes wrong

  @Test func aTaskThatNeverEndsMeetsItsTimeLimit() throws {
    let rollout = Rollout(task: Endless.task(), actor: .demonstrators(Endless.task().demonstrators))
    let all = try episodes(rollout, seeds: [1, 2])
    #expect(all.allSatisfy { $0.ending == .timeLimit && $0.steps.count == 7 && !$0.isSuccess })
  }

  @Test func divergedPhysicsBreaksTheEpisodeAndNoOther() throws {
    let task = Endless.task(divergesAt: 2)
    let rollout = Rollout(
      task: task, actor: .demonstrators(task.demonstrators), groupSize: 3, workers: 1)
    let all = try episodes(rollout, seeds: [1, 2, 3, 4])
    #expect(all.map(\.ending.name) == ["time_limit", "broken", "time_limit", "time_limit"])
    guard case .broken(let reason) = all[1].ending else { return }
    #expect(reason.contains("diverged"))
  }

  @Test func actionsThatAreNoNumbersBreakTheEpisodeAndNoOther() throws {
    let rollout = Rollout(
      task: carry,
      actor: .policy("nan") { Homing(spoil: { $0[1] > 0.1 && $0[0] > 0 ? [0.1, .nan] : nil }) })
    let all = try episodes(rollout, seeds: Array(0..<16))
    let broken = all.filter { $0.ending.name == "broken" }
    #expect(!broken.isEmpty && broken.count < 16)
    guard case .broken(let reason) = broken[0].ending else { return }
    #expect(
      reason.hasPrefix("'nan' asks for an action of nan in step \(broken[0].steps.count)"))
    #expect(broken[0].steps.allSatisfy { $0.action.allSatisfy(\.isFinite) })
  }

  @Test func actionsOfAnotherWidthEndTheRollout() {
    let rollout = Rollout(
      task: carry, actor: .policy("wide") { Homing(spoil: { _ in [0, 0, 0] }) })
    #expect(
      message { try rollout.run(seeds: [1, 2]) { _, _ in } }
        == "policy 'wide' returns actions of 3 numbers, 'carry' wants 2: x, y")
  }

  @Test func noActionsAtAllEndTheRollout() {
    let rollout = Rollout(task: carry, actor: .policy("idle") { Homing(chunk: 0) })
    #expect(
      message { try rollout.run(seeds: [1]) { _, _ in } }
        == "policy 'idle' returns no action, at least one is wanted")
  }

  @Test func aPolicyThatCannotBeMadeEndsTheRollout() {
    let rollout = Rollout(
      task: carry, actor: .policy("lost") { throw SimulationError("there is no such checkpoint") })
    #expect(
      message { try rollout.run(seeds: Array(0..<100)) { _, _ in } }
        == "there is no such checkpoint")
  }

  /// Draws nothing, and fails after some pictures.
  final class Failing: CameraRenderer {
    private var rest: Int
    init(after count: Int) { rest = count }

    func picture(of world: World, camera: TaskSpecification.Camera) throws -> Image {
      guard rest > 0 else { throw SimulationError("the graphics card is gone") }
      rest -= 1
      return Image(
        width: camera.width, height: camera.height,
        rgb: Array(repeating: 0, count: camera.width * camera.height * 3))
    }
  }

  @Test(arguments: [1, 2]) func whatWasDoneBeforeARendererFailedIsDelivered(workers: Int) throws {
    // Two episodes of seven steps a group.
    var rollout = Rollout(
      task: Endless.task(), actor: .demonstrators(Endless.task().demonstrators),
      pictures: .frames, groupSize: 2, workers: workers)
    rollout.makeRenderer = { _ in Failing(after: 14 * 3 + 5) }
    var delivered: [Int] = []
    let text = message {
      try rollout.run(seeds: Array(0..<20)) { episode, _ in delivered.append(episode.index) }
    }
    #expect(text == "the graphics card is gone")
    #expect(delivered.count >= 6 && delivered == Array(0..<delivered.count))
  }

  @Test func aConsumerThatThrowsEndsTheRollout() {
    let rollout = Rollout(task: carry, actor: .demonstrators(carry.demonstrators), groupSize: 2)
    var count = 0
    let text = message {
      try rollout.run(seeds: Array(0..<1000)) { _, _ in
        count += 1
        if count == 3 { throw SimulationError("the disk is full") }
      }
    }
    #expect(text == "the disk is full" && count == 3)
  }
}

/// Says the same again and again.
private struct Repeating: Policy {
  let actions: [[Float]]

  func act(on observation: Observation) throws -> ActionChunk { ActionChunk(actions: actions) }

  func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk] {
    observations.map { _ in ActionChunk(actions: actions) }
  }
}
