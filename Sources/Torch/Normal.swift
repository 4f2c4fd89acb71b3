import Foundation

/// Independent normal distributions, one for each element.
public struct Normal {
  /// The centers.
  public let mean: Tensor

  /// The standard deviations, positive.
  public let std: Tensor  // broadcasts against `mean`

  /// A distribution for each element of `mean`.
  public init(mean: Tensor, std: Tensor) {
    self.mean = mean
    self.std = std
  }

  /// log N(x; mean, std²) = −(x − mean)² / (2 std²) − log std − log √(2π), by element.
  public func logProbability(_ x: Tensor) -> Tensor {
    let variance = std.pow(2)
    return -(x - mean).pow(2) / (variance * 2) - std.log() - log((2 * Double.pi).squareRoot())
  }

  /// ½ + ½ log(2π) + log std, by element, in the shape of the mean.
  public func entropy() -> Tensor {
    (0.5 + 0.5 * log(2 * Double.pi) + std.log()).expand(mean.shape)
  }

  /// mean + std · z, with z standard normal; gradients flow to mean and std.
  public func sample(generator: Generator) -> Tensor {
    let noise = Tensor.randn(
      (mean + std).shape, generator: generator, dtype: mean.dtype, device: mean.device)
    return mean + std * noise
  }
}
