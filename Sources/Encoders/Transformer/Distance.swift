internal import Foundation
import Torch

// T5's biases of attention by the distance of query and key.

/// Which bias the distance from a query (dim 0) to a key (dim 1) has, int64 [L, L]: half of the
/// buckets for keys after the query, half of those for one distance each, the others ever wider.
///
/// - Parameters:
///   - count: how many buckets there are, before and after a token together.
///   - maximumDistance: from this distance on, all share one bucket.
func distanceBuckets(_ count: Int, maximumDistance: Int, length: Int, device: Device) -> Tensor {
  let side = count / 2
  let exact = side / 2
  let positions = Tensor.arange(length, device: device)
  let distance = positions.unsqueeze(0) - positions.unsqueeze(1)
  let near = distance.abs()
  let span = log(Double(maximumDistance) / Double(exact))
  // In this order of operations: whole numbers have to come out whole.
  let far = (near.clamp(min: 1).to(.float32) / exact).log() / span * (side - exact)
  let bucket = Tensor.where(
    near.lt(exact), near, far.clamp(max: Double(side - exact - 1)).to(.int64) + exact)
  return distance.gt(0).to(.int64) * side + bucket
}

/// What is added to products of queries and keys: -∞ where a key is no text.
///
/// - Parameters:
///   - table: a bias for each bucket and each head.
///   - buckets: int64 [L, L].
///   - mask: [B, L], not zero where a token is text; nil: everywhere.
/// - Returns: [1 or B, heads, L, L].
func distanceBias(_ table: Embedding, _ buckets: Tensor, mask: Tensor?) -> Tensor {
  let bias = table(buckets).permute(2, 0, 1).unsqueeze(0)
  guard let mask else { return bias }
  return bias.maskedFill(mask: keyMask(mask).logicalNot(), value: -Double.infinity)
}
