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

  /// Computes every token. `pixels` are processed images, [B, 3, imageSize, imageSize].
  func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput

  /// One vector for each image: [B, 3, imageSize, imageSize] -> [B, width].
  func features(_ pixels: Tensor) -> Tensor
}

extension VisionEncoder {
  public func callAsFunction(_ pixels: Tensor) -> VisionOutput { self(pixels, hiddenStates: false) }
}
