/// Carrying an object to a pad as fast as skill allows: who hurries without braking in time drops it or
/// knocks it off, who creeps is sure and slow.
///
/// The gripper's velocity follows the action a, |a| ≤ 1: v ← 0.6 v + 0.4 v_max a. In units of v_max, with
/// s = |v|, before or after a control step, whichever is more, and Δ = |change of v| in it: the object slips with probability
/// 0.6 · max(0, s − 0.4) · max(0, Δ − 0.12); over the pad it is put down at |v| < 0.35 and knocked off at
/// |v| ≥ 0.5. Physics runs at 200 steps a second, control at 20.
public final class Carry: Task {
  /// Metres a second.
  static let topSpeed = 0.5
  static let stepsPerControl = 10
  /// The object is over the pad when its middle is within this of the pad's, in metres.
  static let reach = 0.045
  /// Control steps from letting go of the object to the verdict.
  static let settling = 4
  static let placingSpeed = 0.35, knockingSpeed = 0.5
  static let slipSpeed = 0.4, slipChange = 0.12, slipRate = 0.6

  public let specification = TaskSpecification(
    name: "carry",
    summary:
      "Carry an object to a pad: braking late knocks it off, jerks drop it, creeping takes long.",
    fps: 20, timeLimit: 110,
    stateNames: [
      "x", "y", "velocity_x", "velocity_y", "goal_offset_x", "goal_offset_y", "is_held",
      "object_offset_x", "object_offset_y", "object_offset_z",
    ],
    actionNames: ["x", "y"],
    cameras: [
      .init(key: "observation.images.top", name: "top", width: 128, height: 128),
      .init(key: "observation.images.front", name: "front", width: 128, height: 128),
    ])
  public let world: World
  public let instruction = "Carry the object to the green pad."
  public private(set) var outcome = Outcome.running
  public private(set) var stepCount = 0

  let block, can, table, lamp: Int
  let pads: (start: Int, goal: Int)
  private let padBodies: (start: Int, goal: Int)
  private let joints: (x: Int, y: Int)
  private let actuators: (x: Int, y: Int)
  private let gripper, object, objectJoint, grip: Int

  private var luck = RandomSource(seed: 0)
  /// Where the goal's middle is.
  private(set) var goal = SIMD2<Double>.zero
  /// What the gripper is told, in units of the top speed.
  private(set) var velocity = SIMD2<Double>.zero
  private(set) var isHeld = true
  /// Control steps since the object was let go.
  private var settled = 0

  public init() throws {
    world = try World(mjcf: Carry.mjcf)
    block = world.index(.geom, "block")
    can = world.index(.geom, "can")
    table = world.index(.geom, "table")
    lamp = world.index(.light, "lamp")
    pads = (world.index(.geom, "start"), world.index(.geom, "goal"))
    padBodies = (world.index(.body, "start"), world.index(.body, "goal"))
    joints = (world.index(.joint, "x"), world.index(.joint, "y"))
    actuators = (world.index(.actuator, "x"), world.index(.actuator, "y"))
    gripper = world.index(.body, "gripper")
    object = world.index(.body, "object")
    objectJoint = world.index(.joint, "object")
    grip = world.index(.equality, "grip")
    reset(seed: 0)
  }

  public func reset(seed: UInt64) {
    var place = RandomSource(seed: seed, purpose: "carry places")
    var looks = RandomSource(seed: seed, purpose: "carry looks")
    luck = RandomSource(seed: seed, purpose: "carry luck")
    (outcome, stepCount, velocity, isHeld, settled) = (.running, 0, .zero, true, 0)
    world.reset()
    drawLooks(from: &looks)
    let start = SIMD2(place.uniform(-0.38...(-0.28)), place.uniform(-0.22...0.22))
    goal = SIMD2(place.uniform(0.24...0.34), place.uniform(-0.22...0.22))
    world.set(fixedBody: padBodies.start, position: SIMD3(start, 0))
    world.set(fixedBody: padBodies.goal, position: SIMD3(goal, 0))
    world.set(joint: joints.x, position: start.x)
    world.set(joint: joints.y, position: start.y)
    world.set(freeJoint: objectJoint, position: SIMD3(start, Carry.carryHeight))
    world.forward()
    world.hold(weld: grip)
    world.forward()
  }

  /// Of the gripper, in metres.
  var position: SIMD2<Double> {
    SIMD2(world.position(joint: joints.x), world.position(joint: joints.y))
  }

  public var state: [Float] {
    let (position, offset) = (position, goal - position)
    let object = world.position(body: object) - world.position(body: gripper)
    return [
      position.x, position.y, world.velocity(joint: joints.x), world.velocity(joint: joints.y),
      offset.x, offset.y, isHeld ? 1 : 0, object.x, object.y, object.z,
    ].map(Float.init)
  }

  public func step(_ action: [Float]) {
    guard outcome == .running, world.problem == nil else { return }
    stepCount += 1
    let before = velocity
    velocity = 0.6 * before + 0.4 * (isHeld ? Carry.command(action) : .zero)
    // A ramp, not a jump, within the control step.
    for i in 1...Carry.stepsPerControl {
      let now = before + (velocity - before) * (Double(i) / Double(Carry.stepsPerControl))
      world.set(actuator: actuators.x, control: now.x * Carry.topSpeed)
      world.set(actuator: actuators.y, control: now.y * Carry.topSpeed)
      world.step()
    }
    if isHeld {
      decide(before: before)
    } else {
      settled += 1
    }
    let isLate = stepCount >= specification.timeLimit
    if isLate || settled >= Carry.settling {
      outcome = !isHeld && isObjectOnPad ? .success : .failure
    }
  }

  public func executed(_ action: [Float]) -> [Float] {
    let command = Carry.command(action)
    return [Float(command.x), Float(command.y)]
  }

  /// The action as it is carried out: no longer than 1.
  static func command(_ action: [Float]) -> SIMD2<Double> {
    let wanted = SIMD2(Double(action[0]), Double(action[1]))
    // What was cut once, and rounded, is not cut again.
    return wanted.length > 1 + 1e-6 ? wanted / wanted.length : wanted
  }

  /// What becomes of the object after a control step.
  private func decide(before: SIMD2<Double>) {
    let speed = velocity.length
    let change = (velocity - before).length
    let hazard =
      Carry.slipRate * max(0, max(speed, before.length) - Carry.slipSpeed)
      * max(0, change - Carry.slipChange)
    if luck.uniform() < hazard {
      letGo()
    } else if (goal - position).length < Carry.reach {
      if speed >= Carry.knockingSpeed {
        letGo()
        bounceOff()
      } else if speed < Carry.placingSpeed {
        letGo()
      }
    }
  }

  private func letGo() {
    isHeld = false
    world.set(equality: grip, active: false)
  }

  /// Too fast onto the pad: the object tips over its rim, sideways to where it was going.
  private func bounceOff() {
    let offset = position - goal
    let side = SIMD2(-velocity.y, velocity.x)
    let way = side * ((offset * side).sum() < 0 ? -1 : 1) / max(side.length, 1e-9)
    world.set(
      freeJoint: objectJoint, position: world.position(body: object),
      orientation: world.orientation(body: object),
      velocity: SIMD3(way * 0.9 + velocity * Carry.topSpeed * 0.5, 0.5))
  }

  private var isObjectOnPad: Bool {
    let place = world.position(body: object)
    return SIMD2(place.x - goal.x, place.y - goal.y).length < Carry.padRadius
      && place.z > Carry.padHeight
  }

  /// Who demonstrates it by default: some slow and sure, some fast and late to brake, a few fast and
  /// skilful.
  public static let demonstrators = DemonstratorMixture([
    .init(
      name: "slow", weight: 0.4,
      demonstrator: Demonstrator(skill: 1, speed: 0.34, noise: 0.05, mistakes: 0.008)),
    .init(
      name: "skilful", weight: 0.2,
      demonstrator: Demonstrator(skill: 0.8, speed: 1, noise: 0.1, mistakes: 0.015)),
    .init(
      name: "sloppy", weight: 0.4,
      demonstrator: Demonstrator(skill: 0.05, speed: 1, noise: 0.05, mistakes: 0)),
  ])

  /// Who corrects by default.
  public static let corrector = Demonstrator(skill: 1, speed: 1, noise: 0.02, mistakes: 0)

  public func demonstrator(_ skill: Demonstrator, seed: UInt64) -> any Expert {
    CarryExpert(task: self, demonstrator: skill, seed: seed)
  }

  public var needsTakeover: Bool {
    guard isHeld, outcome == .running else { return false }
    let distance = (goal - position).length
    let perStep = Carry.topSpeed / specification.fps
    // Nearer than where a hand that brakes firmly would still arrive slowly enough.
    let braking = CarryExpert.brakingDistance(from: velocity.length, to: 0.46, change: 0.23)
    let isTooFast =
      velocity.length >= Carry.knockingSpeed && distance - Carry.reach < perStep * braking
    // So far off that a brisk pace is just enough for the time that is left.
    let stepsLeft = Double(specification.timeLimit - Carry.settling - stepCount)
    let isDawdling = distance > 0.6 * perStep * (stepsLeft - 10)
    return isTooFast || isDawdling
  }
}

extension SIMD2<Double> {
  /// Euclidean.
  var length: Double { (self * self).sum().squareRoot() }
}

extension SIMD3<Double> {
  /// A point over a place of the table.
  init(_ place: SIMD2<Double>, _ height: Double) { self.init(place.x, place.y, height) }
}
