internal import Platform
internal import Torch

// The flow policy's checkpoints have the classic ones' names, keys and container: `model_state_dict` is the
// policy's (`prefix.`, `trunk.`, `expert.`, and `vision_encoder.`, `language_encoder.` where trained),
// `value_function_state_dict` the value function's, `optimizer_state_dict` that of the fit under way. Ours
// adds `best_value_state_dict` while a value function is being fitted.

/// What a run needs beside its weights to go on.
struct FlowSnapshot {
  let progress: FlowProgress
  let identity: RunIdentity
  /// That of the fit under way.
  let optimizer: AdamW?
  let bestValueWeights: [String: Tensor]
  /// Of each task, by which frames were labelled last.
  let thresholds: NameDictionary<TaskThreshold>
  /// Of the policy's last fit; nil before the first.
  let indicators: TrainedIndicators?
  let splits: EpisodeSplits
  /// Frames a second of the data.
  let fps: Double
}

/// By what the frames of a task were labelled.
struct TaskThreshold: Equatable {
  /// ε.
  let threshold: Float
  /// T_max.
  let longest: Int
  /// N of the advantages that ε is of, 0 to the end; nil in files of earlier versions.
  var steps: Int?

  var pickled: PickleValue {
    .dictionary([
      ("threshold", .double(Double(threshold))), ("longest", .int(longest)),
      ("steps", steps.map(PickleValue.int) ?? .none),
    ])
  }
}

extension FlowModel {
  /// Writes a checkpoint beside `path`, syncs it, and renames it into place.
  func save(_ snapshot: FlowSnapshot, to path: String) throws {
    let isFull = configuration.training.fullCheckpoints
    func state(_ own: [(name: String, tensor: Tensor)], _ encoders: FlowEncoders) -> PickleValue {
      .stateDictionary(
        own
          + encoders.all.filter { $0.isTrained || isFull }.flatMap {
            $0.encoder.namedParameters(prefix: String($0.prefix.dropLast()))
          })
    }
    var entries: [(key: PickleValue, value: PickleValue)] = [
      ("model_state_dict", state(policy.namedParameters(), encoders)),
      ("value_function_state_dict", state(valueFunction.namedParameters(), valueEncoders)),
    ]
    if let optimizer = snapshot.optimizer {
      entries.append(
        ("optimizer_state_dict", optimizer.pickled(peak: configuration.training.learningRate)))
    }
    if !snapshot.bestValueWeights.isEmpty {
      entries.append(
        (
          "best_value_state_dict",
          .stateDictionary(
            snapshot.bestValueWeights.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        ))
    }
    entries.append(("recap", pickled(snapshot)))
    try CheckpointFile.save(.dictionary(entries), to: path)
  }

  private func pickled(_ snapshot: FlowSnapshot) -> PickleValue {
    var entries: [(key: PickleValue, value: PickleValue)] = [
      ("version", .int(1)), ("policy_type", .string("flow")), ("run", snapshot.identity.pickled),
      ("configuration", .string(configuration.yaml)),
      (
        "frozen_encoders",
        .dictionary(
          encoders.all.filter { !$0.isTrained }.map { encoder in
            (
              .string(encoder.prefix),
              .dictionary([
                ("name", .string(encoder.name)), ("identity", .string(encoder.identity)),
              ])
            )
          })
      ),
      (
        "data",
        .dictionary([
          ("cameras", .list(cameras.map(PickleValue.string))), ("action_dim", .int(actionDim)),
          ("state_dim", stateDim.map(PickleValue.int) ?? .none), ("fps", .double(snapshot.fps)),
        ])
      ),
    ]
    if let actionStatistics { entries.append(("action_statistics", actionStatistics.pickled)) }
    if let stateStatistics { entries.append(("state_statistics", stateStatistics.pickled)) }
    if !snapshot.thresholds.isEmpty {
      entries.append(
        (
          "thresholds",
          .dictionary(
            snapshot.thresholds.sorted { $0.key < $1.key }.map {
              (.string($0.key), $0.value.pickled)
            })
        ))
    }
    entries.append(("trained_indicators", snapshot.indicators?.pickled ?? .none))
    entries.append(("splits", snapshot.splits.pickled))
    entries.append(("flow_progress", snapshot.progress.pickled))
    return .dictionary(entries)
  }
}

extension ClassicCheckpoint {
  /// Whether it is of a flow policy.
  var isFlow: Bool { root["recap"]?["policy_type"]?.string == "flow" }

  var flowProgress: FlowProgress? { root["recap"]?["flow_progress"].flatMap(FlowProgress.init) }

  /// Statistics that states were normalised with; nil where they were not.
  var stateStatistics: ActionStatistics? {
    root["recap"]?["state_statistics"].flatMap(ActionStatistics.init)
  }

  /// Of each task, by which frames were labelled last; empty before any was.
  var thresholds: NameDictionary<TaskThreshold> {
    var found: NameDictionary<TaskThreshold> = [:]
    for (task, entry) in root["recap"]?["thresholds"]?.dictionaryValue ?? [] {
      guard let task = task.string, let threshold = entry["threshold"]?.double,
        let longest = entry["longest"]?.count
      else { continue }
      found[task] = TaskThreshold(
        threshold: Float(threshold), longest: longest, steps: entry["steps"]?.count)
    }
    return found
  }

  /// Frames a second of the data; nil in files of earlier versions.
  var fps: Double? {
    root["recap"]?["data"]?["fps"]?.double.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }

  var bestValueWeights: [String: Tensor] {
    root["best_value_state_dict"]?.stateDictionary ?? [:]
  }

  /// A flow policy with this checkpoint's weights.
  func flowModel(configuration: Configuration?, device: Device?) throws -> FlowModel {
    let data = root["recap"]?["data"]
    let configuration = try configuration ?? ownConfiguration()
    let device = device ?? .best
    return try makingNetworks(configuration, on: device) {
      let model = try FlowModel(
        configuration: configuration, device: device,
        cameras: data?["cameras"]?.array?.compactMap(\.string) ?? [],
        stateDim: data?["state_dim"]?.int, actionStatistics: actionStatistics,
        stateStatistics: stateStatistics)
      try restore(model)
      return model
    }
  }

  /// Copies the weights of a flow policy, of its value function, or of both into a model.
  func restore(_ model: FlowModel, policy: Bool = true, valueFunction: Bool = true) throws {
    guard isFlow else {
      throw CheckpointError(
        description: "\(path) is of a classic policy; wanted one of policy.type flow, as configured"
      )
    }
    try checkStatistics(actionDim: model.actionDim, stateDim: model.stateDim)
    for encoder in model.encoders.all where !encoder.isTrained {
      if let known = root["recap"]?["frozen_encoders"]?[encoder.prefix] {
        try check(known, against: encoder.identity, name: encoder.name)
      }
    }
    do {
      if policy { try load(model.policy, model.encoders, "model_state_dict") }
      if valueFunction {
        try load(model.valueFunction, model.valueEncoders, "value_function_state_dict")
      }
    } catch let error as StateError {
      throw CheckpointError(description: "\(path): \(error)")
    }
  }

  private func load(_ network: some Module, _ encoders: FlowEncoders, _ key: String) throws {
    let state = root[key]?.stateDictionary ?? [:]
    let prefixes = encoders.all.map(\.prefix)
    try network.load(
      network.withAdapters(state.filter { name, _ in !prefixes.contains { name.hasPrefix($0) } }))
    for encoder in encoders.all where state.keys.contains(where: { $0.hasPrefix(encoder.prefix) }) {
      try encoder.encoder.load(
        encoder.encoder.withAdapters(state, prefix: encoder.prefix), prefix: encoder.prefix)
    }
  }
}
