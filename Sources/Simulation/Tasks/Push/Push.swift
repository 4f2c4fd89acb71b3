import Foundation

/// Pushing the block of the named colour, one of two, to a marked place, where it must come to rest.
///
/// The pusher is an upright rod that touches the block at one point, so the block turns and veers off
/// unless the pusher keeps behind it. The action is the pusher's velocity in units of the top speed,
/// each of x and y from −1 to 1. Physics runs at 200 steps a second, control at 10. An episode fails
/// when a block falls off the table or time is up.
public final class Push: Task {
  /// Metres a second.
  static let topSpeed = 0.1
  static let stepsPerControl = 20
  /// The block is at the marked place when its middle is within this of the mark's, in metres, and
  /// slower than this, in metres a second.
  static let tolerance = 0.025, restSpeed = 0.03

  public let specification = TaskSpecification(
    name: "push",
    summary:
      "Push the block of the named colour to the marked place: it turns and veers off the pusher.",
    fps: 10, timeLimit: 130,
    stateNames: [
      "pusher_x", "pusher_y", "block_offset_x", "block_offset_y", "block_cos_4_yaw",
      "block_sin_4_yaw", "goal_offset_x", "goal_offset_y", "other_offset_x", "other_offset_y",
    ],
    actionNames: ["x", "y"],
    cameras: [
      .init(key: "observation.images.top", name: "top", width: 128, height: 128),
      .init(key: "observation.images.front", name: "front", width: 128, height: 128),
    ])
  public let world: World
  public private(set) var instruction = ""
  public private(set) var outcome = Outcome.running
  public private(set) var stepCount = 0

  let blockGeoms: [Int]
  private let blocks: [Int], blockJoints: [Int]
  private let pusherJoints: (x: Int, y: Int), actuators: (x: Int, y: Int)
  private let goalBody: Int
  /// Which of the two blocks is named.
  private(set) var named = 0
  /// The middle of the marked place, in metres.
  private(set) var goal = SIMD2<Double>.zero
  private var progress = Progress()

  public init() throws {
    let world = try World(mjcf: Push.mjcf)
    self.world = world
    blockGeoms = [0, 1].map { world.index(.geom, "block \($0)") }
    blocks = [0, 1].map { world.index(.body, "block \($0)") }
    blockJoints = [0, 1].map { world.index(.joint, "block \($0)") }
    pusherJoints = (world.index(.joint, "x"), world.index(.joint, "y"))
    actuators = (world.index(.actuator, "x"), world.index(.actuator, "y"))
    goalBody = world.index(.body, "goal")
    reset(seed: 0)
  }

  public func reset(seed: UInt64) {
    var places = RandomSource(seed: seed, purpose: "push places")
    var looks = RandomSource(seed: seed, purpose: "push looks")
    (outcome, stepCount) = (.running, 0)
    world.reset()
    let colors = ObjectColor.draw(2, from: &looks)
    named = looks.index(2)
    instruction = "Push the \(colors[named].rawValue) block to the marked place."
    drawLooks(of: colors, from: &looks)

    let start = Push.drawStart(from: &places)
    goal = start.goal
    world.set(fixedBody: goalBody, position: SIMD3(goal, 0))
    for (index, place) in [(named, start.block), (1 - named, start.other)] {
      let angle = places.uniform(-Double.pi...Double.pi)
      world.set(
        freeJoint: blockJoints[index], position: SIMD3(place, Push.blockHalfHeight),
        orientation: SIMD4(cos(angle / 2), 0, 0, sin(angle / 2)))
    }
    world.set(joint: pusherJoints.x, position: start.pusher.x)
    world.set(joint: pusherJoints.y, position: start.pusher.y)
    world.forward()
    progress = Progress(remaining: remaining)
  }

  /// Where everything is at first: some way to push, with the other block out of the way.
  private static func drawStart(
    from random: inout RandomSource
  ) -> (goal: SIMD2<Double>, block: SIMD2<Double>, other: SIMD2<Double>, pusher: SIMD2<Double>) {
    func place(_ half: Double) -> SIMD2<Double> {
      SIMD2(random.uniform(-half...half), random.uniform(-half...half))
    }
    while true {
      let (goal, block, other, pusher) = (place(0.19), place(0.15), place(0.18), place(0.2))
      let way = goal - block
      guard (0.12...0.3).contains(way.length) else { continue }
      // From behind the block to beyond the goal.
      let share = max(-0.35, min(1.2, ((other - block) * way).sum() / (way * way).sum()))
      guard (other - (block + share * way)).length > 0.085, (pusher - block).length > 0.06,
        (pusher - other).length > 0.06
      else { continue }
      return (goal, block, other, pusher)
    }
  }

  /// In metres.
  var pusher: SIMD2<Double> {
    SIMD2(world.position(joint: pusherJoints.x), world.position(joint: pusherJoints.y))
  }
  /// Middle of the block that is to be pushed, in metres.
  var block: SIMD2<Double> { place(ofBlock: named) }
  /// Middle of the block that is not, in metres.
  var other: SIMD2<Double> { place(ofBlock: 1 - named) }

  private func place(ofBlock index: Int) -> SIMD2<Double> {
    let position = world.position(body: blocks[index])
    return SIMD2(position.x, position.y)
  }

  /// Of the pusher, of the named block from the pusher, of the goal from that block, and of the other
  /// block from the pusher, in metres; the block's yaw four times over, as it looks the same after a
  /// quarter of a turn.
  public var state: [Float] {
    let (pusher, block) = (pusher, block)
    let q = world.orientation(body: blocks[named])
    let yaw = atan2(2 * (q.x * q.w + q.y * q.z), 1 - 2 * (q.z * q.z + q.w * q.w))
    return [
      pusher.x, pusher.y, block.x - pusher.x, block.y - pusher.y, cos(4 * yaw), sin(4 * yaw),
      goal.x - block.x, goal.y - block.y, other.x - pusher.x, other.y - pusher.y,
    ].map(Float.init)
  }

  public func executed(_ action: [Float]) -> [Float] { action.map { max(-1, min(1, $0)) } }

  public func step(_ action: [Float]) {
    guard outcome == .running, world.problem == nil else { return }
    stepCount += 1
    for (actuator, value) in zip([actuators.x, actuators.y], executed(action)) {
      world.set(actuator: actuator, control: Push.topSpeed * Double(value))
    }
    world.step(Push.stepsPerControl)
    progress.note(remaining)
    let velocity = world.velocity(freeJoint: blockJoints[named])
    let isAtRest = SIMD2(velocity.x, velocity.y).length < Push.restSpeed
    if blocks.contains(where: { world.position(body: $0).z < 0 }) {
      outcome = .failure
    } else if isAtRest, (goal - block).length < Push.tolerance {
      outcome = .success
    } else if stepCount >= specification.timeLimit {
      outcome = .failure
    }
  }

  /// Metres that are left to go: the block to the goal, the pusher to behind the block.
  private var remaining: Double {
    let way = goal - block
    let behind = block - way * ((Push.blockHalf + Push.pusherRadius) / max(way.length, 1e-9))
    return way.length + 0.5 * (behind - pusher).length
  }

  /// Who demonstrates it by default: one person, whose lapses fall inside every episode.
  public static let demonstrators = DemonstratorMixture(
    "distracted", Demonstrator(skill: 1, speed: 1, noise: 0.05, mistakes: 0.02))

  /// Who corrects by default.
  public static let corrector = Demonstrator(skill: 1, speed: 1, noise: 0.02, mistakes: 0)

  public func demonstrator(_ skill: Demonstrator, seed: UInt64) -> any Expert {
    PushExpert(task: self, demonstrator: skill, seed: seed)
  }

  public var needsTakeover: Bool {
    guard outcome == .running else { return false }
    let edge = Push.tableHalf - Push.blockHalf
    let isNearEdge = max(abs(block.x), abs(block.y)) > edge
    // So far off that a steady pace is just enough for the time that is left.
    let pace = 0.45 * Push.topSpeed / specification.fps
    let isLate = remaining > pace * Double(specification.timeLimit - stepCount)
    return isNearEdge || isLate || progress.hasStalled || progress.isUndone(by: 0.08)
  }
}
