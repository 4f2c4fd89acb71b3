public import Torch

/// The classic recipe's value function: an MLP from fused features to the expected return.
///
/// With `output_type: distribution` its output is a distribution over bins evenly spaced on [−1, 1], and
/// the value its expectation.
public struct ClassicValueFunction: Module {
  let network: Sequential
  let bins: Buffer?

  package init(configuration: Configuration.ValueFunction, hiddenDim: Int, generator: Generator) {
    let isScalar = configuration.outputType == .scalar
    let binCount = configuration.numBins ?? 255
    let activation: (Tensor) -> Tensor =
      switch configuration.activation {
      case .gelu: { gelu($0) }
      case .relu: { relu($0) }
      }
    network = Sequential(
      perceptron: [hiddenDim] + configuration.hiddenDims,
      output: isScalar ? 1 : binCount, activation: activation, generator: generator)
    bins = isScalar ? nil : Buffer(.linspace(-1, 1, count: binCount))
  }

  /// Values of fused features [.., D], as [..].
  public func callAsFunction(_ fused: Tensor) -> Tensor {
    let output = network(fused)
    guard let bins else { return output.squeeze(-1) }
    return (output.softmax(dim: -1) * bins.tensor).sum(dim: -1)
  }
}
