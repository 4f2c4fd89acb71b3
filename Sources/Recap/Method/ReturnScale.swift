/// The rewards of one task, and the scale that brings its returns to [−1, 0].
///
/// r_t = −1 in every step, at the last step T 0 for a success and −C for a failure (arXiv 2511.14759
/// Eq. 5). The paper discloses neither C nor the normalisation; ours: C is `failureCost` · T_max, and
/// everything is divided by T_max + C, so that successes lie in about [−0.5, 0] and failures in
/// [−1, −0.5] with the cost 1. T is the last index, length − 1.
package struct ReturnScale: Sendable, Equatable {
  /// T_max: the task's time limit, or its longest episode, in steps; at least 1.
  package let longest: Int
  /// C.
  package let failureCost: Double

  /// - Parameter failureCost: C in units of T_max.
  package init(longest: Int, failureCost: Double = 1) {
    self.longest = max(longest, 1)
    self.failureCost = failureCost * Double(self.longest)
  }

  private var scale: Double { Double(longest) + failureCost }

  /// r_t / (T_max + C) of an episode, [length].
  package func rewards(length: Int, succeeded: Bool) -> [Float] {
    var rewards = [Float](repeating: Float(-1 / scale), count: length)
    if length > 0 { rewards[length - 1] = succeeded ? 0 : Float(-failureCost / scale) }
    return rewards
  }

  /// The value targets of an episode, [length]: its returns, clipped to [−1, 0].
  package func returns(length: Int, succeeded: Bool) -> [Float] {
    (0..<length).map { t in
      let sum = -Double(length - 1 - t) - (succeeded ? 0 : failureCost)
      return Float(min(max(sum / scale, -1), 0))
    }
  }
}
