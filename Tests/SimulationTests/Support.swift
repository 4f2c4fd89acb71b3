import Foundation
import PolicyInterface
import Simulation

/// What an error says.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// A folder of its own, removed afterwards.
func withFolder<R>(_ body: (String) throws -> R) throws -> R {
  let path = FileManager.default.temporaryDirectory.appending(
    path: "simulation-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: path) }
  return try body(path.path)
}

/// Steers for the goal, a little differently for every seed, by what Carry's state says.
struct Homing: Policy {
  var chunk = 4
  var speed: Float = 0.5
  /// Slows down in proportion to the distance from the goal; the more, the later.
  var gain: Float = 4
  /// Spoils the answer to the robots whose state passes.
  var spoil: @Sendable (_ state: [Float]) -> [Float]? = { _ in nil }

  func act(on observation: Observation) throws -> ActionChunk {
    try act(on: [observation], seeds: [0])[0]
  }

  func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk] {
    zip(observations, seeds).map { observation, seed in
      let state = observation.state!
      if let spoiled = spoil(state) { return ActionChunk(actions: [spoiled]) }
      let offset = SIMD2(state[4], state[5])
      let distance = (offset * offset).sum().squareRoot()
      let pace = min(speed, max(0.3, gain * (distance - 0.1)))
      let noise = Float(seed % 1000) / 1000 * 0.1 - 0.05
      let action = offset / distance * pace + noise
      return ActionChunk(actions: Array(repeating: [action.x, action.y], count: chunk))
    }
  }
}

/// A ball that rolls, for tasks that go wrong.
let ballScene = """
  <mujoco>
    <visual><quality shadowsize="0" offsamples="0"/></visual>
    <worldbody>
      <light pos="0 0 3"/>
      <camera name="eye" pos="0 -2 0.5" xyaxes="1 0 0 0 0 1"/>
      <geom name="ground" type="plane" size="5 5 0.1" rgba="0 0 0.8 1"/>
      <body name="ball" pos="0 0 0.1">
        <freejoint name="ball"/>
        <geom name="ball" size="0.1" rgba="0.9 0 0 1"/>
      </body>
    </worldbody>
  </mujoco>
  """

/// Never says that it is over; blows up in the third step of the episode of seed `divergesAt`.
final class Endless: Task {
  let specification = TaskSpecification(
    name: "endless", summary: "Nothing to do.", fps: 10, timeLimit: 7, stateNames: ["height"],
    actionNames: ["push"],
    cameras: [.init(key: "observation.images.eye", name: "eye", width: 32, height: 24)])
  let world: World
  let instruction = "Wait."
  let outcome = Outcome.running
  let needsTakeover = false
  private(set) var stepCount = 0
  private let divergesAt: UInt64?
  private var seed: UInt64 = 0

  init(divergesAt: UInt64? = nil) throws {
    world = try World(mjcf: ballScene)
    self.divergesAt = divergesAt
  }

  var state: [Float] { [Float(world.position(body: world.index(.body, "ball")).z)] }

  func executed(_ action: [Float]) -> [Float] { action }

  func reset(seed: UInt64) {
    (self.seed, stepCount) = (seed, 0)
    world.reset()
  }

  func step(_ action: [Float]) {
    stepCount += 1
    if stepCount == 3, seed == divergesAt {
      world.set(freeJoint: world.index(.joint, "ball"), position: SIMD3(.nan, 0, 0))
    }
    world.step(5)
  }

  func demonstrator(_ skill: Demonstrator, seed: UInt64) -> any Expert { Idle() }

  struct Idle: Expert {
    func action() -> [Float] { [0] }
  }

  static func task(divergesAt: UInt64? = nil) -> SimulatedTask {
    SimulatedTask(
      name: "endless", demonstrators: .init("idle", Demonstrator()), corrector: Demonstrator(),
      make: { try Endless(divergesAt: divergesAt) })
  }
}
