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

/// Splits episodes into those to train on and those held out, by seed.
///
/// Each group (episodes of one type) gives `round(fraction · count)` of its episodes, at least one when the
/// fraction is above 0, and keeps at least one for training.
package func heldOutSplit(
  _ groups: [[Int]], fraction: Double, seed: Int
) -> (training: [Int], heldOut: [Int]) {
  var training: [Int] = []
  var heldOut: [Int] = []
  for (index, group) in groups.enumerated() {
    var generator = SplitMix64(seed: seed, purpose: -1, index)
    let wanted = fraction > 0 ? max(1, Int((fraction * Double(group.count)).rounded())) : 0
    let count = min(wanted, max(group.count - 1, 0))
    let shuffled = group.shuffled(using: &generator)
    heldOut += shuffled.prefix(count)
    training += shuffled.dropFirst(count)
  }
  return (training.sorted(), heldOut.sorted())
}
