/// Picking the can of the named colour, one of three, and placing it in the named one of two bins.
///
/// The action is the gripper's velocity in units of the top speed, each of x, y and z from −1 to 1, and
/// how far the fingers are to open, from −1, closed, to 1. Cans are held by friction alone: a can
/// that is gripped more than about 13 mm off the fingers' middle slips out as they close or as it
/// is lifted. Physics runs at 200 steps a second, control at 10. An episode fails when a can's middle is
/// beyond the table's edge, when the named one lies in the wrong bin or was lifted and dropped on the
/// table, or when time is up.
public final class PickAndPlace: Task {
  /// Metres a second.
  static let topSpeed = 0.15
  static let stepsPerControl = 20
  /// The gripper's room, in metres.
  static let lowest = SIMD3(-0.25, -0.19, 0.015), highest = SIMD3(0.25, 0.19, 0.16)
  /// Height of a can's middle above the table from which it counts as lifted, in metres.
  static let lifted = canHalfHeight + 0.03

  public let specification = TaskSpecification(
    name: "pick_and_place",
    summary:
      "Pick the can of the named colour and place it in the named bin: held off centre, it slips.",
    fps: 10, timeLimit: 90,
    stateNames: [
      "gripper_x", "gripper_y", "gripper_z", "opening", "can_offset_x", "can_offset_y",
      "can_offset_z", "bin_offset_x", "bin_offset_y", "other_1_offset_x", "other_1_offset_y",
      "other_2_offset_x", "other_2_offset_y",
    ],
    actionNames: ["x", "y", "z", "opening"],
    cameras: [
      .init(key: "observation.images.front", name: "front", width: 128, height: 128),
      .init(key: "observation.images.side", name: "side", width: 128, height: 128),
    ])
  public let world: World
  public private(set) var instruction = ""
  public private(set) var outcome = Outcome.running
  public private(set) var stepCount = 0

  private let cans: [Int], canJoints: [Int]
  private let slides: [Int], fingers: [Int]
  private let slideActuators: [Int], fingerActuators: [Int]
  private let fingerBodies: [Int]
  /// Which can and which bin are named.
  private var named = (can: 0, bin: 0)
  /// Where the gripper is told to be, in metres.
  private var target = SIMD3<Double>.zero
  private(set) var wasLifted = false
  private var progress = Progress()

  public init() throws {
    let world = try World(mjcf: PickAndPlace.mjcf)
    self.world = world
    cans = (0..<3).map { world.index(.body, "can \($0)") }
    canJoints = (0..<3).map { world.index(.joint, "can \($0)") }
    slides = ["x", "y", "z"].map { world.index(.joint, $0) }
    fingers = ["west finger", "east finger"].map { world.index(.joint, $0) }
    slideActuators = ["x", "y", "z"].map { world.index(.actuator, $0) }
    fingerActuators = ["west finger", "east finger"].map { world.index(.actuator, $0) }
    fingerBodies = ["west finger", "east finger"].map { world.index(.body, $0) }
    reset(seed: 0)
  }

  public func reset(seed: UInt64) {
    var places = RandomSource(seed: seed, purpose: "pick_and_place places")
    var looks = RandomSource(seed: seed, purpose: "pick_and_place looks")
    (outcome, stepCount, wasLifted) = (.running, 0, false)
    world.reset()
    let colors = ObjectColor.draw(3, from: &looks)
    named = (looks.index(3), looks.index(2))
    let bin = named.bin == 0 ? "left" : "right"
    instruction = "Put the \(colors[named.can].rawValue) can into the \(bin) bin."
    drawLooks(of: colors, from: &looks)

    for (joint, place) in zip(canJoints, PickAndPlace.drawCans(from: &places)) {
      world.set(freeJoint: joint, position: SIMD3(place, PickAndPlace.canHalfHeight))
    }
    target = SIMD3(
      places.uniform(-0.2...0.2), places.uniform(-0.15...0.15), places.uniform(0.11...0.15))
    for i in 0..<3 { world.set(joint: slides[i], position: target[i]) }
    for finger in fingers { world.set(joint: finger, position: PickAndPlace.opening) }
    world.forward()
    progress = Progress(remaining: remaining)
  }

  /// Three places before the bins, with room for a finger between them.
  private static func drawCans(from random: inout RandomSource) -> [SIMD2<Double>] {
    while true {
      let places = (0..<3).map { _ in
        SIMD2(random.uniform(-0.19...0.19), random.uniform(-0.16...0.01))
      }
      let isRoomy = (0..<3).allSatisfy { (places[$0] - places[($0 + 1) % 3]).length > 0.1 }
      if isRoomy { return places }
    }
  }

  /// Between the fingertips, in metres.
  var gripper: SIMD3<Double> {
    SIMD3(
      world.position(joint: slides[0]), world.position(joint: slides[1]),
      world.position(joint: slides[2]))
  }
  /// Middle of the can that is to be picked, in metres.
  var can: SIMD3<Double> { world.position(body: cans[named.can]) }
  /// Middle of the bin that it is to go to, in metres.
  var bin: SIMD2<Double> { PickAndPlace.binPlaces[named.bin] }
  /// Metres from a finger to the middle between both.
  var opening: Double {
    (world.position(joint: fingers[0]) + world.position(joint: fingers[1])) / 2
  }
  /// Whether both fingers touch the can.
  var isHeld: Bool {
    let contacts = world.contacts
    return fingerBodies.allSatisfy { finger in
      contacts.contains {
        $0.bodies == (finger, cans[named.can]) || $0.bodies == (cans[named.can], finger)
      }
    }
  }

  /// Of the gripper; of the named can, the named bin and the other cans from it; all in metres.
  public var state: [Float] {
    let (gripper, can, bin) = (gripper, can, bin)
    var values = [gripper.x, gripper.y, gripper.z, opening]
    values += [can.x - gripper.x, can.y - gripper.y, can.z - gripper.z]
    values += [bin.x - gripper.x, bin.y - gripper.y]
    for index in 0..<3 where index != named.can {
      let other = world.position(body: cans[index])
      values += [other.x - gripper.x, other.y - gripper.y]
    }
    return values.map(Float.init)
  }

  public func executed(_ action: [Float]) -> [Float] { action.map { max(-1, min(1, $0)) } }

  public func step(_ action: [Float]) {
    guard outcome == .running, world.problem == nil else { return }
    stepCount += 1
    let command = executed(action).map(Double.init)
    let (from, here) = (target, gripper)
    for i in 0..<3 {
      let wanted = target[i] + command[i] * PickAndPlace.topSpeed / specification.fps
      // No farther than a bit ahead of where it is, should something be in the way.
      let near = max(here[i] - 0.025, min(here[i] + 0.025, wanted))
      target[i] = max(PickAndPlace.lowest[i], min(PickAndPlace.highest[i], near))
    }
    for finger in fingerActuators {
      world.set(actuator: finger, control: (command[3] + 1) / 2 * PickAndPlace.opening)
    }
    for step in 1...PickAndPlace.stepsPerControl {
      let now = from + (target - from) * (Double(step) / Double(PickAndPlace.stepsPerControl))
      for i in 0..<3 { world.set(actuator: slideActuators[i], control: now[i]) }
      world.step()
    }
    judge()
  }

  private func judge() {
    let (can, isHeld) = (can, isHeld)
    progress.note(remaining)
    let isLow = can.z < PickAndPlace.rim
    if isHeld, can.z > PickAndPlace.lifted { wasLifted = true }
    let binHere = PickAndPlace.binPlaces.firstIndex {
      max(abs(can.x - $0.x), abs(can.y - $0.y)) < PickAndPlace.binHalf
    }
    let isAnyOff = cans.contains {
      let place = world.position(body: $0)
      return abs(place.x) > PickAndPlace.tableHalf.x || abs(place.y) > PickAndPlace.tableHalf.y
    }
    if isAnyOff {
      outcome = .failure
    } else if !isHeld, isLow, let binHere {
      outcome = binHere == named.bin ? .success : .failure
    } else if !isHeld, isLow, wasLifted {
      outcome = .failure
    } else if stepCount >= specification.timeLimit {
      outcome = .failure
    }
  }

  /// Metres that are left to go: the can to the bin and up to where it passes the rim, the gripper to
  /// the can.
  private var remaining: Double {
    let (can, gripper) = (can, gripper)
    let toBin = (SIMD2(can.x, can.y) - bin).length
    let offset = can - gripper
    return toBin + 0.5 * (offset * offset).sum().squareRoot() + 0.5 * max(0, 0.07 - can.z)
  }

  /// Who demonstrates it by default: one person, whose lapses fall inside every episode.
  public static let demonstrators = DemonstratorMixture(
    "distracted", Demonstrator(skill: 1, speed: 1, noise: 0.05, mistakes: 0.06))

  /// Who corrects by default.
  public static let corrector = Demonstrator(skill: 1, speed: 1, noise: 0.02, mistakes: 0)

  public func demonstrator(_ skill: Demonstrator, seed: UInt64) -> any Expert {
    PickAndPlaceExpert(task: self, demonstrator: skill, seed: seed)
  }

  public var needsTakeover: Bool {
    guard outcome == .running else { return false }
    let edge = PickAndPlace.tableHalf - PickAndPlace.canRadius
    let isNearEdge = abs(can.x) > edge.x || abs(can.y) > edge.y
    // So far off that a steady pace is just enough for the time that is left.
    let pace = 0.55 * PickAndPlace.topSpeed / specification.fps
    let isLate = remaining > pace * Double(specification.timeLimit - stepCount)
    return isNearEdge || isLate || progress.hasStalled || progress.isUndone(by: 0.06)
  }
}
