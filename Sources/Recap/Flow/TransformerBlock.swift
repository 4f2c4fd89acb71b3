internal import Torch

// B batch, n heads of width d, D width of the tokens.

/// Tokens that later ones look at.
protocol PastTokens {
  /// Their keys and values, then others'.
  func followed(by other: KeyValue) -> KeyValue
}

/// Keys and values of tokens, [B, n, tokens, d].
struct KeyValue: PastTokens {
  let key: Tensor
  let value: Tensor

  /// From a projection [B, tokens, 2 · n · d], keys first.
  init(_ projected: Tensor, heads: Int) {
    let halves = projected.chunk(2, dim: -1)
    key = split(halves[0], heads: heads)
    value = split(halves[1], heads: heads)
  }

  fileprivate init(key: Tensor, value: Tensor) {
    self.key = key
    self.value = value
  }

  private func map(_ body: (Tensor) -> Tensor) -> KeyValue {
    KeyValue(key: body(key), value: body(value))
  }

  /// Those of these tokens, then of others.
  func followed(by other: KeyValue) -> KeyValue {
    KeyValue(
      key: .cat([key, other.key], dim: 2), value: .cat([value, other.value], dim: 2))
  }

  /// Cut off from the graph of gradients.
  var detached: KeyValue { map { $0.detach() } }

  /// The batch, `count` times one after another.
  func repeated(_ count: Int) -> KeyValue { map { Tensor.cat(Array(repeating: $0, count: count)) } }
}

/// Keys and values that many others follow in turn, each time in the same memory: without gradients.
struct SharedPast: PastTokens {
  private let all: KeyValue
  private let end: KeyValue

  /// - Parameter room: how many tokens follow at a time.
  init(_ past: KeyValue, room: Int) {
    let length = past.key.shape[2]
    func longer(_ x: Tensor) -> Tensor { x.pad([0, 0, 0, room]) }
    all = KeyValue(key: longer(past.key), value: longer(past.value))
    func tail(_ x: Tensor) -> Tensor { x.narrow(dim: 2, start: length, length: room) }
    end = KeyValue(key: tail(all.key), value: tail(all.value))
  }

  func followed(by other: KeyValue) -> KeyValue {
    end.key.copy_(other.key)
    end.value.copy_(other.value)
    return all
  }
}

/// [B, tokens, n · d] -> [B, n, tokens, d].
private func split(_ x: Tensor, heads: Int) -> Tensor {
  x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] / heads).transpose(1, 2)
}

/// Attention of queries [B, Q, n · d] over keys and values, as [B, Q, n · d].
///
/// - Parameter mask: [B, 1, 1 or Q, keys], true where a key may be looked at; nil: everywhere.
func attention(_ query: Tensor, over past: KeyValue, heads: Int, mask: Tensor?) -> Tensor {
  scaledDotProductAttention(split(query, heads: heads), past.key, past.value, mask: mask)
    .transpose(1, 2).flatten(from: 2, to: 3)
}

/// Pre-norm transformer block over tokens that may look at others before them:
/// x + Attention(Norm(x)), then x + MLP(Norm(x)).
struct TransformerBlock: Module {
  let attentionNorm: LayerNorm
  let query: Linear, keyValue: Linear, out: Linear
  let mlpNorm: LayerNorm
  let up: Linear, down: Linear
  let heads: Int

  init(width: Int, heads: Int, headWidth: Int, generator: Generator) {
    self.heads = heads
    let inner = saturated(heads, headWidth)
    attentionNorm = LayerNorm(width)
    query = Linear(width, inner, generator: generator)
    keyValue = Linear(width, saturated(2, inner), generator: generator)
    out = Linear(inner, width, generator: generator)
    mlpNorm = LayerNorm(width)
    up = Linear(width, saturated(4, width), generator: generator)
    down = Linear(saturated(4, width), width, generator: generator)
  }

  /// Keys and values of the block's input, all that later tokens need of it.
  func keysAndValues(_ x: Tensor) -> KeyValue {
    KeyValue(keyValue(attentionNorm(x)), heads: heads)
  }

  /// - Parameters:
  ///   - x: [B, tokens, D]
  ///   - past: what the tokens see beside one another.
  ///   - mask: [B, 1, 1, past + tokens]
  /// - Returns: [B, tokens, D], and the tokens' own keys and values.
  func callAsFunction(
    _ x: Tensor, past: KeyValue? = nil, mask: Tensor?
  ) -> (x: Tensor, own: KeyValue) {
    let h = attentionNorm(x)
    let own = KeyValue(keyValue(h), heads: heads)
    let seen = past?.followed(by: own) ?? own
    let x = x + out(attention(query(h), over: seen, heads: heads, mask: mask))
    return (x + down(gelu(up(mlpNorm(x)))), own)
  }
}
