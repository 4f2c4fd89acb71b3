import Torch

// Masks of attention are Booleans, true where a query (dim 2) may look at a key (dim 3).

/// Every query looks at all keys that are text: [B, L] -> [B, 1, 1, L].
func keyMask(_ mask: Tensor) -> Tensor { mask.ne(0).unsqueeze(1).unsqueeze(1) }

/// Every query looks at itself, and at those keys that are text, less than `window` away and, in
/// causal attention, not after it.
///
/// - Parameters:
///   - mask: [B, L], not zero where a token is text; nil: everywhere.
///   - window: nil: any distance.
///   - isCausal: whether keys after a query are hidden from it.
/// - Returns: [1 or B, 1, L, L].
func queryMask(
  length: Int, mask: Tensor?, window: Int? = nil, isCausal: Bool = true, device: Device
) -> Tensor {
  let positions = Tensor.arange(length, device: device)
  let distance = positions.unsqueeze(1) - positions.unsqueeze(0)  // of query and key, [L, L]
  var allowed = isCausal ? distance.ge(0) : distance.ge(-length)
  if let window { allowed = allowed.logicalAnd(distance.abs().lt(window)) }
  allowed = allowed.unsqueeze(0).unsqueeze(0)
  guard let mask else { return allowed }
  // Padding before a text sees no key but itself; of a query without any, kernels make what they
  // like.
  return allowed.logicalAnd(keyMask(mask)).logicalOr(distance.eq(0))
}
