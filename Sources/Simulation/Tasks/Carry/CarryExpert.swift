/// Carries as a person would: up to its pace, then a braking that depends on its skill.
///
/// Of skill 1 it changes its velocity too little for the object to slip, and brakes in time; of less, it
/// jerks and brakes late, and how late is drawn once an episode. A lapse is a few steps in which it
/// dashes off.
struct CarryExpert: Expert {
  private let task: Carry
  private let demonstrator: Demonstrator
  private var random: RandomSource
  /// How much of the braking distance it leaves itself.
  private let foresight: Double
  private var lapse = (steps: 0, direction: SIMD2<Double>.zero)

  /// The speed at which it arrives, below that of placing.
  static let arrival = 0.31
  /// The greatest change of velocity that it is sure does no harm.
  private static let gentle = 0.115

  init(task: Carry, demonstrator: Demonstrator, seed: UInt64) {
    self.task = task
    self.demonstrator = demonstrator
    random = RandomSource(seed: seed, purpose: "carry expert")
    let skill = demonstrator.skill
    foresight = skill + (1 - skill) * random.uniform(0...0.9)
  }

  /// Control steps at top speed that it takes to come down from one speed to another, by `change` a
  /// control step.
  static func brakingDistance(
    from speed: Double, to slowest: Double = arrival, change: Double
  ) -> Double {
    var (speed, distance) = (speed, 0.0)
    while speed > slowest {
      speed -= change
      distance += max(speed, slowest)
    }
    return distance
  }

  mutating func action() -> [Float] {
    let offset = task.goal - task.position
    let distance = offset.length
    let heading = distance > 1e-9 ? offset / distance : .zero
    let skill = demonstrator.skill
    let velocity = task.velocity
    let perStep = Carry.topSpeed / task.specification.fps
    let room = (distance - Carry.reach) / perStep
    var change = CarryExpert.gentle + (1 - skill) * 0.28
    // Who finds itself too fast brakes as firmly as it must.
    while change < 0.4, CarryExpert.brakingDistance(from: velocity.length, change: change) > room {
      change += 0.02
    }

    var wanted = heading * pace(room: room, change: change)
    if lapse.steps > 0 {
      lapse.steps -= 1
      wanted = lapse.direction
    } else if random.uniform() < demonstrator.mistakes {
      let side = SIMD2(-heading.y, heading.x) * random.uniform(-1...1)
      lapse = (3 + Int(random.uniform() * 4), (heading + side) / max(1, (heading + side).length))
    }
    var step = wanted - velocity
    // Below the speed at which things slip, anyone may be brisk.
    let isSafe = max(velocity.length, wanted.length) <= Carry.slipSpeed
    let limit = lapse.steps > 0 || isSafe ? 0.4 : change
    if step.length > limit { step *= limit / step.length }
    let action = velocity + step / 0.4
    return [action.x, action.y].map { Float($0 + demonstrator.noise * random.normal()) }
  }

  /// How fast it wants to be so many steps at top speed before the pad.
  private func pace(room: Double, change: Double) -> Double {
    var speed = demonstrator.speed
    // The fastest from which there is room to brake, as far as it cares.
    while speed > CarryExpert.arrival,
      foresight * (CarryExpert.brakingDistance(from: speed, change: change) + speed) > room
    {
      speed -= 0.02
    }
    return max(speed, min(demonstrator.speed, CarryExpert.arrival))
  }
}
