/// A module from one tensor to one tensor, which a `Sequential` can hold.
public protocol Layer: Module {
  func callAsFunction(_ x: Tensor) -> Tensor
}

extension Linear: Layer {}
extension LayerNorm: Layer {}
extension Conv2d: Layer {}

/// A function without parameters as a layer: `Activation(gelu)`.
public struct Activation: Layer {
  private let function: (Tensor) -> Tensor

  /// Wraps the function.
  public init(_ function: @escaping (Tensor) -> Tensor) { self.function = function }

  /// The function's value.
  public func callAsFunction(_ x: Tensor) -> Tensor { function(x) }
}

/// Layers one after the other; their checkpoint names are their places, as in `torch.nn.Sequential`.
public struct Sequential: Layer {
  /// What is applied, first to last.
  public let layers: [any Layer]

  /// No level of its own: the names are `0.weight`, `1.weight`, ….
  public static var checkpointNames: [String: String] { ["layers": ""] }

  /// A chain of the layers.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The last layer's output.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var x = x
    for layer in layers { x = layer(x) }
    return x
  }
}
