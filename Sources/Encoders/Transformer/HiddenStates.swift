import Torch

/// Applies layers one after the other.
///
/// - Returns: the input and each layer's output, or the last output alone.
func hiddenStates<Layer>(
  _ layers: [Layer], from x: Tensor, all: Bool, _ apply: (Layer, Tensor) -> Tensor
) -> [Tensor] {
  var states = [x]
  for layer in layers {
    let next = apply(layer, states.last!)
    if all { states.append(next) } else { states = [next] }
  }
  return states
}

extension TextOutput {
  /// The output of a model that ends with its last layer, or with a norm after it.
  init(
    _ states: [Tensor], norm: ((Tensor) -> Tensor)? = nil, all: Bool, pooled: (Tensor) -> Tensor?
  ) {
    let last = norm?(states.last!) ?? states.last!
    self.init(
      lastHiddenState: last, pooled: pooled(last),
      hiddenStates: all ? states.dropLast() + [last] : [])
  }
}
