import CTorch

/// x · Φ(x), exactly.
public func gelu(_ x: Tensor) -> Tensor { op { ct_gelu($0, x.raw, false) } }

/// GELU by its tanh approximation.
public func geluTanh(_ x: Tensor) -> Tensor { op { ct_gelu($0, x.raw, true) } }

/// x · sigmoid(1.702 x), CLIP's GELU.
public func quickGELU(_ x: Tensor) -> Tensor { x * (x * 1.702).sigmoid() }

/// max(x, 0).
public func relu(_ x: Tensor) -> Tensor { op { ct_relu($0, x.raw) } }

/// x · sigmoid(x).
public func silu(_ x: Tensor) -> Tensor { op { ct_silu($0, x.raw) } }

/// log(1 + exp(x)); x itself where x > 20.
public func softplus(_ x: Tensor) -> Tensor { op { ct_softplus($0, x.raw) } }

/// Each vector of the last dim to mean 0 and variance 1.
public func layerNorm(_ x: Tensor, epsilon: Double = 1e-5) -> Tensor {
  let size = x.shape.last ?? 1
  return op { ct_layer_norm($0, x.raw, size, ct_tensor(), ct_tensor(), epsilon) }
}

/// The mean squared difference.
public func mseLoss(_ a: Tensor, _ b: Tensor) -> Tensor { op { ct_mse_loss($0, a.raw, b.raw) } }

/// The mean negative log-probability of the targets.
///
/// - Parameters:
///   - logits: `[N, C]` or `[N, C, …]`.
///   - targets: class numbers (int64) `[N]` or `[N, …]`, or probabilities shaped like `logits`.
///   - ignoreIndex: the class number that stands for "no target".
public func crossEntropy(
  _ logits: Tensor, _ targets: Tensor, ignoreIndex: Int = -100, labelSmoothing: Double = 0
) -> Tensor {
  op { ct_cross_entropy($0, logits.raw, targets.raw, ignoreIndex, labelSmoothing) }
}

/// The mean negative log-probability of targets in [0, 1] under sigmoid(logits).
public func binaryCrossEntropyWithLogits(_ logits: Tensor, _ targets: Tensor) -> Tensor {
  op { ct_binary_cross_entropy_with_logits($0, logits.raw, targets.raw) }
}

/// softmax(q kᵀ · scale + mask) v, by libtorch's fused kernels.
///
/// - Parameters:
///   - q: `[…, L, E]`
///   - k: `[…, S, E]`
///   - v: `[…, S, V]`
///   - mask: broadcast to `[…, L, S]`; boolean: true takes part; floating-point: added.
///   - scale: 1 / √E unless given.
/// - Returns: `[…, L, V]`
public func scaledDotProductAttention(
  _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
  scale: Double? = nil
) -> Tensor {
  op("scaledDotProductAttention") {
    let mask = mask?.raw ?? ct_tensor()
    guard var scale else {
      return ct_scaled_dot_product_attention($0, q.raw, k.raw, v.raw, mask, isCausal, nil)
    }
    return ct_scaled_dot_product_attention($0, q.raw, k.raw, v.raw, mask, isCausal, &scale)
  }
}

/// x divided by its length along `dim`, which counts as `epsilon` at the least.
public func normalize(_ x: Tensor, dim: Int = -1, epsilon: Double = 1e-12) -> Tensor {
  op { ct_normalize($0, x.raw, dim, epsilon) }
}

/// x with each element zeroed with the given probability, the others scaled to keep the mean.
public func dropout(_ x: Tensor, probability: Double, generator: Generator) -> Tensor {
  op { ct_dropout($0, x.raw, probability, generator.raw) }
}

/// Images `[N, C, H, W]` resampled bicubically, each point from the 16 around it.
///
/// It is PyTorch's `interpolate(mode="bicubic", align_corners=False)` to a size.
public func interpolateBicubic(_ x: Tensor, height: Int, width: Int) -> Tensor {
  op { ct_resize_bicubic($0, x.raw, height, width, false) }
}

/// Images `[N, C, H, W]`, uint8 or floating-point, resampled bicubically with antialiasing.
///
/// The kernel is the one that torchvision uses; on uint8 it is within 1 of Pillow's.
public func interpolateBicubicAntialiased(_ x: Tensor, height: Int, width: Int) -> Tensor {
  op { ct_resize_bicubic($0, x.raw, height, width, true) }
}

/// Images `[N, C, H, W]`, uint8 or floating-point, resampled bilinearly with antialiasing.
public func interpolateBilinearAntialiased(_ x: Tensor, height: Int, width: Int) -> Tensor {
  op { ct_resize_bilinear($0, x.raw, height, width) }
}
