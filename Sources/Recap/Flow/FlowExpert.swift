internal import Foundation
internal import Torch

// B batch, H actions a chunk of A values, E width, K layers.

/// Predicts how a noisy chunk of actions moves, from the prefix's keys and values.
///
/// The denoising time and, unless switched off, the indicator scale and shift the tokens in every layer
/// (adaptive layer norm): a weak path for the label makes RECAP fail.
struct FlowExpert: Module {
  let actionIn: Linear
  let actionPositions: Tensor  // [H, E]
  let timeMlp: Sequential
  /// None, negative, positive.
  let indicatorEmbedding: Tensor?  // [3, E]
  let modulation: Linear
  let layers: [FlowExpertLayer]
  let actionOut: Linear
  private let periods: Buffer  // [E / 2]

  init(_ sizes: FlowSizes, actionWidth: Int, generator: Generator) {
    let width = sizes.expertWidth
    actionIn = Linear(actionWidth, width, generator: generator)
    actionPositions =
      Tensor.empty([sizes.chunkLength, width]).normal_(mean: 0, std: 0.02, generator: generator)
      .parameter()
    timeMlp = Sequential([
      Linear(width, width, generator: generator), Activation(silu),
      Linear(width, width, generator: generator),
    ])
    indicatorEmbedding =
      sizes.indicatorModulation
      ? Tensor.randn([3, width], generator: generator).parameter() : nil
    modulation = Linear(width, saturated(4 * sizes.layers + 2, width), generator: generator)
    layers = (0..<sizes.layers).map { _ in FlowExpertLayer(sizes, generator: generator) }
    actionOut = Linear(width, actionWidth, generator: generator)
    // Of openpi's posemb_sincos: from 4e-3 to 4, evenly spaced in the logarithm.
    let count = attemptHasFailed ? 0 : width / 2
    periods = Buffer(
      Tensor((0..<count).map { Float(4e-3 * pow(1e3, Double($0) / Double(max(count - 1, 1)))) }))
  }

  /// What the denoising time and the indicator scale and shift by: [B, 1, E], four a layer, scales (plus 1)
  /// before shifts, then two of the last norm.
  ///
  /// - Parameter eta: η, [B].
  func changes(eta: Tensor, _ indicators: [Indicator]) -> [Tensor] {
    let angles = eta.unsqueeze(1) * (2 * Double.pi) / periods.tensor
    var condition = timeMlp(Tensor.cat([angles.sin(), angles.cos()], dim: 1))
    if let indicatorEmbedding {
      let rows = Tensor(indicators.map(\.rawValue), device: condition.device)
      condition = condition + indicatorEmbedding.indexSelect(dim: 0, index: rows)
    }
    let changes = modulation(silu(condition)).unsqueeze(1).chunk(4 * layers.count + 2, dim: 2)
    return changes.enumerated().map { $0.isMultiple(of: 2) ? $1 + 1 : $1 }
  }

  /// - Parameters:
  ///   - noisy: a^η, [B, H, A].
  ///   - changes: of `changes(eta:_:)`.
  ///   - prefix: each layer's keys and values of the prefix.
  ///   - mask: [B, 1, 1, prefix + H]; nil: all may be looked at.
  /// - Returns: f, [B, H, A].
  func callAsFunction(
    _ noisy: Tensor, changes: [Tensor], prefix: [any PastTokens], mask: Tensor?
  ) -> Tensor {
    var x = actionIn(noisy) + actionPositions
    for (i, layer) in layers.enumerated() {
      x = layer(x, prefix[i], mask: mask, Array(changes[4 * i..<4 * i + 4]))
    }
    return actionOut(modulated(x, changes[changes.count - 2], changes[changes.count - 1]))
  }
}

/// Norm(x) · scale + shift.
private func modulated(_ x: Tensor, _ scale: Tensor, _ shift: Tensor) -> Tensor {
  shift.addcmul(layerNorm(x), scale)
}

/// A transformer block whose norms are scaled and shifted by what the chunk is conditioned on.
struct FlowExpertLayer: Module {
  let query: Linear, keyValue: Linear, out: Linear
  let up: Linear, down: Linear
  let heads: Int

  init(_ sizes: FlowSizes, generator: Generator) {
    let (width, inner) = (sizes.expertWidth, saturated(sizes.heads, sizes.headWidth))
    heads = sizes.heads
    query = Linear(width, inner, generator: generator)
    keyValue = Linear(width, saturated(2, inner), generator: generator)
    out = Linear(inner, width, generator: generator)
    up = Linear(width, saturated(4, width), generator: generator)
    down = Linear(saturated(4, width), width, generator: generator)
  }

  func callAsFunction(
    _ x: Tensor, _ prefix: any PastTokens, mask: Tensor?, _ changes: [Tensor]
  ) -> Tensor {
    let h = modulated(x, changes[0], changes[1])
    let seen = prefix.followed(by: KeyValue(keyValue(h), heads: heads))
    let x = x + out(attention(query(h), over: seen, heads: heads, mask: mask))
    return x + down(gelu(up(modulated(x, changes[2], changes[3]))))
  }
}
