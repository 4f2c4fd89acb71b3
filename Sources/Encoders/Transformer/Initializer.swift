import Torch

/// Gives the parameters of a new model their first values: drawn from a generator by the rules of
/// `transformers`, or left unset where weights will be loaded into them at once.
///
/// `config.json` is believed up to ``limit`` numbers: what comes after has no elements, and the model is
/// refused once it is made.
final class Initializer {
  let generator: Generator?
  /// The most numbers that all parameters together may have.
  let limit: Int
  /// How many have been asked for; nil once they are more than ``limit``.
  private(set) var count: Int? = 0

  init(generator: Generator?, limit: Int = 1 << 40) {
    self.generator = generator
    self.limit = limit
  }

  /// For a model that is about to take these weights: a few times as large, so that weights that do not
  /// fit are named one by one, and no larger.
  convenience init(generator: Generator?, toTake state: StateDictionary) {
    let held = min(state.elementCount, 1 << 40)
    self.init(generator: generator, limit: 4 * held + (1 << 20))
  }

  /// A tensor without values, if there is room for it.
  private func empty(_ shape: [Int]) -> Tensor {
    var size = 1
    for length in shape {
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: length)
      size = isTooLarge ? .max : product
    }
    if let before = count { count = size <= limit - before ? before + size : nil }
    return Tensor.empty(count == nil ? shape.map { _ in 0 } : shape)
  }

  func normal(_ shape: [Int], std: Double) -> Tensor {
    let tensor = empty(shape)
    if let generator { tensor.normal_(mean: 0, std: std, generator: generator) }
    tensor.requiresGrad = true
    return tensor
  }

  /// Uniform in ±√(6 / (input + output)) (Glorot and Bengio 2010).
  func xavier(_ shape: [Int], input: Int, output: Int) -> Tensor {
    let tensor = empty(shape)
    let bound = (6 / Double(input + output)).squareRoot()
    if let generator { tensor.uniform_(-bound, bound, generator: generator) }
    tensor.requiresGrad = true
    return tensor
  }

  func full(_ shape: [Int], _ value: Double) -> Tensor {
    let tensor = empty(shape)
    if generator != nil { tensor.fill_(value) }
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
    if let zeroed, self.count != nil {
      _ = withoutGradient { weight.select(dim: 0, index: zeroed).zero_() }
    }
    return Embedding(weight: weight)
  }
}
