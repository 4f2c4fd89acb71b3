public import Torch

/// What a model of text computes.
public struct TextOutput {
  /// The last layer's tokens, [B, L, D], after the closing norm of models that have one.
  public let lastHiddenState: Tensor
  /// The model's own summary of a text, [B, D], where it has one.
  public let pooled: Tensor?
  /// The first layer's input, then each layer's output, each [B, L, D]; empty unless asked for. As
  /// in `transformers`, the last one is ``lastHiddenState`` but in the towers of CLIP and SigLIP,
  /// where it is before the closing norm.
  public let hiddenStates: [Tensor]
}

/// A model that turns token ids into features.
public protocol TextEncoder: Encoder {
  /// Width D of the tokens; that of the features is ``Encoder/width``.
  var tokenWidth: Int { get }
  /// The longest text it takes, in tokens.
  var maximumLength: Int { get }
  /// Token ids are below this.
  var vocabularySize: Int { get }

  /// Computes every token.
  ///
  /// The tokens of a text do not depend on its padding, on whichever side that is, but for the
  /// positions of models that count them from the row's start; those of padding mean nothing.
  ///
  /// - Parameters:
  ///   - ids: Token ids, int64 [B, L], with L at most ``maximumLength``.
  ///   - mask: [B, L], not zero where a token is text and zero where it is padding; nil: all text.
  func callAsFunction(_ ids: Tensor, mask: Tensor?, hiddenStates: Bool) -> TextOutput

  /// One vector for each text: the model's own summary, else the mean of its tokens under the mask.
  ///
  /// - Returns: [B, width].
  func features(_ ids: Tensor, mask: Tensor?) -> Tensor
}

extension TextEncoder {
  public var tokenWidth: Int { width }

  public func callAsFunction(_ ids: Tensor, mask: Tensor? = nil) -> TextOutput {
    self(ids, mask: mask, hiddenStates: false)
  }

  public func features(_ ids: Tensor, mask: Tensor?) -> Tensor {
    let output = self(ids, mask: mask)
    return output.pooled ?? Pooling.mean(output.lastHiddenState, mask: mask)
  }

  /// One vector for each text that has no padding.
  public func features(_ ids: Tensor) -> Tensor { features(ids, mask: nil) }
}
