import Simulation
import Testing

@Suite struct CarryTests {
  let carry = SimulatedTask.all.first { $0.name == "carry" }!

  private func evaluate(
    _ demonstrator: Demonstrator, corrector: Demonstrator? = nil, episodes: Int = 150
  ) throws -> Evaluation {
    let rollout = Rollout(
      task: carry, actor: .demonstrators(.init("someone", demonstrator)), corrector: corrector)
    var rows: [Evaluation.Episode] = []
    try rollout.run(seeds: Array(9000..<9000 + UInt64(episodes))) { episode, _ in
      rows.append(.init(episode))
    }
    return Evaluation(task: "carry", fps: 20, rows)
  }

  @Test func demonstratorsAreAsFastAndAsSureAsTheyAreMeantToBe() throws {
    let parts = carry.demonstrators.parts
    #expect(parts.map(\.name) == ["slow", "skilful", "sloppy"])
    let (slow, skilful, sloppy) = (
      try evaluate(parts[0].demonstrator), try evaluate(parts[1].demonstrator),
      try evaluate(parts[2].demonstrator)
    )
    #expect((0.84...0.98).contains(slow.success) && (66...80).contains(slow.meanSteps))
    #expect((0.76...0.95).contains(skilful.success) && (28...37).contains(skilful.meanSteps))
    #expect((0.10...0.32).contains(sloppy.success) && (27...37).contains(sloppy.meanSteps))
    #expect(skilful.throughputPerHour > 1.4 * slow.throughputPerHour)
    #expect(slow.throughputPerHour > 1.2 * sloppy.throughputPerHour)
  }

  @Test func theCorrectorSavesWhoBrakesLate() throws {
    let sloppy = carry.demonstrators.parts[2].demonstrator
    #expect(try evaluate(sloppy, corrector: carry.corrector).success > 0.9)
  }

  @Test func whoDawdlesIsTakenOverFrom() throws {
    let task = try carry.make()
    task.reset(seed: 3)
    while !task.needsTakeover { task.step([0, 0]) }
    #expect((20..<80).contains(task.stepCount))
    var expert = task.demonstrator(carry.corrector, seed: 3)
    while task.outcome == .running { task.step(expert.action()) }
    #expect(task.outcome == .success)
    #expect(!task.needsTakeover)
  }

  @Test func theTimeLimitIsAFailureAndStepsAfterTheEndDoNothing() throws {
    let task = try carry.make()
    task.reset(seed: 1)
    while task.outcome == .running { task.step([0, 0]) }
    #expect(task.stepCount == task.specification.timeLimit && task.outcome == .failure)
    let state = task.state
    task.step([1, 1])
    #expect(task.state == state && task.stepCount == task.specification.timeLimit)
  }

  @Test func aSeedIsAnEpisodeToTheBit() throws {
    let (first, second) = (try carry.make(), try carry.make())
    second.reset(seed: 5)
    for _ in 0..<9 { second.step([1, -0.4]) }
    func play(_ task: any Task) -> [[Float]] {
      task.reset(seed: 17)
      var expert = task.demonstrator(Demonstrator(skill: 0.3, noise: 0.1), seed: 17)
      var states = [task.state]
      while task.outcome == .running {
        task.step(expert.action())
        states.append(task.state)
      }
      return states
    }
    #expect(play(first) == play(second))
    first.reset(seed: 18)
    #expect(first.state != play(second)[0])
  }

  @Test func objectsThatAreLostLieWhereTheyFell() throws {
    let task = try carry.make()
    let object = task.world.index(.body, "object")
    let sloppy = carry.demonstrators.parts[2].demonstrator
    for seed in 0..<40 as Range<UInt64> {
      task.reset(seed: seed)
      var expert = task.demonstrator(sloppy, seed: seed)
      while task.outcome == .running { task.step(expert.action()) }
      #expect(task.world.problem == nil)
      let height = task.world.position(body: object).z
      #expect(task.outcome == .success ? height > 0.1 : height < 0.1, "seed \(seed): \(height) m")
    }
  }

  @Test func picturesDifferBetweenSeedsAndFollowTheObject() throws {
    let task = try carry.make()
    let renderer = try Renderer(world: task.world)
    for camera in task.specification.cameras {
      task.reset(seed: 1)
      let before = try renderer.picture(of: task.world, camera: camera)
      for _ in 0..<8 { task.step([1, 0]) }
      #expect(try renderer.picture(of: task.world, camera: camera) != before)
      task.reset(seed: 2)
      #expect(try renderer.picture(of: task.world, camera: camera) != before)
      task.reset(seed: 1)
      #expect(try renderer.picture(of: task.world, camera: camera) == before)
    }
  }

  @Test func anUnknownTaskIsAnErrorThatNamesTheOthers() {
    let text = message { _ = try SimulatedTask.named("cary") }
    #expect(text.hasPrefix("there is no simulated task 'cary'; there are: carry"))
  }
}
