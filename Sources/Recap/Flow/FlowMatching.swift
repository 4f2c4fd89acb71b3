package import Torch

// B batch, H actions a chunk of A values. η = 1 is data, η = 0 is noise, and a network predicts
// f = noise − action, as the paper does (arXiv 2511.14759 App. C): da/dη = −f.

/// a^η = η a + (1 − η) ω.
///
/// - Parameters:
///   - actions: a, [B, H, A].
///   - noise: ω, [B, H, A].
///   - eta: η, [B].
package func interpolated(_ actions: Tensor, _ noise: Tensor, eta: Tensor) -> Tensor {
  let eta = eta.unsqueeze(1).unsqueeze(2)
  return actions * eta + noise * (1 - eta)
}

/// Denoising times to train at, [B]: 1 − η ~ 0.999 · Beta(1.5, 1) + 0.001, more of them near the noise
/// (knowledge insulation, arXiv 2505.23705 App. B).
package func denoisingTimes(_ count: Int, generator: Generator, device: Device = .cpu) -> Tensor {
  // The inverse of Beta(1.5, 1)'s distribution function, x^1.5.
  let beta = Tensor.rand([count], generator: generator).pow(1 / 1.5)
  return (beta * -0.999 + 0.999).to(device)
}

/// What a policy is fitted to: B chunks and what they are conditioned on.
package struct FlowBatch {
  package var prefix: PrefixInput
  /// Normalised, [B, H, A].
  package var actions: Tensor
  /// [B, H], 1 for an action of the episode and 0 beyond its end.
  package var isValid: Tensor
  package var indicators: [Indicator]
  /// [B], what each chunk's loss is multiplied by.
  package var weights: Tensor

  package init(
    prefix: PrefixInput, actions: Tensor, isValid: Tensor, indicators: [Indicator], weights: Tensor
  ) {
    self.prefix = prefix
    self.actions = actions
    self.isValid = isValid
    self.indicators = indicators
    self.weights = weights
  }
}

extension FlowPolicy {
  /// The mean over valid values of weight · (f − (ω − a))², plus, with knowledge insulation, that of the
  /// trunk's own regression, which is told the indicator and weighted as well.
  ///
  /// - Parameters:
  ///   - noise: ω, [B, H, A].
  ///   - eta: η, [B].
  package func loss(_ batch: FlowBatch, tags: TagFeatures?, noise: Tensor, eta: Tensor) -> Tensor {
    let tagged = tagged(base(batch.prefix), batch.indicators, tags)
    let noisy = interpolated(batch.actions, noise, eta: eta)
    let error = (velocity(noisy, eta: eta, tagged) - (noise - batch.actions)).square().mean(dim: 2)
    let valid = batch.isValid.sum().clamp(min: 1)
    let loss = (error * batch.isValid * batch.weights.unsqueeze(1)).sum() / valid
    guard let chunk = tagged.chunk else { return loss }
    let regression = (chunk.reshape(batch.actions.shape) - batch.actions).square().mean(dim: 2)
    return loss + (regression * batch.isValid * batch.weights.unsqueeze(1)).sum() / valid
  }
}
