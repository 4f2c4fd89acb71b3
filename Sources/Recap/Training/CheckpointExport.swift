internal import Encoders
internal import Torch

extension ClassicCheckpoint {
  /// Writes every weight as safetensors, names after `policy.` or `value_function.`; low-rank adapters are
  /// merged into the weights that they change.
  ///
  /// A flow policy's metadata say what it was trained with and how it acts: `trained_indicators`, `condition`,
  /// `guidance`.
  ///
  /// - Parameter configuration: needed for files of the PyTorch project; nil takes the file's own.
  /// - Returns: where the policy does not act as the configuration says, and why.
  @discardableResult
  public func exportSafetensors(
    to path: String, configuration: Configuration? = nil
  ) throws -> String? {
    let tensors: [(name: String, tensor: Tensor)]
    let used: Configuration
    let statistics: [(name: String, values: ActionStatistics?)]
    if isFlow {
      let model = try flowModel(configuration: configuration, device: .cpu)
      func merged(
        _ network: some Module, _ encoders: FlowEncoders, _ prefix: String
      ) -> [(name: String, tensor: Tensor)] {
        network.mergedParameters(prefix: prefix)
          + encoders.all.flatMap {
            $0.encoder.mergedParameters(prefix: "\(prefix).\($0.prefix.dropLast())")
          }
      }
      tensors = try merging {
        merged(model.policy, model.encoders, "policy")
          + merged(model.valueFunction, model.valueEncoders, "value_function")
      }
      used = model.configuration
      statistics = [("action", model.actionStatistics), ("state", model.stateStatistics)]
    } else {
      let model = try model(configuration: configuration, device: .cpu)
      tensors = try merging {
        model.policy.mergedParameters(prefix: "policy")
          + model.valueFunction.mergedParameters(prefix: "value_function")
      }
      used = model.configuration
      statistics = [("action", model.actionStatistics)]
    }
    var metadata = ["format": "pt", "configuration": used.yaml]
    for case (let name, let found?) in statistics {
      metadata["\(name)_normalization"] = found.mode.rawValue
      for (part, values) in found.vectors { metadata["\(name)_\(part)"] = "\(values)" }
    }
    var remark: String?
    if isFlow {
      if hasTrainedPolicy {
        let condition = try ActingCondition(self, used)
        metadata["condition"] = condition.indicator.name
        metadata["guidance"] = "\(condition.guidance)"
        remark = condition.remark
      } else {
        remark = "\(self.path): its policy was not trained yet, and is exported as it is"
      }
      if let trained = trainedIndicators { metadata["trained_indicators"] = trained.json }
    }
    try Safetensors.save(
      tensors.map { ($0.name, $0.tensor.detach()) }, metadata: metadata, to: path)
    return remark
  }

  /// Writes a whole checkpoint in the PyTorch project's layout, optimizer state included, unless the policy
  /// has low-rank adapters: those are merged, and the state of theirs would fit nothing.
  ///
  /// - Parameter transformers: 4 or 5, whose spelling of the vision encoder's names to write.
  public func exportClassic(
    to path: String, transformers: Int = 5, configuration: Configuration? = nil
  ) throws {
    if isFlow {
      throw CheckpointError(
        description: "\(self.path) is of a flow policy, which the PyTorch project does not have; "
          + "write safetensors")
    }
    let model = try model(configuration: configuration, device: .cpu)
    let hasAdapters = model.policy.namedParameters().contains { TrainedParts.isAdapter($0.name) }
    let left = ["model_state_dict"] + (hasAdapters ? ["optimizer_state_dict"] : [])
    var entries = root.dictionaryValue!.filter { !left.contains($0.key.string ?? "") }
    let encoder = type(of: model.policy.visionEncoder.visionModel)
    let spelling: Spelling = transformers == 4 ? .transformers4 : .transformers5
    let prefix = ClassicModel.visionPrefix
    var weights: [(name: String, tensor: Tensor)] = []
    for (name, tensor) in try merging({ model.policy.mergedParameters() }) {
      let spelled =
        name.hasPrefix(prefix)
        ? prefix + encoder.spell(String(name.dropFirst(prefix.count)), spelling) : name
      // Several of our parameters may be one of another release's.
      if let index = weights.firstIndex(where: { $0.name == spelled }) {
        weights[index].tensor = Tensor.cat([weights[index].tensor, tensor.detach()])
      } else {
        weights.append((name: spelled, tensor: tensor.detach()))
      }
    }
    entries.insert(("model_state_dict", .stateDictionary(weights)), at: 0)
    try CheckpointFile.save(.dictionary(entries), to: path)
  }
}

/// Adds low-rank adapters to the weights that they change.
private func merging<R>(_ body: () -> R) throws -> R {
  try computing(
    "merging weights on cpu", outOfMemory: "try a machine with more memory", body)
}
