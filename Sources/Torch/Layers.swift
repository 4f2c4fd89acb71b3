import CTorch

// The layers start as PyTorch's do: the same generator state gives the same bits.

/// y = x Wᵀ + b.
public struct Linear: Module {
  /// W.
  public let weight: Tensor  // [output, input]

  /// b.
  public let bias: Tensor?  // [output]

  let slot = AdapterSlot()

  public static let checkpointNames = ["slot": ""]

  /// Weights and biases uniform in ±1/√input.
  public init(_ input: Int, _ output: Int, bias: Bool = true, generator: Generator) {
    weight = uniform([output, input], fanIn: input, generator)
    self.bias = bias ? uniformBias(output, fanIn: input, generator) : nil
  }

  /// A layer of given parameters.
  public init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  /// - Parameter x: `[…, input]`
  /// - Returns: `[…, output]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let y = op("Linear") { ct_linear($0, x.raw, weight.raw, bias?.raw ?? ct_tensor()) }
    return slot.adapter.map { y + $0(x) } ?? y
  }
}

/// Each vector of the last dim to mean 0 and variance 1, then scaled and shifted.
public struct LayerNorm: Module {
  /// The scale.
  public let weight: Tensor  // [size]

  /// The shift.
  public let bias: Tensor  // [size]

  /// What is added to the variance.
  public let epsilon: Double

  /// Scale 1, shift 0.
  public init(_ size: Int, epsilon: Double = 1e-5) {
    weight = Tensor.ones([size]).parameter()
    bias = Tensor.zeros([size]).parameter()
    self.epsilon = epsilon
  }

  /// A layer of given parameters.
  public init(weight: Tensor, bias: Tensor, epsilon: Double = 1e-5) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// - Parameter x: `[…, size]`
  /// - Returns: `[…, size]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    op("LayerNorm") {
      ct_layer_norm($0, x.raw, ct_count(weight.raw), weight.raw, bias.raw, epsilon)
    }
  }
}

/// A table of vectors, looked up by index.
public struct Embedding: Module {
  /// The vectors.
  public let weight: Tensor  // [count, size]

  /// Samples of the standard normal distribution.
  public init(_ count: Int, _ size: Int, generator: Generator) {
    weight = Tensor.randn([count, size], generator: generator).parameter()
  }

  /// A table of given vectors.
  public init(weight: Tensor) { self.weight = weight }

  /// - Parameter indices: int64 or int32, of any shape.
  /// - Returns: that shape with `size` appended.
  public func callAsFunction(_ indices: Tensor) -> Tensor {
    op("Embedding") { ct_embedding($0, weight.raw, indices.raw) }
  }
}

/// Two-dimensional convolution (cross-correlation).
public struct Conv2d: Module {
  /// The kernels.
  public let weight: Tensor  // [output, input, kernel, kernel]

  /// What is added to each output channel.
  public let bias: Tensor?  // [output]

  /// How far the kernel moves at a time, both ways.
  public let stride: Int

  /// How many zeros are put around the image on each side.
  public let padding: Int

  /// Weights and biases uniform in ±1/√(input · kernel²).
  public init(
    input: Int, output: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
    generator: Generator
  ) {
    let fanIn = saturated(input, kernel, kernel)
    weight = uniform([output, input, kernel, kernel], fanIn: fanIn, generator)
    self.bias = bias ? uniformBias(output, fanIn: fanIn, generator) : nil
    self.stride = stride
    self.padding = padding
  }

  /// A layer of given parameters.
  public init(weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Int = 0) {
    self.weight = weight
    self.bias = bias
    self.stride = stride
    self.padding = padding
  }

  /// - Parameter x: `[N, input, H, W]`
  /// - Returns: `[N, output, H', W']`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    op("Conv2d") {
      ct_conv2d(
        $0, x.raw, weight.raw, bias?.raw ?? ct_tensor(), [stride, stride], [padding, padding])
    }
  }
}

// kaiming_uniform_(a=√5): gain √(2 / (1 + 5)), in PyTorch's order of operations.
private func uniform(_ shape: [Int], fanIn: Int, _ generator: Generator) -> Tensor {
  let gain = (2.0 / (1 + 5.0.squareRoot() * 5.0.squareRoot())).squareRoot()
  let bound = fanIn > 0 ? 3.0.squareRoot() * (gain / Double(fanIn).squareRoot()) : 0
  return Tensor.empty(shape).uniform_(-bound, bound, generator: generator).parameter()
}

private func uniformBias(_ size: Int, fanIn: Int, _ generator: Generator) -> Tensor {
  let bound = fanIn > 0 ? 1 / Double(fanIn).squareRoot() : 0
  return Tensor.empty([size]).uniform_(-bound, bound, generator: generator).parameter()
}
