import Simulation
import Testing

@Suite struct PickAndPlaceTests {
  /// Goes for the can `aside` metres off its middle in y, closes and lifts; how high the can came.
  private func lift(aside: Float) throws -> Float {
    let task = try PickAndPlace()
    task.reset(seed: 2)
    func go(_ height: Float, _ opening: Float, _ steps: Int) {
      for _ in 0..<steps {
        let state = task.state
        let x = state[4] * 30
        let y = (state[5] + aside) * 30
        let isClosed = opening < 0
        task.step([isClosed ? 0 : x, isClosed ? 0 : y, (height - state[2]) * 30, opening])
      }
    }
    go(0.12, 1, 25)
    go(0.022, 1, 15)
    go(0.022, -1, 4)
    go(0.12, -1, 12)
    return task.state[2] + task.state[6]
  }

  @Test func aCanIsHeldByFrictionUnlessItIsGrippedOffCenter() throws {
    #expect(try lift(aside: 0) > 0.1)
    #expect(try lift(aside: 0.008) > 0.1)
    #expect(try lift(aside: 0.018) < 0.04)
    #expect(try lift(aside: -0.018) < 0.04)
  }

  @Test func aCanThatWasLiftedAndDroppedOnTheTableIsAFailure() throws {
    let task = try PickAndPlace()
    for seed in 0..<10 as Range<UInt64> {
      task.reset(seed: seed)
      var expert = task.demonstrator(Demonstrator(), seed: seed)
      // Until the can is in the air, not yet over a bin.
      while task.state[2] + task.state[6] < 0.07 { task.step(expert.action()) }
      #expect(task.outcome == .running)
      var count = 0
      while task.outcome == .running, count < 20 {
        task.step([0, -1, 0, 1])
        count += 1
      }
      #expect(task.outcome == .failure && count < 12)
    }
  }

  @Test func theWrongBinIsAFailure() throws {
    let task = try PickAndPlace()
    for seed in 0..<10 as Range<UInt64> {
      task.reset(seed: seed)
      var expert = task.demonstrator(Demonstrator(), seed: seed)
      while task.state[2] + task.state[6] < 0.09 { task.step(expert.action()) }
      let isLeft = task.instruction.contains("left")
      let wrong = SIMD2<Float>(isLeft ? 0.13 : -0.13, 0.125)
      for _ in 0..<40 {
        let state = task.state
        task.step([(wrong.x - state[0]) * 20, (wrong.y - state[1]) * 20, 0.5, -1])
      }
      #expect(task.outcome == .running)
      for _ in 0..<10 { task.step([0, 0, 0, 1]) }
      #expect(task.outcome == .failure)
    }
  }
}
