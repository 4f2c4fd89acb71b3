public import Torch

/// Whole episodes, padded with zeros to the longest.
public struct EpisodeBatch {
  public let input: PolicyInput
  public let actions: Tensor  // [B, T, A]
  /// 1 where a frame is real, 0 where it is padding.
  public let mask: Tensor  // [B, T]
  /// Rewards and done flags of each episode, without padding.
  public let rewards: [[Float]]
  public let dones: [[Bool]]

  package init(
    input: PolicyInput, actions: Tensor, mask: Tensor, rewards: [[Float]], dones: [[Bool]]
  ) {
    self.input = input
    self.actions = actions
    self.mask = mask
    self.rewards = rewards
    self.dones = dones
  }

  /// Frames of the longest episode.
  var length: Int { mask.shape[1] }
}

/// Sum over the real frames of a batch divided by their number; 0 where there are none.
func maskedMean(_ x: Tensor, _ mask: Tensor) -> Tensor {
  (x * mask).sum() / mask.sum().clamp(min: 1)
}

/// Stages 1 and 2: MSE(mean, action) over the real frames.
package func imitationLoss(_ policy: ClassicPolicy, _ batch: EpisodeBatch) -> Tensor {
  let mean = policy.actions(policy.fused(batch.input)).mean
  let error = mean - batch.actions
  return maskedMean((error * error).mean(dim: -1), batch.mask)
}

/// Terms of stage 3's loss, and the advantages that they came from.
package struct AutonomousLosses {
  package let total: Tensor
  package let policy: Tensor
  package let value: Tensor
  package let entropy: Tensor
  /// Before normalisation, one row for each episode.
  package let advantages: [[Float]]
}

/// Stage 3: −mean(Σ log N(action) · advantage), the value's masked MSE to the return, and the entropy.
///
/// The value function reads the fused features without conditioning, and its loss flows into fusion and
/// projections. Advantages are constants: GAE on detached values, normalised over the batch's real
/// frames, which also condition the policy. Frames that end an episode do not count in the value loss.
package func autonomousLosses(
  _ policy: ClassicPolicy, _ valueFunction: ClassicValueFunction, _ batch: EpisodeBatch,
  _ weights: Configuration.Training
) throws -> AutonomousLosses {
  // An attempt: what is read from the device is there as a whole.
  let (fused, values, hostValues) = try attempt {
    let fused = policy.fused(batch.input)  // [B, T, D]
    let values = valueFunction(fused)  // [B, T]
    return (fused, values, values.detach().floats)
  }
  var advantages: [[Float]] = []
  var returns: [[Float]] = []
  for (episode, (rewards, dones)) in zip(batch.rewards, batch.dones).enumerated() {
    let start = episode * batch.length
    advantages.append(
      generalizedAdvantages(
        rewards: rewards, values: Array(hostValues[start..<start + rewards.count]), dones: dones,
        gamma: weights.gamma, lambda: weights.lambda))
    returns.append(discountedReturns(rewards: rewards, dones: dones, gamma: weights.gamma))
  }
  let device = values.device
  let normalized = padded(normalizedAdvantages(advantages), to: batch.length, device: device)
  let target = padded(returns, to: batch.length, device: device)
  let goesOn = padded(
    batch.dones.map { $0.map { $0 ? 0 : 1 } }, to: batch.length, device: device)

  let action = policy.actions(fused, advantage: normalized)
  let logProbability = action.logProbability(batch.actions).sum(dim: -1)  // [B, T]
  let policyLoss = -maskedMean(logProbability * normalized, batch.mask)
  let valueError = values - target
  let valueLoss = maskedMean(valueError * valueError, goesOn)
  let entropy = maskedMean(action.entropy().sum(dim: -1), batch.mask)
  return AutonomousLosses(
    total: policyLoss * weights.policyLossWeight + valueLoss * weights.valueLossWeight
      - entropy * weights.entropyWeight,
    policy: policyLoss, value: valueLoss, entropy: entropy, advantages: advantages)
}

/// Rows of different lengths as one tensor [rows, length], with zeros behind the shorter ones.
func padded(_ rows: [[Float]], to length: Int, device: Device) -> Tensor {
  var values: [Float] = []
  values.reserveCapacity(rows.count * length)
  for row in rows {
    values += row
    values.append(contentsOf: repeatElement(0, count: length - row.count))
  }
  return Tensor(values, shape: [rows.count, length], device: device)
}
