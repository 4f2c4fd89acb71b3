/// Picks and places as a careful person would, by what it sees and not by a plan: over the can, down,
/// closed, up, over the bin, open.
///
/// Of skill below 1 it grips off centre by up to 22 mm, to a side that is drawn once an episode, and
/// lets go early. A lapse is 8 to 15 steps of aiming beside the can, of letting go of it, or of carrying
/// it off to let go of it there.
struct PickAndPlaceExpert: Expert {
  private enum Lapse { case aimsBeside, letsGo, carriesElsewhere }

  private let task: PickAndPlace
  private let demonstrator: Demonstrator
  private var random: RandomSource
  private var lapse = (kind: Lapse.aimsBeside, steps: 0, aside: SIMD2<Double>.zero)
  /// How far off centre it grips, in metres.
  private let bias: SIMD2<Double>

  /// Metres: how high it moves about, holds a can's middle over a bin, and how near is near enough.
  private static let hover = 0.1, release = 0.08, near = 0.008

  init(task: PickAndPlace, demonstrator: Demonstrator, seed: UInt64) {
    self.task = task
    self.demonstrator = demonstrator
    random = RandomSource(seed: seed, purpose: "pick_and_place expert")
    let side: Double = random.uniform() < 0.5 ? -1 : 1
    bias = SIMD2(0, side * 0.022 * (1 - demonstrator.skill) * random.uniform(0.5...1))
  }

  mutating func action() -> [Float] {
    if lapse.steps > 0 {
      lapse.steps -= 1
    } else if random.uniform() < demonstrator.mistakes {
      let side: Double = random.uniform() < 0.5 ? -1 : 1
      let kind: Lapse =
        if !task.isHeld {
          .aimsBeside
        } else {
          random.uniform() < 0.35 ? .letsGo : .carriesElsewhere
        }
      let aside = SIMD2(random.uniform(-0.005...0.005), side * random.uniform(0.016...0.022))
      lapse = (kind, 8 + random.index(8), aside)
    }
    var (velocity, opening) = task.isHeld ? carrying() : reaching()
    if lapse.steps > 0, task.isHeld {
      switch lapse.kind {
      case .aimsBeside: break
      case .letsGo: opening = 1
      case .carriesElsewhere:
        velocity = SIMD3(lapse.aside.y > 0 ? 1 : -1, -0.7, 0)
        if lapse.steps < 3 { opening = 1 }
      }
    }
    let action = [velocity.x, velocity.y, velocity.z].map {
      $0 + demonstrator.noise * random.normal()
    }
    return (action + [opening]).map(Float.init)
  }

  /// Velocity towards a point, in units of the top speed.
  private func velocity(by offset: SIMD3<Double>) -> SIMD3<Double> {
    let wanted = offset * (0.5 * task.specification.fps / PickAndPlace.topSpeed)
    let largest = max(abs(wanted.x), abs(wanted.y), abs(wanted.z))
    return wanted * (demonstrator.speed / max(demonstrator.speed, largest))
  }

  /// To the can, until it is held.
  private func reaching() -> (SIMD3<Double>, Double) {
    let (can, gripper) = (task.can, task.gripper)
    var aim = SIMD2(can.x, can.y) + bias
    if lapse.steps > 0, lapse.kind == .aimsBeside { aim += lapse.aside }
    let offset = aim - SIMD2(gripper.x, gripper.y)
    let height = max(PickAndPlace.lowest.z, can.z - 0.003)
    let isThere = offset.length < PickAndPlaceExpert.near && gripper.z < height + 0.008
    if isThere { return (.zero, -1) }
    // Down a funnel over the can.
    let funnel = height + 6 * max(0, offset.length - PickAndPlaceExpert.near)
    let wanted = min(max(funnel, height), PickAndPlaceExpert.hover)
    return (velocity(by: SIMD3(offset.x, offset.y, wanted - gripper.z)), 1)
  }

  /// With the can to the bin.
  private func carrying() -> (SIMD3<Double>, Double) {
    let (can, gripper) = (task.can, task.gripper)
    let offset = task.bin - SIMD2(can.x, can.y)
    // Of less skill it lets go sooner.
    let reach = 0.025 + 0.06 * (1 - demonstrator.skill)
    if offset.length < reach, can.z < PickAndPlaceExpert.release { return (.zero, 1) }
    // Up before across, and across before down.
    let isOver = offset.length < 0.03
    let wanted = (isOver ? PickAndPlaceExpert.release - 0.01 : PickAndPlaceExpert.hover) - can.z
    let across = isOver || can.z > 0.07 ? 1 : max(0, (can.z - 0.05) / 0.02)
    let velocity = velocity(by: SIMD3(offset.x * across, offset.y * across, wanted))
    // The fingers close before the can is lifted.
    return (gripper.z < 0.04 && task.opening > 0.021 ? .zero : velocity, -1)
  }
}
