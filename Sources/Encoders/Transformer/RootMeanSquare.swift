import Torch

/// Each vector of the last dim to a mean square of 1, in float32 whatever the dtype is (Zhang and
/// Sennrich 2019, arXiv:1910.07467).
func rootMeanSquareNorm(_ x: Tensor, epsilon: Double) -> Tensor {
  let x = x.to(.float32)
  return x * (x.square().mean(dim: -1, keepDim: true) + epsilon).rsqrt()
}
