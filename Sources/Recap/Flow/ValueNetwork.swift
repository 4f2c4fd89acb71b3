package import Torch

// B batch, D width, B_v bins.

/// The sizes of a value function's network.
package struct ValueSizes: Sendable, Equatable {
  /// D.
  package var width = 128
  package var layers = 2
  package var heads = 4
  /// Bins on [−1, 0].
  package var bins = 201

  package init() {}
}

/// The distributional value function p(V | o, ℓ) of RECAP (arXiv 2511.14759 §IV-A, Eq. 1): the policy's
/// prefix without its tag, read by a network of its own.
///
/// Readout: a learned token after the prefix (the paper does not say where).
package struct ValueNetwork: Module {
  let prefix: PrefixEmbedding
  let readout: Tensor  // [1, D]
  let layers: [TransformerBlock]
  let norm: LayerNorm
  let head: Linear

  package init(_ sizes: ValueSizes, prefix shape: PrefixShape, generator: Generator) {
    let width = sizes.width
    prefix = PrefixEmbedding(shape, width: width, hasTag: false, generator: generator)
    readout =
      Tensor.empty([1, width]).normal_(mean: 0, std: 0.02, generator: generator).parameter()
    layers = (0..<sizes.layers).map { _ in
      TransformerBlock(
        width: width, heads: sizes.heads, headWidth: width / sizes.heads, generator: generator)
    }
    norm = LayerNorm(width)
    head = Linear(width, sizes.bins, generator: generator)
  }

  /// Logits of the bins, [B, B_v].
  package func callAsFunction(_ input: PrefixInput) -> Tensor {
    let (tokens, mask) = prefix(input)
    let last = readout.expand([tokens.shape[0], 1, readout.shape[1]])
    var x = Tensor.cat([tokens, last], dim: 1)
    let keys = mask.map { $0.pad([0, 1], value: 1).unsqueeze(1).unsqueeze(1) }
    for layer in layers { x = layer(x, mask: keys).x }
    return head(norm(x.select(dim: 1, index: x.shape[1] - 1)))
  }

  /// V = Σ_b p(b) v(b), [B].
  func values(_ input: PrefixInput) -> [Float] {
    let probabilities = self(input).softmax(dim: 1)
    let centers = Tensor.linspace(-1, 0, count: head.weight.shape[0]).to(probabilities.device)
    return (probabilities * centers).sum(dim: 1).floats
  }
}
