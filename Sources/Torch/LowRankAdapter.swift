import CTorch

/// A low-rank update of a ``Linear``'s weight: y = x Wᵀ + b + s · (x Aᵀ) Bᵀ, of which A and B are learned.
///
/// A starts as `Linear`'s weights do and B as zero, so that nothing changes at first; s is α / rank.
/// Names in checkpoints are those of PEFT. Source: Hu et al. 2021 (arXiv:2106.09685), section 4.1.
public struct LowRankAdapter: Module {
  /// A.
  public let loraA: Tensor  // [rank, input]
  /// B.
  public let loraB: Tensor  // [output, rank]
  /// s.
  public let scale: Double

  public static let checkpointNames = ["loraA": "lora_A.weight", "loraB": "lora_B.weight"]

  /// What the weight changes by: s · B A, [output, input].
  var update: Tensor { loraB.matmul(loraA) * scale }

  /// [..., input] -> [..., output].
  func callAsFunction(_ x: Tensor) -> Tensor {
    func product(_ x: Tensor, _ weight: Tensor) -> Tensor {
      op("LowRankAdapter") { ct_linear($0, x.raw, weight.raw, ct_tensor()) }
    }
    return product(product(x, loraA), loraB) * scale
  }
}

/// Where a ``Linear`` keeps its adapter, if it has one: modules are values, and their layers are found
/// only once they are made.
final class AdapterSlot: Module {
  var adapter: LowRankAdapter?

  static let checkpointNames = ["adapter": ""]
}

extension Module {
  /// Gives every ``Linear`` whose name matches a low-rank adapter, and stops gradients for its own weight
  /// and bias.
  ///
  /// - Parameters:
  ///   - isAdapted: whether a layer gets one, by its name: that of its weight in checkpoints, without
  ///     `.weight`.
  ///   - rank: of the update.
  ///   - alpha: the update is scaled by alpha / rank.
  ///   - generator: draws A.
  /// - Returns: the names of the layers that got one.
  @discardableResult
  public func addLowRankAdapters(
    rank: Int, alpha: Double, generator: Generator, where isAdapted: (String) -> Bool
  ) -> [String] {
    let layers = namedLinears().filter { isAdapted($0.name) }
    for (_, layer) in layers {
      let shape = layer.weight.shape
      // On the weight's device and in its dtype, whatever drew it.
      func made(_ tensor: Tensor) -> Tensor {
        let tensor = tensor.detach().to(layer.weight.device, layer.weight.dtype)
        tensor.requiresGrad = true
        return tensor
      }
      layer.slot.adapter = LowRankAdapter(
        loraA: made(Linear(shape[1], rank, bias: false, generator: generator).weight),
        loraB: made(Tensor.zeros([shape[0], rank])), scale: alpha / Double(rank))
      layer.weight.requiresGrad = false
      layer.bias?.requiresGrad = false
    }
    return layers.map(\.name)
  }

  /// All parameters with their checkpoint names, each adapter's update added to its layer's weight.
  public func mergedParameters(prefix: String = "") -> [(name: String, tensor: Tensor)] {
    var merged: [String: Tensor] = [:]
    var own: Set<String> = []
    for (name, layer) in namedLinears(prefix: prefix) {
      guard let adapter = layer.slot.adapter else { continue }
      merged[name + ".weight"] = withoutGradient { layer.weight + adapter.update }
      own.formUnion(adapter.namedParameters(prefix: name).map(\.name))
    }
    return namedParameters(prefix: prefix).filter { !own.contains($0.name) }
      .map { ($0.name, merged[$0.name] ?? $0.tensor) }
  }
}
