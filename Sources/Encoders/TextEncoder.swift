public import Torch

/// What a model of text computes.
public struct TextOutput {
  /// The last layer's tokens, [B, L, D].
  public let lastHiddenState: Tensor
  /// The model's own summary of a text, [B, D], where it has one.
  public let pooled: Tensor?
  /// The first layer's input, then each layer's output, each [B, L, D]; empty unless asked for.
  public let hiddenStates: [Tensor]
}

/// A model that turns token ids into features.
public protocol TextEncoder: Encoder {
  /// The longest text it takes, in tokens.
  var maximumLength: Int { get }
  /// Token ids are below this.
  var vocabularySize: Int { get }

  /// Computes every token.
  ///
  /// - Parameters:
  ///   - ids: Token ids, int64 [B, L], with L at most ``maximumLength``.
  ///   - mask: [B, L], not zero where a token is text and zero where it is padding; nil: all text.
  func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput
}

extension TextEncoder {
  public func callAsFunction(_ ids: Tensor, mask: Tensor? = nil) -> TextOutput {
    self(ids, mask: mask, hiddenStates: false)
  }

  /// One vector for each text: the model's own summary, else the mean of its tokens under the mask.
  ///
  /// - Returns: [B, width].
  public func features(_ ids: Tensor, mask: Tensor? = nil) -> Tensor {
    let output = self(ids, mask: mask)
    if let pooled = output.pooled { return pooled }
    guard let mask else { return output.lastHiddenState.mean(dim: 1) }
    let weights = mask.ne(0).to(output.lastHiddenState.dtype).unsqueeze(2)  // [B, L, 1]
    let total = (output.lastHiddenState * weights).sum(dim: 1)
    return total / weights.sum(dim: 1).clamp(min: 1e-9)
  }
}
