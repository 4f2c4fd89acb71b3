internal import Torch

extension ClassicCheckpoint {
  /// Writes a checkpoint beside `path`, syncs it, and renames it into place.
  ///
  /// Frozen encoders' weights are left out unless `training.full_checkpoints` asks for them.
  static func save(model: ClassicModel, training: TrainingSnapshot, to path: String) throws {
    let omitted =
      model.configuration.training.fullCheckpoints ? [] : model.encodersKnownByName.map(\.prefix)
    let policy = model.policy.namedParameters().filter { parameter in
      !omitted.contains { parameter.name.hasPrefix($0) }
    }
    let entries: [(key: PickleValue, value: PickleValue)] = [
      ("model_state_dict", .stateDictionary(policy)),
      ("value_function_state_dict", .stateDictionary(model.valueFunction.namedParameters())),
      (
        "optimizer_state_dict",
        training.policyOptimizer.pickled(peak: model.configuration.training.learningRate)
      ),
      (
        "value_optimizer_state_dict",
        training.valueOptimizer.pickled(peak: model.configuration.training.valueLearningRate)
      ),
      ("recap", model.pickled(training)),
    ]
    try CheckpointFile.save(.dictionary(entries), to: path)
  }
}

extension ClassicModel {
  /// What the PyTorch layout has no place for.
  fileprivate func pickled(_ training: TrainingSnapshot) -> PickleValue {
    var entries: [(key: PickleValue, value: PickleValue)] = [
      ("version", .int(1)), ("run", training.identity.pickled),
      ("configuration", .string(configuration.yaml)),
      (
        "frozen_encoders",
        .dictionary(
          encodersKnownByName.map { encoder in
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
          ("state_dim", stateDim.map(PickleValue.int) ?? .none),
        ])
      ),
    ]
    if let statistics = actionStatistics {
      entries.append(("action_statistics", statistics.pickled))
    }
    entries.append(("splits", training.splits.pickled))
    entries.append(("progress", training.progress.pickled))
    return .dictionary(entries)
  }
}

extension AdamW {
  /// The layout of PyTorch's `optimizer.state_dict()`.
  ///
  /// The learning rate is that of the configuration: where a schedule stands is in `progress`.
  func pickled(peak: Double) -> PickleValue {
    let moments = state.sorted { $0.key < $1.key }.map { index, state in
      (
        PickleValue.int(index),
        PickleValue.dictionary([
          ("step", .tensor(state.step)), ("exp_avg", .tensor(state.expAvg)),
          ("exp_avg_sq", .tensor(state.expAvgSq)),
        ])
      )
    }
    let group: PickleValue = .dictionary([
      ("lr", .double(peak)), ("betas", .tuple([.double(betas.0), .double(betas.1)])),
      ("eps", .double(epsilon)), ("weight_decay", .double(weightDecay)), ("amsgrad", .bool(false)),
      ("maximize", .bool(false)), ("foreach", .none), ("capturable", .bool(false)),
      ("differentiable", .bool(false)), ("fused", .none), ("decoupled_weight_decay", .bool(true)),
      ("params", .list(parameters.indices.map(PickleValue.int))),
    ])
    return .dictionary([("state", .dictionary(moments)), ("param_groups", .list([group]))])
  }
}
