public import Torch

/// What a model of images computes.
public struct VisionOutput {
  /// The last layer's tokens, [B, L, D], before any closing norm.
  public let lastHiddenState: Tensor
  /// The model's own summary of an image, [B, D].
  public let pooled: Tensor
  /// The first layer's input, then each layer's output, each [B, L, D]; empty unless asked for.
  public let hiddenStates: [Tensor]
}

/// A model that turns images into features.
public protocol VisionEncoder: Encoder {
  /// Side of the square images it takes, in pixels.
  var imageSize: Int { get }
  /// Tokens before those of the patches: a class token, registers.
  var leadingTokens: Int { get }

  /// Computes every token. `pixels` are processed images, [B, 3, imageSize, imageSize].
  func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput

  /// One vector for each image: [B, 3, imageSize, imageSize] -> [B, width].
  func features(_ pixels: Tensor) -> Tensor
}

extension VisionEncoder {
  /// The last layer's tokens of the patches alone, row by row: [B, 3, imageSize, imageSize] -> [B, P, D].
  public func patchTokens(_ pixels: Tensor) -> Tensor {
    let tokens = self(pixels).lastHiddenState
    return tokens.narrow(dim: 1, start: leadingTokens, length: tokens.shape[1] - leadingTokens)
  }

  public func callAsFunction(_ pixels: Tensor) -> VisionOutput { self(pixels, hiddenStates: false) }
}
