import PolicyInterface
import Simulation
import Testing

/// What push and pick_and_place promise alike.
@Suite struct TabletopTests {
  static let tasks = SimulatedTask.all.filter { ["push", "pick_and_place"].contains($0.name) }

  private func evaluate(
    _ task: SimulatedTask, _ demonstrators: DemonstratorMixture, corrector: Demonstrator? = nil,
    episodes: UInt64 = 40
  ) throws -> Evaluation {
    let rollout = Rollout(task: task, actor: .demonstrators(demonstrators), corrector: corrector)
    var rows: [Evaluation.Episode] = []
    try rollout.run(seeds: Array(7000..<7000 + episodes)) { episode, _ in
      rows.append(.init(episode))
    }
    return Evaluation(task: task.name, fps: 10, rows)
  }

  @Test(arguments: tasks) func demonstratorsAreAsGoodAsTheyAreMeantToBe(
    _ task: SimulatedTask
  ) throws {
    let good = try evaluate(task, .init("good", Demonstrator()))
    #expect(good.success >= 0.95 && good.broken == 0)
    let usual = try evaluate(task, task.demonstrators, episodes: 100)
    // A lapse in pushing costs time more often than the episode.
    let (share, rate) = task.name == "push" ? (0.7...0.88, 0.8) : (0.35...0.68, 0.7)
    #expect(share.contains(usual.success), "\(usual.success)")
    #expect(usual.throughputPerHour < rate * good.throughputPerHour)
    let slow = try evaluate(task, .init("slow", Demonstrator(speed: 0.7)), episodes: 15)
    #expect(slow.meanSteps > 1.2 * good.meanSteps)
    let unskilled = try evaluate(task, .init("unskilled", Demonstrator(skill: 0)), episodes: 30)
    #expect(unskilled.success < 0.5)
  }

  @Test(arguments: tasks) func theCorrectorSavesMost(_ task: SimulatedTask) throws {
    let corrected = try evaluate(task, task.demonstrators, corrector: task.corrector, episodes: 60)
    #expect(corrected.success > 0.72, "\(corrected.success)")
    // Who needs no help is hardly ever helped.
    let rollout = Rollout(
      task: task, actor: .demonstrators(.init("good", Demonstrator())), corrector: task.corrector)
    var taken = 0
    try rollout.run(seeds: Array(7000..<7030)) { episode, _ in
      taken += episode.type == .correction ? 1 : 0
    }
    #expect(taken <= 3, "\(taken) of 30")
  }

  @Test(arguments: tasks) func whoDoesNothingIsTakenOverFromAndFailsByTheTimeLimit(
    _ task: SimulatedTask
  ) throws {
    let world = try task.make()
    world.reset(seed: 4)
    let idle = [Float](repeating: 0, count: world.specification.actionNames.count)
    while !world.needsTakeover { world.step(idle) }
    #expect(world.stepCount <= 30)
    while world.outcome == .running { world.step(idle) }
    #expect(world.outcome == .failure && world.stepCount == world.specification.timeLimit)
    #expect(!world.needsTakeover)
    let state = world.state
    world.step(idle.map { _ in 1 })
    #expect(world.state == state && world.stepCount == world.specification.timeLimit)
  }

  @Test(arguments: tasks) func aSeedIsAnEpisodeToTheBit(_ task: SimulatedTask) throws {
    let (first, second) = (try task.make(), try task.make())
    second.reset(seed: 5)
    for _ in 0..<9 { second.step([1, -0.4, -1, -1]) }
    func play(_ world: any Simulation.Task) -> [[Float]] {
      world.reset(seed: 17)
      var expert = world.demonstrator(task.demonstrators.part(seed: 17).demonstrator, seed: 17)
      var states = [world.state]
      while world.outcome == .running {
        world.step(expert.action())
        states.append(world.state)
      }
      return states
    }
    let states = play(first)
    #expect(states == play(second) && states == play(first))
    #expect(states.allSatisfy { $0.count == first.specification.stateNames.count })
    first.reset(seed: 18)
    #expect(first.state != states[0])
  }

  @Test func instructionsNameEveryColorAndBin() throws {
    let colors = ["red", "green", "blue", "yellow"]
    let (push, pick) = (try Self.tasks[0].make(), try Self.tasks[1].make())
    var (pushed, picked) = (Set<String>(), Set<String>())
    for seed in 0..<120 as Range<UInt64> {
      push.reset(seed: seed)
      pick.reset(seed: seed)
      pushed.insert(push.instruction)
      picked.insert(pick.instruction)
    }
    #expect(pushed == Set(colors.map { "Push the \($0) block to the marked place." }))
    #expect(
      picked
        == Set(
          colors.flatMap { color in
            ["left", "right"].map { "Put the \(color) can into the \($0) bin." }
          }))
  }

  @Test(arguments: tasks) func picturesShowWhatIsNamedAndDifferBetweenSeeds(
    _ task: SimulatedTask
  ) throws {
    let world = try task.make()
    let renderer = try Renderer(world: world.world)
    for seed in 0..<12 as Range<UInt64> {
      for camera in world.specification.cameras {
        world.reset(seed: seed)
        let before = try renderer.picture(of: world.world, camera: camera)
        let color = world.instruction.split(separator: " ")[2]
        let count = pixels(of: before) { isColor(String(color), $0, $1, $2) }
        #expect(count >= 12, "\(camera.name) of seed \(seed): \(count) pixels of \(color)")
        world.reset(seed: seed + 100)
        #expect(try renderer.picture(of: world.world, camera: camera) != before)
        world.reset(seed: seed)
        #expect(try renderer.picture(of: world.world, camera: camera) == before)
      }
    }
  }

  private func pixels(of image: Image, _ matches: (Int, Int, Int) -> Bool) -> Int {
    stride(from: 0, to: image.rgb.count, by: 3).count {
      matches(Int(image.rgb[$0]), Int(image.rgb[$0 + 1]), Int(image.rgb[$0 + 2]))
    }
  }

  private func isColor(_ name: String, _ red: Int, _ green: Int, _ blue: Int) -> Bool {
    switch name {
    case "red": red > 2 * green && red > 2 * blue
    case "green": green > 2 * red && green > 2 * blue
    case "blue": 2 * blue > 3 * green && blue > 2 * red
    default: red > 2 * blue && green > 2 * blue
    }
  }
}
