internal import LeRobot

/// A_t = Σ_{t ≤ t' < t+N} r_t' + V(t+N) − V(t) of the frames of one episode (arXiv 2511.14759 §III).
///
/// Where t + N reaches the end of the episode, the sum goes to the end and nothing is added: the paper does
/// not say, and the end's value is known.
///
/// - Parameters:
///   - values: V, [T].
///   - rewards: r on the scale of V, [T].
///   - steps: N; nil for N = T, the sum to the end (App. F's pre-training).
/// - Returns: [T].
package func advantages(values: [Float], rewards: [Float], steps: Int?) -> [Float] {
  guard values.count == rewards.count else {
    fatalError("advantages: \(values.count) values and \(rewards.count) rewards")
  }
  let count = values.count
  var sums = [Double](repeating: 0, count: count + 1)
  for t in (0..<count).reversed() { sums[t] = sums[t + 1] + Double(rewards[t]) }
  return (0..<count).map { t in
    let end = min(steps ?? count, count - t) + t
    let later = end < count ? Double(values[end]) : 0
    return Float(sums[t] - sums[end] + later - Double(values[t]))
  }
}

/// ε_ℓ: the advantage above which a frame is labelled positive, so that `positiveFraction` of them are
/// (arXiv 2511.14759 App. F: about 30 % in pre-training, 40 % in fine-tuning, 10 % for speed).
///
/// - Parameters:
///   - advantages: those of one task's frames, forced ones left out.
///   - samples: at most so many are looked at, drawn by the seed.
/// - Returns: the value that the share of `positiveFraction` of the samples is strictly above, as nearly as
///   ties allow; infinite where there is none.
package func improvementThreshold(
  _ advantages: [Float], positiveFraction: Double, seed: Int, samples: Int = 10_000
) -> Float {
  var sorted = advantages
  if sorted.count > samples {
    var generator = SplitMix64(seed: seed, purpose: 10)
    let order = Permutation(count: sorted.count, using: &generator)
    sorted = (0..<samples).map { advantages[order[$0]] }
  }
  guard !sorted.isEmpty else { return .infinity }
  sorted.sort()
  // I = A > ε strictly: with ε the k-th greatest from the top left out, k are above it.
  let positive = Int((positiveFraction * Double(sorted.count)).rounded())
  guard positive < sorted.count else { return -.infinity }
  return sorted[sorted.count - 1 - positive]
}
