import Torch

/// The rotary position embedding of one kind of layer (Su et al. 2021, arXiv:2104.09864).
struct RotaryEmbedding: Sendable, Hashable {
  /// Wavelengths grow from 2π to 2π · base.
  var base: Double
  /// What positions are divided by.
  var factor = 1.0

  /// The rotation of positions 0, 1, …, computed in float32 and rounded to `dtype`.
  func rotation(length: Int, size: Int, dtype: DType, device: Device) -> Rotation {
    let exponents = Tensor.arange(0, size, step: 2, device: device).to(.float32) / size
    let base = Tensor(scalar: self.base, device: device)
    let frequencies = 1 / base.pow(exponents) / factor  // [E / 2]
    let positions = Tensor.arange(length, dtype: .float32, device: device)
    let angles = positions.unsqueeze(1) * frequencies  // [L, E / 2]
    let pairs = Tensor.cat([angles, angles], dim: 1)
    return Rotation(cos: pairs.cos().to(dtype), sin: pairs.sin().to(dtype))
  }
}

/// Turns element i of the first half and of the second half of a vector as a pair.
struct Rotation {
  let cos: Tensor  // [L, E]
  let sin: Tensor  // [L, E]

  /// […, L, E] -> […, L, E].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let halves = x.chunk(2, dim: -1)
    return x * cos + Tensor.cat([-halves[1], halves[0]], dim: -1) * sin
  }
}
