internal import Glibc
internal import Torch

/// Which parameters of a policy and its encoders are trained, by patterns of their checkpoint names
/// (`model.freeze`, `model.lora`): `*` stands for any text, dots included, `?` for one letter.
struct TrainedParts {
  private let model: Configuration.Model
  private let seed: UInt64

  init(_ configuration: Configuration) {
    model = configuration.model
    seed = UInt64(configuration.training.seed)
  }

  /// Freezes what `model.freeze` names, and gives the Linears that `model.lora` names low-rank adapters.
  ///
  /// - Parameter prefix: what the module's names in checkpoints start with.
  func apply(to module: some Module, prefix: String = "") {
    for (name, tensor) in module.namedParameters() where matches(model.freeze, prefix + name) {
      tensor.requiresGrad = false
    }
    module.addLowRankAdapters(
      rank: model.loraRank, alpha: model.loraAlpha, generator: Generator(seed: seed)
    ) { matches(model.lora, prefix + $0) }
  }

  /// Throws where a pattern fits no name, which is a slip of the pen.
  ///
  /// - Parameter names: of all parameters of the policy and its encoders.
  func check(_ names: [String]) throws {
    // An adapter's name is its layer's and `.lora_A.weight`.
    let layers = names.compactMap { name in
      name.hasSuffix(TrainedParts.adapter) ? String(name.dropLast(TrainedParts.adapter.count)) : nil
    }
    let idle =
      model.freeze.filter { pattern in !names.contains { matches([pattern], $0) } }
      .map { "model.freeze: '\($0)' fits no parameter" }
      + model.lora.filter { pattern in !layers.contains { matches([pattern], $0) } }
      .map { "model.lora: '\($0)' fits no Linear" }
    if idle.isEmpty { return }
    let some = Set(names.map { $0.split(separator: ".").prefix(3).joined(separator: ".") })
    throw ConfigurationError(problems: [
      idle.joined(separator: "; ")
        + "; names begin with \(some.sorted().prefix(12).joined(separator: ", "))"
    ])
  }

  private static let adapter = ".lora_A.weight"

  /// Whether a parameter is part of an adapter, by its name.
  static func isAdapter(_ name: String) -> Bool {
    name.hasSuffix(adapter) || name.hasSuffix(".lora_B.weight")
  }

  private func matches(_ patterns: [String], _ name: String) -> Bool {
    patterns.contains { fnmatch($0, name, 0) == 0 }
  }
}

extension Configuration.Precision {
  /// What a model in float32 is to be converted to; nil where it stays as it is.
  var other: DType? {
    switch self {
    case .float32: nil
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}

extension Module {
  /// Whether training changes any of its parameters.
  var isTrained: Bool { parameters().contains(where: \.requiresGrad) }

  /// A checkpoint's tensors, with this module's own adapters where the checkpoint has none: those of a model
  /// that had not been given any.
  func withAdapters(_ state: [String: Tensor], prefix: String = "") -> [String: Tensor] {
    if state.keys.contains(where: TrainedParts.isAdapter) { return state }
    let own = self.state(prefix: prefix).filter { TrainedParts.isAdapter($0.key) }
    return state.merging(own) { found, _ in found }
  }
}
