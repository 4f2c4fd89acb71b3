internal import LeRobot

/// The batches of one epoch: every episode once, in an order drawn from seed, stage and epoch.
package func epochBatches(
  _ episodes: [Int], size: Int, seed: Int, stage: Stage, epoch: Int
) -> [[Int]] {
  var generator = SplitMix64(seed: seed, purpose: Stage.allCases.firstIndex(of: stage)!, epoch)
  let shuffled = episodes.shuffled(using: &generator)
  return stride(from: 0, to: shuffled.count, by: size).map {
    Array(shuffled[$0..<min($0 + size, shuffled.count)])
  }
}
