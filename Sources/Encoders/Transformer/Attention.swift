import Torch

/// Multi-head attention over projected inputs, with libtorch's fused kernel.
///
/// - Parameters:
///   - query: [B, Q, D]; `key` and `value` are [B, L, D].
///   - mask: Booleans [B, 1, 1, L], true where a key may be looked at; nil: everywhere.
/// - Returns: [B, Q, D].
func attention(
  query: Tensor, key: Tensor, value: Tensor, heads: Int, mask: Tensor? = nil
) -> Tensor {
  func split(_ x: Tensor) -> Tensor {
    let shape = x.shape
    return x.reshape([shape[0], shape[1], heads, shape[2] / heads]).transpose(1, 2)
  }
  let mixed = scaledDotProductAttention(split(query), split(key), split(value), mask: mask)
  return mixed.transpose(1, 2).flatten(from: 2, to: 3)  // [B, heads, Q, D / heads] -> [B, Q, D]
}
