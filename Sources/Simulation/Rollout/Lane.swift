import PolicyInterface

/// One of the worlds of a group, with the episode that runs in it.
final class Lane {
  let task: any Task
  /// The episode's place among the seeds; nil while there has been none.
  private(set) var index: Int?
  private(set) var ending: SimulatedEpisode.Ending?
  /// What its policy saw when it was last asked.
  var observation: Observation?
  /// The policy's actions still to be carried out.
  var pending: ArraySlice<[Float]> = []
  /// What the cameras see in this step, where drawn.
  var images: [String: Image] = [:]

  private var seed: UInt64 = 0
  private var actor = ""
  /// Who acts in place of a policy.
  private var expert: (any Expert)?
  private var isDemonstrated = false
  private var isCorrected = false
  private var steps: [SimulatedEpisode.Step] = []

  init(task: any Task) { self.task = task }

  func begin(index: Int, seed: UInt64, _ rollout: Rollout) {
    (self.index, self.seed, ending, observation) = (index, seed, nil, nil)
    (pending, images, expert, isCorrected, steps) = ([], [:], nil, false, [])
    task.reset(seed: seed)
    switch rollout.actor {
    case .policy(let name, _): actor = name
    case .demonstrators(let mixture):
      let part = mixture.part(seed: seed)
      actor = part.name
      expert = task.demonstrator(part.demonstrator, seed: seed)
    }
    isDemonstrated = expert != nil
    if let problem = task.world.problem { ending = .broken(problem) }
  }

  /// Hands the rest of the episode to the corrector if it is time.
  func correct(_ corrector: Demonstrator) {
    guard !isCorrected, task.needsTakeover else { return }
    isCorrected = true
    pending = []
    expert = task.demonstrator(corrector, seed: seed)
  }

  /// Whether it takes a policy to go on.
  var wantsActions: Bool { index != nil && ending == nil && expert == nil && pending.isEmpty }

  /// Of the random numbers that the policy draws now.
  var policySeed: UInt64 {
    var random = RandomSource(seed: seed, purpose: "policy step \(steps.count)")
    return random.next()
  }

  /// Carries out the next action.
  func act() {
    let action = expert?.action() ?? pending.removeFirst()
    if let bad = action.first(where: { !$0.isFinite }) {
      ending = .broken("'\(actor)' asks for an action of \(bad) in step \(steps.count)")
      return
    }
    let executed = task.executed(action)
    steps.append(
      SimulatedEpisode.Step(
        state: task.state, action: executed, isIntervention: isCorrected, images: images))
    task.step(executed)
    if let problem = task.world.problem {
      ending = .broken(problem)
    } else if task.outcome == .success {
      ending = .success
    } else if steps.count >= task.specification.timeLimit {
      ending = .timeLimit
    } else if task.outcome == .failure {
      ending = .failure
    }
  }

  /// What has come of it; only once it has ended.
  var episode: SimulatedEpisode {
    guard let index, let ending else { fatalError("the episode is not over") }
    return SimulatedEpisode(
      index: index, seed: seed, instruction: task.instruction, actor: actor,
      source: isDemonstrated ? .human : .policy,
      type: isCorrected ? .correction : isDemonstrated ? .demo : .autonomous, steps: steps,
      ending: ending)
  }
}
