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
public protocol VisionEncoder: Module {
  /// Width of the features.
  var width: Int { get }
  /// Side of the square images it takes, in pixels.
  var imageSize: Int { get }

  /// Computes every token. `pixels` are processed images, [B, 3, imageSize, imageSize].
  func callAsFunction(_ pixels: Tensor, hiddenStates: Bool) -> VisionOutput

  /// One vector for each image: [B, 3, imageSize, imageSize] -> [B, width].
  func features(_ pixels: Tensor) -> Tensor

  /// How a file spells a parameter of this model.
  ///
  /// - Parameter name: A name as `namedParameters` gives it.
  func name(of name: String, in spelling: Spelling) -> String

  /// What a name in a weight file, in any spelling, stands for in this model.
  func resolve(_ nameInFile: String) -> WeightName
}

extension VisionEncoder {
  public func callAsFunction(_ pixels: Tensor) -> VisionOutput { self(pixels, hiddenStates: false) }

  public func name(of name: String, in spelling: Spelling) -> String { name }
}

/// The releases of `transformers` whose names for parameters differ.
public enum Spelling: String, Sendable, CaseIterable {
  /// Has a `vision_model.` level in a CLIP vision model.
  case transformers4
  /// Has none; our own names are these.
  case transformers5
}

/// What a tensor in a weight file is to a model.
public enum WeightName: Sendable, Hashable {
  /// The parameter of this name; one that the model lacks makes loading fail.
  case parameter(String)
  /// Known, and not part of the model: another tower, a head, a table of positions.
  case ignored
}
