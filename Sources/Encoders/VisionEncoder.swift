public import Torch

/// What a model of images computes.
public struct VisionOutput {
  /// The last layer's tokens, [B, L, D], as `transformers` gives them: behind the closing norm, but
  /// for CLIP, whose closing norm is only for ``pooled``.
  public let lastHiddenState: Tensor
  /// The model's own summary of an image, [B, D]: what `transformers` calls `pooler_output`. Of a
  /// model without any it is the class token, else the mean of the tokens.
  public let pooled: Tensor
  /// The first layer's input, then each layer's output, each [B, L, D]; empty unless asked for.
  public let hiddenStates: [Tensor]
}

/// A model that turns images into features.
public protocol VisionEncoder: Encoder {
  /// Side of the square images it was trained on, in pixels. Its positions are resampled for images of
  /// another size, as `transformers` does it with `interpolate_pos_encoding`.
  var imageSize: Int { get }
  /// Side of the square patches, in pixels: the least height and width of an image.
  var patchSize: Int { get }
  /// Tokens before those of the patches: a class token, registers.
  var leadingTokens: Int { get }
  /// How images are processed where the model's folder does not say it.
  var processing: ImageProcessorConfiguration.Family { get }

  /// Computes every token. `pixels` are processed images, [B, 3, H, W].
  func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput

  /// One vector for each image: [B, 3, H, W] -> [B, width].
  func features(_ pixels: Tensor) -> Tensor
}

extension VisionEncoder {
  /// The last layer's tokens of the patches alone, row by row: [B, 3, H, W] -> [B, P, D].
  public func patchTokens(_ pixels: Tensor) -> Tensor {
    let tokens = self(pixels).lastHiddenState
    return tokens.narrow(dim: 1, start: leadingTokens, length: tokens.shape[1] - leadingTokens)
  }

  public func callAsFunction(_ pixels: Tensor) -> VisionOutput { self(pixels, hiddenStates: false) }
}
