internal import Encoders
internal import Torch

extension ClassicCheckpoint {
  /// Writes every weight as safetensors, names after `policy.` or `value_function.`.
  ///
  /// - Parameter configuration: needed for files of the PyTorch project; nil takes the file's own.
  public func exportSafetensors(to path: String, configuration: Configuration? = nil) throws {
    let model = try model(configuration: configuration, device: .cpu)
    let tensors =
      model.policy.namedParameters(prefix: "policy")
      + model.valueFunction.namedParameters(prefix: "value_function")
    var metadata = ["format": "pt", "configuration": model.configuration.yaml]
    if let statistics = model.actionStatistics {
      metadata["action_normalization"] = statistics.mode.rawValue
      for (name, values) in statistics.vectors { metadata["action_\(name)"] = "\(values)" }
    }
    try Safetensors.save(
      tensors.map { ($0.name, $0.tensor.detach()) }, metadata: metadata, to: path)
  }

  /// Writes a whole checkpoint in the PyTorch project's layout, optimizer state included.
  ///
  /// - Parameter transformers: 4 or 5, whose spelling of the vision encoder's names to write.
  public func exportClassic(
    to path: String, transformers: Int = 5, configuration: Configuration? = nil
  ) throws {
    let model = try model(configuration: configuration, device: .cpu)
    var entries = root.dictionaryValue!.filter { $0.key.string != "model_state_dict" }
    let encoder = type(of: model.policy.visionEncoder.visionModel)
    let spelling: Spelling = transformers == 4 ? .transformers4 : .transformers5
    let prefix = ClassicModel.visionPrefix
    var weights: [(name: String, tensor: Tensor)] = []
    for (name, tensor) in model.policy.namedParameters() {
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
