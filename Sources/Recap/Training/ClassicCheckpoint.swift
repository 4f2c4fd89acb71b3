internal import Foundation
package import Torch

/// A checkpoint file that does not fit what it is loaded into.
public struct CheckpointError: Error, CustomStringConvertible {
  public let description: String
}

/// What a run needs beside its weights to go on.
struct TrainingSnapshot {
  let progress: Progress
  let policyOptimizer: AdamW
  let valueOptimizer: AdamW
}

/// A checkpoint in the PyTorch project `pi06`'s layout.
///
/// One dictionary with `model_state_dict`, `value_function_state_dict`, `optimizer_state_dict` and
/// `value_optimizer_state_dict`, readable by `torch.load(path, weights_only=True)`. Ours adds the key
/// `recap`: progress, configuration, action statistics and, for every frozen encoder, its name and the hash
/// of its weights, which are left out of the file unless it is a full one.
public struct ClassicCheckpoint {
  package let path: String
  let root: PickleValue

  /// Opens a checkpoint, or the furthest one in a folder.
  init(fileOrFolder path: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      guard let newest = try IntermediateCheckpoints.newest(in: path) else {
        throw CheckpointError(
          description: "\(path): no checkpoint in this folder; wanted checkpoint_*.pt of `recap train`")
      }
      try self.init(path: newest)
    } else {
      try self.init(path: path)
    }
  }

  /// Opens a checkpoint of ours or of the PyTorch project.
  ///
  /// Throws when the file is not a `.pt` of tensors and plain values, or lacks `model_state_dict`.
  public init(path: String) throws {
    self.path = path
    root = try CheckpointFile.load(path)
    guard root["model_state_dict"]?.stateDictionary != nil else {
      throw CheckpointError(
        description: "\(path): no model_state_dict with named tensors; wanted a checkpoint of `recap train` or "
          + "of the PyTorch project's training")
    }
  }

  /// The configuration that the run had; nil in files of the PyTorch project.
  public var configurationYAML: String? { root["recap"]?["configuration"]?.string }

  var progress: Progress? { root["recap"]?["progress"].flatMap(Progress.init) }

  /// Statistics that actions were normalised with; nil where they were not.
  var actionStatistics: ActionStatistics? {
    guard let values = root["recap"]?["action_statistics"],
      let mean = values["mean"]?.array?.compactMap(\.double),
      let deviation = values["std"]?.array?.compactMap(\.double)
    else { return nil }
    return ActionStatistics(mean: mean.map(Float.init), standardDeviation: deviation.map(Float.init))
  }

  /// Weights of the policy, with the vision encoder's names as transformers 5 spells them.
  var policyState: [String: Tensor] {
    let state = root["model_state_dict"]!.stateDictionary!
    return Dictionary(
      uniqueKeysWithValues: state.lazy
        .filter { !$0.key.hasSuffix(".position_ids") }  // a table that older releases saved
        .map { name, tensor in (Self.transformers5Name(name), tensor) })
  }

  /// A model with this checkpoint's weights.
  ///
  /// - Parameter configuration: needed for files of the PyTorch project; nil takes the file's own.
  package func model(configuration: Configuration?, device: Device?) throws -> ClassicModel {
    let configuration = try configuration ?? ownConfiguration()
    let data = root["recap"]?["data"]
    let model = try ClassicModel(
      configuration: configuration, device: device ?? .best,
      cameras: data?["cameras"]?.array?.compactMap(\.string) ?? [configuration.dataset.imageKeys[0]],
      stateDim: data?["state_dim"]?.int, actionStatistics: actionStatistics)
    try restore(model)
    return model
  }

  private func ownConfiguration() throws -> Configuration {
    guard let yaml = configurationYAML else {
      throw CheckpointError(
        description: "\(path) does not hold its configuration (it was written by another program); "
          + "give it with --config")
    }
    return try Configuration(yaml: yaml, file: path)
  }

  /// Copies weights into a model of the same shape; everything fits or nothing changes.
  ///
  /// Frozen encoders keep their own weights when the file has none for them.
  func restore(_ model: ClassicModel) throws {
    var state = policyState
    let absent = model.frozenEncoders.filter { encoder in
      !state.keys.contains { $0.hasPrefix(encoder.prefix) }
    }
    for encoder in absent {
      guard let saved = root["recap"]?["frozen_encoders"]?[encoder.prefix],
        let identity = saved["identity"]?.string, identity != encoder.identity
      else { continue }
      throw CheckpointError(
        description: "\(path) was trained with the frozen encoder '\(saved["name"]?.string ?? "?")' whose "
          + "weights hash to \(identity.prefix(12)); '\(encoder.name)' hashes to "
          + "\(encoder.identity.prefix(12)); give the encoder it was trained with")
    }
    for (name, tensor) in model.policy.state() where absent.contains(where: { name.hasPrefix($0.prefix) }) {
      state[name] = tensor
    }
    do {
      try model.policy.load(state)
      try model.valueFunction.load(root["value_function_state_dict"]?.stateDictionary ?? [:])
    } catch {
      throw CheckpointError(description: "\(path): \(error)")
    }
  }

  /// Copies the optimizers' moments and step counts.
  func restore(policyOptimizer: AdamW, valueOptimizer: AdamW) throws {
    for (key, optimizer) in [
      ("optimizer_state_dict", policyOptimizer), ("value_optimizer_state_dict", valueOptimizer),
    ] {
      guard let saved = root[key] else {
        throw CheckpointError(description: "\(path): no \(key), so training cannot go on from it")
      }
      var state: [Int: AdamW.State] = [:]
      for (index, moments) in saved["state"]?.dictionaryValue ?? [] {
        guard let index = index.int, let step = moments["step"]?.tensor,
          let expAvg = moments["exp_avg"]?.tensor, let expAvgSq = moments["exp_avg_sq"]?.tensor,
          optimizer.parameters.indices.contains(index), expAvg.shape == optimizer.parameters[index].shape
        else {
          throw CheckpointError(
            description: "\(path): \(key) does not fit the model's \(optimizer.parameters.count) parameters; "
              + "wanted AdamW's state of a model of the same shape")
        }
        state[index] = AdamW.State(step: step, expAvg: expAvg, expAvgSq: expAvgSq)
      }
      optimizer.state = state
    }
  }
}

// MARK: Writing

extension ClassicCheckpoint {
  /// Writes a checkpoint beside `path`, syncs it, and renames it into place.
  ///
  /// Frozen encoders' weights are left out unless `training.full_checkpoints` asks for them.
  static func save(model: ClassicModel, training: TrainingSnapshot, to path: String) throws {
    let omitted =
      model.configuration.training.fullCheckpoints ? [] : model.frozenEncoders.map(\.prefix)
    let policy = model.policy.namedParameters().filter { parameter in
      !omitted.contains { parameter.name.hasPrefix($0) }
    }
    let entries: [(key: PickleValue, value: PickleValue)] = [
      ("model_state_dict", .stateDictionary(policy)),
      ("value_function_state_dict", .stateDictionary(model.valueFunction.namedParameters())),
      ("optimizer_state_dict", training.policyOptimizer.pickled),
      ("value_optimizer_state_dict", training.valueOptimizer.pickled),
      ("recap", model.pickled(progress: training.progress)),
    ]
    try CheckpointFile.save(.dictionary(entries), to: path)
  }

  private static let level = "vision_encoder.vision_model."

  /// transformers 4 has one more `vision_model.` level in the vision encoder's names than 5.
  static func transformers4Name(_ name: String) -> String {
    name.hasPrefix(level) ? level + "vision_model." + name.dropFirst(level.count) : name
  }

  static func transformers5Name(_ name: String) -> String {
    let doubled = level + "vision_model."
    return name.hasPrefix(doubled) ? level + name.dropFirst(doubled.count) : name
  }
}

extension ClassicModel {
  /// What the PyTorch layout has no place for.
  fileprivate func pickled(progress: Progress) -> PickleValue {
    var entries: [(key: PickleValue, value: PickleValue)] = [
      ("version", .int(1)), ("configuration", .string(configuration.yaml)),
      (
        "frozen_encoders",
        .dictionary(
          frozenEncoders.map { encoder in
            (
              .string(encoder.prefix),
              .dictionary([("name", .string(encoder.name)), ("identity", .string(encoder.identity))])
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
      entries.append(
        (
          "action_statistics",
          .dictionary([
            ("mean", .list(statistics.mean.map { .double(Double($0)) })),
            ("std", .list(statistics.standardDeviation.map { .double(Double($0)) })),
          ])
        ))
    }
    entries.append(("progress", progress.pickled))
    return .dictionary(entries)
  }
}

extension AdamW {
  /// The layout of PyTorch's `optimizer.state_dict()`.
  fileprivate var pickled: PickleValue {
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
      ("lr", .double(learningRate)), ("betas", .tuple([.double(betas.0), .double(betas.1)])),
      ("eps", .double(epsilon)), ("weight_decay", .double(weightDecay)), ("amsgrad", .bool(false)),
      ("maximize", .bool(false)), ("foreach", .none), ("capturable", .bool(false)),
      ("differentiable", .bool(false)), ("fused", .none), ("decoupled_weight_decay", .bool(true)),
      ("params", .list(parameters.indices.map(PickleValue.int))),
    ])
    return .dictionary([("state", .dictionary(moments)), ("param_groups", .list([group]))])
  }
}
