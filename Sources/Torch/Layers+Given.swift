// Layers of parameters made elsewhere: an initialiser of one's own, or weights to be loaded.

extension LayerNorm {
  /// - Parameters:
  ///   - weight: scale `[size]`
  ///   - bias: shift `[size]`
  public init(weight: Tensor, bias: Tensor, epsilon: Double = 1e-5) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }
}

extension Embedding {
  /// - Parameter weight: one vector for each index, `[count, size]`
  public init(weight: Tensor) { self.weight = weight }
}

extension Conv2d {
  /// - Parameters:
  ///   - weight: `[output, input, kernel, kernel]`
  ///   - bias: `[output]`
  public init(weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Int = 0) {
    self.weight = weight
    self.bias = bias
    self.stride = stride
    self.padding = padding
  }
}
