import Foundation
import LeRobot
import Recap
import Torch

/// A world whose answer is known: a point goes from the left to the right edge, past a wall.
///
/// The fast way leads through a gap in the wall (25 to 40 steps), the slow and safe one over its top (65 to
/// 90: worth less than the average of all), and who touches the wall or falls into the pit below has
/// failed. All lead through one corridor first. Demonstrators take the slow way (60 %), the fast one
/// (25 %), miss the gap (5 %) or fall into the pit (10 %), each at a pace of its own. Episodes end where
/// they fail: a place where one is stuck until time is up would have a value that depends on the time left,
/// which the state does not hold. Where they start differs by as much as a policy goes in the four actions
/// that it carries out at a time: else a policy of a steady pace asks for its next chunk in the same place
/// each time, and if that is where slow demonstrators turn, it turns with them.
struct TwoRoutes {
  static let timeLimit = 100
  static let speed: Float = 0.08
  /// Deeper than high: guidance goes beyond the label, 2 · straight on − upwards, and so a little down.
  static let gap: ClosedRange<Float> = -0.6...0.3

  enum Route: CaseIterable { case slow, fast, sloppy, pit }
  enum Outcome { case running, success, failure }

  var x: Float
  var y: Float
  var steps = 0
  var outcome = Outcome.running
  /// Whether it went through the gap.
  var wasFast = false

  init(using generator: inout some RandomNumberGenerator) {
    x = -1 + Float.random(in: -0.15...0.15, using: &generator)
    y = Float.random(in: -0.1...0.1, using: &generator)
  }

  var state: [Float] { [x, y] }

  mutating func step(_ action: ArraySlice<Float>) {
    guard outcome == .running else { return }
    let (a, b) = (action[action.startIndex], action[action.startIndex + 1])
    let scale = TwoRoutes.speed / max(1, (a * a + b * b).squareRoot())
    let (nx, ny) = (min(max(x + a * scale, -1.2), 1.2), min(max(y + b * scale, -1.2), 1.2))
    steps += 1
    (x, y) = (nx, ny)
    if abs(x) < 0.2 {
      if TwoRoutes.gap.contains(y) { wasFast = true } else if y < 0.6 { outcome = .failure }
    }
    if outcome == .running, x > 0.9 { outcome = .success }
    if outcome == .running, steps == TwoRoutes.timeLimit { outcome = .failure }
  }

  /// An episode of a demonstrator of the mixture.
  static func demonstration(using generator: inout some RandomNumberGenerator) -> Experience.Episode
  {
    let draw = Double.random(in: 0..<1, using: &generator)
    let route: Route = draw < 0.6 ? .slow : draw < 0.85 ? .fast : draw < 0.9 ? .sloppy : .pit
    let way: [(Float, Float)] =
      switch route {
      case .slow: [(-0.4, 0), (-0.3, 0.85), (0.3, 0.85), (1, 0)]
      case .fast: [(-0.25, 0), (0.25, 0), (1, 0)]
      case .sloppy: [(-0.4, 0), (-0.25, 0.45), (0.25, 0.45)]
      case .pit: [(-0.4, 0), (0, -1)]
      }
    let pace = Float.random(in: route == .slow ? 0.43...0.6 : 0.6...1, using: &generator)
    var world = TwoRoutes(using: &generator)
    var place = 0
    var states: [Float] = []
    var actions: [Float] = []
    while world.outcome == .running {
      let (tx, ty) = way[place]
      let (dx, dy) = (tx - world.x, ty - world.y)
      let distance = max((dx * dx + dy * dy).squareRoot(), 1e-3)
      let share = pace * min(1, distance / speed)
      let action = [dx, dy].map {
        $0 / distance * share + Float.random(in: -0.1...0.1, using: &generator)
      }
      states += world.state
      actions += action
      world.step(action[...])
      if distance < 0.08, place < way.count - 1 { place += 1 }
    }
    return Experience.Episode(
      task: 0, type: .demo, success: world.outcome == .success, states: states, actions: actions,
      interventions: Array(repeating: false, count: states.count / 2))
  }

  static func demonstrations(_ count: Int, seed: UInt64) -> Experience {
    var generator = Numbers(state: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
    return Experience(
      tasks: ["reach the goal"],
      episodes: (0..<count).map { _ in demonstration(using: &generator) }, stateWidth: 2,
      actionWidth: 2)
  }

  /// V of the mixture by cells of the plane: the mean return of a great many demonstrations.
  struct Truth {
    private var sums: [Int: (sum: Double, count: Int)] = [:]

    init(episodes: Int = 20_000) {
      let experience = TwoRoutes.demonstrations(episodes, seed: 12_345)
      let scale = ReturnScale(longest: TwoRoutes.timeLimit)
      for episode in experience.episodes {
        let returns = scale.returns(length: episode.frameCount, succeeded: episode.success!)
        for t in 0..<episode.frameCount {
          let cell = Truth.cell(episode.states[2 * t], episode.states[2 * t + 1])
          let old = sums[cell] ?? (0, 0)
          sums[cell] = (old.sum + Double(returns[t]), old.count + 1)
        }
      }
    }

    private static func cell(_ x: Float, _ y: Float) -> Int {
      Int(((x + 2) / 0.05).rounded(.down)) * 1000 + Int(((y + 2) / 0.05).rounded(.down))
    }

    /// V at a place; nil where too few demonstrations came by.
    subscript(x: Float, y: Float) -> Float? {
      guard let cell = sums[Truth.cell(x, y)], cell.count >= 50 else { return nil }
      return Float(cell.sum / Double(cell.count))
    }
  }

  /// What a policy does in many episodes.
  struct Evaluation {
    var fast = 0.0
    var success = 0.0
    /// Successes in a thousand steps.
    var throughput = 0.0
  }

  /// Runs a policy in `count` worlds side by side, four actions of each chunk.
  static func evaluate(
    _ policy: FlowPolicy, as indicator: Indicator, guidance: Double = 1, count: Int = 200,
    seed: UInt64 = 99
  ) -> Evaluation {
    var generator = Numbers(state: seed | 1)
    let noise = Generator(seed: seed)
    var worlds = (0..<count).map { _ in TwoRoutes(using: &generator) }
    let length = policy.sizes.chunkLength
    withoutGradient {
      for _ in 0..<(timeLimit + 3) / 4 {
        let states = Tensor(worlds.flatMap(\.state), shape: [count, 2])
        let chunks = policy.sample(
          PrefixInput(state: states), tags: nil, indicator: indicator, guidance: guidance, steps: 5,
          noise: Tensor.randn([count, length, 2], generator: noise)
        ).floats
        for i in 0..<count {
          for t in 0..<4 {
            let start = (i * length + t) * 2
            worlds[i].step(chunks[start..<start + 2])
          }
        }
      }
    }
    let done = worlds.filter { $0.outcome == .success }
    let steps = worlds.reduce(0) { $0 + $1.steps }
    return Evaluation(
      fast: Double(done.count(where: \.wasFast)) / Double(count),
      success: Double(done.count) / Double(count),
      throughput: 1000 * Double(done.count) / Double(steps))
  }

  /// A generator of the tests' own.
  struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state &* 0x2545_f491_4f6c_dd1d
    }
  }
}
