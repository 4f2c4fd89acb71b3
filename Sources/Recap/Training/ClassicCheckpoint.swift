internal import Encoders
internal import Foundation
internal import Hub
package import Torch

/// A checkpoint file that does not fit what it is loaded into.
public struct CheckpointError: Error, CustomStringConvertible {
  public let description: String
}

/// What a run needs beside its weights to go on.
struct TrainingSnapshot {
  let progress: Progress
  let splits: EpisodeSplits
  let identity: RunIdentity
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

  /// Opens a checkpoint, or the one in a folder that was written last.
  public init(fileOrFolder path: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      let last = try IterationPlan(folder: path)?.lastCheckpoint.map { "\(path)/\($0)" }
      guard let newest = try last ?? RunFolder(path).newest else {
        throw CheckpointError(
          description: "\(path): no checkpoint in this folder; "
            + "wanted checkpoint_*.pt of `recap train`, or a run of `recap iterate`")
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
        description: "\(path): no model_state_dict with named tensors; "
          + "wanted a checkpoint of `recap train` or of the PyTorch project's training")
    }
    try checkOwnPart()
  }

  /// The configuration that the run had; nil in files of the PyTorch project.
  public var configurationYAML: String? { root["recap"]?["configuration"]?.string }

  /// Nil in files of earlier versions and of the PyTorch project.
  var identity: RunIdentity? { root["recap"]?["run"].flatMap(RunIdentity.init) }

  /// Which episodes were held out, and which trained on; nil in files of earlier versions.
  package var splits: EpisodeSplits? { root["recap"]?["splits"].flatMap(EpisodeSplits.init) }

  var progress: Progress? { root["recap"]?["progress"].flatMap(Progress.init) }

  /// Statistics that actions were normalised with; nil where they were not.
  var actionStatistics: ActionStatistics? {
    root["recap"]?["action_statistics"].flatMap(ActionStatistics.init)
  }

  /// Weights for a policy, under its names, in whichever spelling the file has those of the encoders.
  private func policyState(_ policy: ClassicPolicy) throws -> [String: Tensor] {
    var state = root["model_state_dict"]!.stateDictionary!
    let encoders: [(prefix: String, encoder: any Encoder.Type)] = [
      (ClassicModel.visionPrefix, type(of: policy.visionEncoder.visionModel)),
      (ClassicModel.languagePrefix, type(of: policy.languageEncoder.textModel)),
    ]
    for (prefix, encoder) in encoders {
      let part = state.filter { $0.key.hasPrefix(prefix) }
      for name in part.keys { state[name] = nil }
      let named = part.map { (String($0.key.dropFirst(prefix.count)), $0.value) }
      do {
        let own = try encoder.ownNames(
          of: Dictionary(uniqueKeysWithValues: named), file: path)
        for (name, tensor) in own { state[prefix + name] = tensor }
      } catch {
        throw CheckpointError(description: "\(error)")
      }
    }
    return state
  }

  /// A model with this checkpoint's weights.
  ///
  /// - Parameter configuration: needed for files of the PyTorch project; nil takes the file's own.
  package func model(configuration: Configuration?, device: Device?) throws -> ClassicModel {
    let configuration = try configuration ?? ownConfiguration()
    let data = root["recap"]?["data"]
    let cameras =
      data?["cameras"]?.array?.compactMap(\.string)
      ?? Array(configuration.dataset.imageKeys.prefix(1))
    if cameras.isEmpty {
      throw CheckpointError(
        description:
          "\(path) names no camera, and neither does dataset.image_keys; wanted the one that "
          + "the policy sees by")
    }
    let device = device ?? .best
    return try makingNetworks(configuration, on: device) {
      var model = try ClassicModel(
        configuration: configuration, device: device, cameras: cameras,
        stateDim: data?["state_dim"]?.int, actionStatistics: actionStatistics)
      try restore(&model)
      return model
    }
  }

  func ownConfiguration() throws -> Configuration {
    guard let yaml = configurationYAML else {
      throw CheckpointError(
        description: "\(path) does not hold its configuration (it was written by another program); "
          + "give it with --config")
    }
    do {
      return try Configuration(yaml: yaml, file: path)
    } catch let error as ConfigurationError {
      let more = error.problems.count - 1
      throw CheckpointError(
        description: error.problems[0]
          + (more > 0 ? "; the configuration that it holds has \(more) more problems" : ""))
    }
  }

  /// Copies weights into a model of the same shape; everything fits or nothing changes.
  ///
  /// Encoders that the file leaves out keep their folder's weights, which must be those it was trained with.
  ///
  /// - Returns: the names of frozen encoders to which the file gave other weights than their folders'.
  @discardableResult
  func restore(_ model: inout ClassicModel) throws -> [String] {
    try checkStatistics(actionDim: model.actionDim, stateDim: model.stateDim)
    var state = try policyState(model.policy)
    let own = model.policy.state()
    var replaced: [(prefix: String, name: String)] = []
    for encoder in model.encoders {
      let names = own.keys.filter { $0.hasPrefix(encoder.prefix) }
      func isOther(_ name: String) -> Bool {
        guard let tensor = state[name], let own = own[name] else { return true }
        return !tensor.to(own.device, own.dtype).equal(own)
      }
      if state.keys.contains(where: { $0.hasPrefix(encoder.prefix) }) {
        if encoder.isFrozen && names.contains(where: isOther) {
          replaced.append((encoder.prefix, encoder.name))
        }
      } else if let known = root["recap"]?["frozen_encoders"]?[encoder.prefix] {
        try check(known, against: encoder.identity, name: encoder.name)
        for name in names { state[name] = own[name] }
      }
    }
    try restore(policy: model.policy, valueFunction: model.valueFunction, policyState: state)
    for encoder in replaced {
      model.replacedWeights[encoder.prefix] = Self.hash(
        state.filter { $0.key.hasPrefix(encoder.prefix) })
    }
    return replaced.map(\.name)
  }

  /// Copies this file's weights into networks of the same shape.
  package func restore(policy: ClassicPolicy, valueFunction: ClassicValueFunction) throws {
    try restore(
      policy: policy, valueFunction: valueFunction, policyState: policyState(policy))
  }

  private func restore(
    policy: ClassicPolicy, valueFunction: ClassicValueFunction, policyState: [String: Tensor]
  ) throws {
    do {
      try policy.load(policy.withAdapters(policyState))
      try valueFunction.load(root["value_function_state_dict"]?.stateDictionary ?? [:])
    } catch {
      throw CheckpointError(description: "\(path): \(error)")
    }
  }

  /// Stops where the encoder that the file was trained with is not the one at hand.
  func check(_ known: PickleValue, against identity: String, name: String) throws {
    guard let wanted = known["identity"]?.string, wanted != identity else { return }
    func shown(_ identity: String) -> String {
      identity.replacing(/[0-9a-f]{64}/) { $0.output.prefix(12) }
    }
    throw CheckpointError(
      description: "\(path) was trained with the frozen encoder '\(known["name"]?.string ?? "?")' "
        + "(\(shown(wanted))), whose weights are not in the file; '\(name)' is another "
        + "(\(shown(identity))): give the one it was trained with")
  }

  /// What weights are known by, whatever file they come from.
  private static func hash(_ state: [String: Tensor]) -> String {
    var hash = SHA256()
    for (name, tensor) in state.sorted(by: { $0.key < $1.key }) {
      Array("\(name) \(tensor.shape) \(tensor.dtype) ".utf8).withUnsafeBytes { hash.update($0) }
      tensor.detach().to(.cpu).contiguous().withUnsafeBytes { hash.update($0) }
    }
    return "tensors:" + hash.finish()
  }

  /// Copies the optimizers' moments and step counts.
  package func restore(policyOptimizer: AdamW, valueOptimizer: AdamW) throws {
    try restore(policyOptimizer, "optimizer_state_dict")
    try restore(valueOptimizer, "value_optimizer_state_dict")
  }

  /// Copies the moments and step counts of one optimizer.
  func restore(_ optimizer: AdamW, _ key: String) throws {
    do {
      guard let saved = root[key] else {
        throw CheckpointError(description: "\(path): no \(key), so training cannot go on from it")
      }
      var state: [Int: AdamW.State] = [:]
      for (index, moments) in saved["state"]?.dictionaryValue ?? [] {
        guard let index = index.int, let step = moments["step"]?.tensor,
          let expAvg = moments["exp_avg"]?.tensor, let expAvgSq = moments["exp_avg_sq"]?.tensor,
          optimizer.parameters.indices.contains(index), step.count == 1,
          expAvg.shape == optimizer.parameters[index].shape, expAvgSq.shape == expAvg.shape
        else {
          throw CheckpointError(
            description: "\(path): \(key) does not fit the model's "
              + "\(optimizer.parameters.count) parameters; wanted AdamW's state of a model of the same shape"
          )
        }
        state[index] = AdamW.State(step: step, expAvg: expAvg, expAvgSq: expAvgSq)
      }
      optimizer.state = state
    }
  }
}
