/// Discounted returns of one episode: G_t = r_t + γ (1 − done_t) G_{t+1}, with 0 beyond the end.
public func discountedReturns(rewards: [Float], dones: [Bool], gamma: Double) -> [Float] {
  var returns = [Float](repeating: 0, count: rewards.count)
  var next = 0.0
  for t in rewards.indices.reversed() {
    next = Double(rewards[t]) + gamma * (dones[t] ? 0 : next)
    returns[t] = Float(next)
  }
  return returns
}

/// Generalized advantage estimates of one episode (Schulman et al., arXiv 1506.02438, eq. 16).
///
/// From the last step backwards, δ_t = r_t + γ V_{t+1} (1 − done_t) − V_t and
/// A_t = δ_t + γ λ (1 − done_t) A_{t+1}; V beyond the end is 0.
public func generalizedAdvantages(
  rewards: [Float], values: [Float], dones: [Bool], gamma: Double, lambda: Double
) -> [Float] {
  var advantages = [Float](repeating: 0, count: rewards.count)
  var nextValue = 0.0
  var nextAdvantage = 0.0
  for t in rewards.indices.reversed() {
    let goesOn = dones[t] ? 0.0 : 1.0
    let delta = Double(rewards[t]) + gamma * nextValue * goesOn - Double(values[t])
    nextAdvantage = delta + gamma * lambda * goesOn * nextAdvantage
    nextValue = Double(values[t])
    advantages[t] = Float(nextAdvantage)
  }
  return advantages
}

/// Mean and sample standard deviation (n − 1 in the denominator; 0 for fewer than two values).
public func meanAndStandardDeviation(_ values: [Float]) -> (mean: Float, standardDeviation: Float) {
  guard !values.isEmpty else { return (0, 0) }
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  guard values.count > 1 else { return (Float(mean), 0) }
  let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  return (Float(mean), Float((squares / Double(values.count - 1)).squareRoot()))
}

/// Advantages of a batch of episodes scaled to mean 0 and sample standard deviation 1 over all frames:
/// (A − mean) / (std + 1e-8).
public func normalizedAdvantages(_ advantages: [[Float]]) -> [[Float]] {
  let (mean, standardDeviation) = meanAndStandardDeviation(advantages.flatMap { $0 })
  return advantages.map { $0.map { ($0 - mean) / (standardDeviation + 1e-8) } }
}
