import Torch

/// Gives the parameters of a new model their first values: drawn from a generator by the rules of
/// `transformers`, or left unset where weights will be loaded into them at once.
struct Initializer {
  let generator: Generator?

  func normal(_ shape: [Int], std: Double) -> Tensor {
    let tensor = Tensor.empty(shape)
    if let generator { tensor.normal_(mean: 0, std: std, generator: generator) }
    tensor.requiresGrad = true
    return tensor
  }

  /// Uniform in ±√(6 / (input + output)) (Glorot and Bengio 2010).
  func xavier(_ shape: [Int], input: Int, output: Int) -> Tensor {
    let tensor = Tensor.empty(shape)
    let bound = (6 / Double(input + output)).squareRoot()
    if let generator { tensor.uniform_(-bound, bound, generator: generator) }
    tensor.requiresGrad = true
    return tensor
  }

  func full(_ shape: [Int], _ value: Double) -> Tensor {
    let tensor = generator == nil ? Tensor.empty(shape) : Tensor.full(shape, value)
    tensor.requiresGrad = true
    return tensor
  }

  func linear(_ input: Int, _ output: Int, std: Double, bias: Bool = true) -> Linear {
    Linear(weight: normal([output, input], std: std), bias: bias ? full([output], 0) : nil)
  }

  func layerNorm(_ size: Int, epsilon: Double) -> LayerNorm {
    LayerNorm(weight: full([size], 1), bias: full([size], 0), epsilon: epsilon)
  }

  /// - Parameter zeroed: the index of a vector that starts as zero.
  func embedding(_ count: Int, _ size: Int, std: Double, zeroed: Int? = nil) -> Embedding {
    let weight = normal([count, size], std: std)
    if let zeroed { _ = withoutGradient { weight.select(dim: 0, index: zeroed).zero_() } }
    return Embedding(weight: weight)
  }
}
