import Torch

/// Multi-head attention over projected inputs, with libtorch's fused kernel.
///
/// - Parameters:
///   - query: [B, Q, D]; `key` and `value` are [B, L, D].
///   - mask: broadcast to [B, heads, Q, L]; Booleans, true where a key may be looked at, or numbers
///     that are added; nil: everywhere.
///   - scale: what products of queries and keys are multiplied by; nil: 1 / √(D / heads).
/// - Returns: [B, Q, D].
func attention(
  query: Tensor, key: Tensor, value: Tensor, heads: Int, mask: Tensor? = nil, scale: Double? = nil
) -> Tensor {
  func split(_ x: Tensor) -> Tensor {
    let shape = x.shape
    return x.reshape([shape[0], shape[1], heads, shape[2] / heads]).transpose(1, 2)
  }
  let mixed = scaledDotProductAttention(
    split(query), split(key), split(value), mask: mask, scale: scale)
  return mixed.transpose(1, 2).flatten(from: 2, to: 3)  // [B, heads, Q, D / heads] -> [B, Q, D]
}
