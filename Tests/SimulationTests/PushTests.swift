import Simulation
import Testing

@Suite struct PushTests {
  @Test func aBlockThatIsPushedOffTheTableIsAFailure() throws {
    let task = try Push()
    for seed in 0..<30 as Range<UInt64> {
      task.reset(seed: seed)
      // To the block and on, whatever the goal.
      while task.outcome == .running {
        let state = task.state
        let distance = (state[2] * state[2] + state[3] * state[3]).squareRoot()
        task.step([state[2] / distance, state[3] / distance])
      }
      #expect(task.world.problem == nil)
      let height = task.world.position(body: task.world.index(.body, "block 0")).z
      let otherHeight = task.world.position(body: task.world.index(.body, "block 1")).z
      let isOff = min(height, otherHeight) < 0
      let isLate = task.stepCount == task.specification.timeLimit
      #expect(task.outcome == .success || isOff != isLate)
      if isOff { #expect(task.outcome == .failure) }
    }
  }

  @Test func theStateSaysWhereTheGoalIsAndAnEpisodeEndsThere() throws {
    let task = try Push()
    for seed in 0..<10 as Range<UInt64> {
      task.reset(seed: seed)
      let before = task.state
      let goal = SIMD2(before[0] + before[2] + before[6], before[1] + before[3] + before[7])
      var expert = task.demonstrator(Demonstrator(), seed: seed)
      while task.outcome == .running { task.step(expert.action()) }
      #expect(task.outcome == .success)
      let after = task.state
      let left = SIMD2(after[6], after[7])
      #expect((left * left).sum().squareRoot() < 0.025)
      let same = SIMD2(after[0] + after[2] + after[6], after[1] + after[3] + after[7]) - goal
      #expect((same * same).sum() < 1e-10)
    }
  }
}
