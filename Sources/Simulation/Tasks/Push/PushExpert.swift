import Foundation

/// Pushes as a careful person would, along a dipole field: round the block to behind it, then on towards
/// the goal, turned against the block's veering.
///
/// With θ the angle at the block between the way to the goal and the way it is seen by the pusher, the
/// pusher moves at k·θ to the goal's direction, k about 2 (Igarashi, Kamiyama and Inami, "A dipole field
/// for object delivery by pushing on a flat surface", ICRA 2010). Of less skill it steers less and brakes
/// late. A lapse is 8 to 15 steps of pushing straight on, of veering off, or of running at the block
/// from wherever the pusher is.
struct PushExpert: Expert {
  private enum Lapse: CaseIterable { case pushesOn, veersOff, runsAtBlock }

  private let task: Push
  private let demonstrator: Demonstrator
  private var random: RandomSource
  private var lapse = (kind: Lapse.pushesOn, steps: 0, direction: SIMD2<Double>.zero)

  /// Share of the top speed at which a block is well pushed.
  private static let pushing = 0.5

  init(task: Push, demonstrator: Demonstrator, seed: UInt64) {
    self.task = task
    self.demonstrator = demonstrator
    random = RandomSource(seed: seed, purpose: "push expert")
  }

  mutating func action() -> [Float] {
    let offset = task.block - task.pusher
    let ahead = offset / max(offset.length, 1e-9)
    if lapse.steps > 0 {
      lapse.steps -= 1
    } else if random.uniform() < demonstrator.mistakes {
      let kind = Lapse.allCases[random.index(3)]
      let side = random.uniform() < 0.5 ? -1.2 : 1.2
      lapse = (kind, 8 + random.index(8), kind == .veersOff ? ahead.turned(by: side) : ahead)
    }
    let wanted =
      if lapse.steps == 0 { careful() } else if lapse.kind == .runsAtBlock { ahead } else {
        lapse.direction
      }
    return [wanted.x, wanted.y].map { Float($0 + demonstrator.noise * random.normal()) }
  }

  /// Where to and how fast without a lapse, in units of the top speed.
  private func careful() -> SIMD2<Double> {
    let (way, offset) = (task.goal - task.block, task.block - task.pusher)
    let (left, distance) = (way.length, offset.length)
    let angle = atan2(way.x * offset.y - way.y * offset.x, (way * offset).sum())
    let gain = 0.8 + 1.2 * demonstrator.skill
    let turn = max(-.pi, min(.pi, gain * angle))
    var direction = SIMD2(cos(atan2(way.y, way.x) + turn), sin(atan2(way.y, way.x) + turn))
    // Not through the block on the way round it, nor through the other one.
    let contact = Push.blockHalf + Push.pusherRadius
    if abs(angle) > 0.6 {
      direction -= offset / distance * max(0, contact + 0.015 - distance) / 0.012
    }
    let aside = task.pusher - task.other
    if aside.length < contact + 0.024 {
      direction += aside / aside.length * (contact + 0.024 - aside.length) / 0.02
    }
    direction /= max(direction.length, 1e-9)
    var pace = demonstrator.speed
    if distance < contact + 0.02, abs(angle) < 0.8 {
      // Pushing: of skill, slowly, and slower before the goal.
      let skill = demonstrator.skill
      pace *= 1 - (1 - PushExpert.pushing) * skill
      pace = min(pace, max(0.15, left / 0.05 + (1 - skill)))
    }
    return direction * pace
  }
}

extension SIMD2<Double> {
  /// Anticlockwise, by radians.
  func turned(by angle: Double) -> SIMD2<Double> {
    SIMD2(cos(angle) * x - sin(angle) * y, sin(angle) * x + cos(angle) * y)
  }
}
