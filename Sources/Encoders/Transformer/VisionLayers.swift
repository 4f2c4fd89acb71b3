import Torch

// Layers that several families of vision transformers share; names are those of `transformers`.
//
// Shapes: B images, L tokens, Q of them asked for, D = hidden size.

/// Two linear maps with a non-linearity between them.
struct VisionMLP: Module {
  let fc1: Linear
  let fc2: Linear
  let activation: Activation

  func callAsFunction(_ x: Tensor) -> Tensor { fc2(activation(fc1(x))) }
}

/// The attention of ViT and DINOv2.
struct VisionAttention: Module {
  let qProj: Linear
  let kProj: Linear
  let vProj: Linear
  let oProj: Linear
  let heads: Int

  /// - Parameter bias: Whether queries, keys and values have one.
  init(_ initializer: Initializer, size: Int, heads: Int, bias: Bool, std: Double) {
    qProj = initializer.linear(size, size, std: std, bias: bias)
    kProj = initializer.linear(size, size, std: std, bias: bias)
    vProj = initializer.linear(size, size, std: std, bias: bias)
    oProj = initializer.linear(size, size, std: std)
    self.heads = heads
  }

  /// Queries [B, Q, D] over tokens [B, L, D] -> [B, Q, D].
  func callAsFunction(_ queries: Tensor, over tokens: Tensor) -> Tensor {
    oProj(attention(query: qProj(queries), key: kProj(tokens), value: vProj(tokens), heads: heads))
  }
}

/// The convolution that makes tokens of patches, one level below its embeddings.
struct PatchProjection: Module {
  let projection: Conv2d

  init(_ initializer: Initializer, size: Int, patch: Int, std: Double) {
    projection = Conv2d(
      weight: initializer.normal([size, 3, patch, patch], std: std),
      bias: initializer.full([size], 0), stride: patch)
  }
}
