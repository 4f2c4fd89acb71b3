internal import Torch

extension ClassicCheckpoint {
  /// Refuses a file whose key `recap`, which only this project writes, is not as it was written: what is in
  /// it decides sizes and where training goes on.
  func checkOwnPart() throws {
    guard let own = root["recap"] else { return }
    func require(_ key: String, _ isGood: (PickleValue) -> Bool) throws {
      guard let value = own[key], !value.isNone, !isGood(value) else { return }
      throw damaged(key)
    }
    try require("configuration") { $0.string != nil }
    try require("run") { RunIdentity($0) != nil }
    try require("progress") { Progress($0) != nil }
    try require("flow_progress") { FlowProgress($0) != nil }
    try require("splits") { EpisodeSplits($0) != nil }
    try require("trained_indicators") { TrainedIndicators($0) != nil }
    for key in ["action_statistics", "state_statistics"] {
      try require(key) { ActionStatistics($0) != nil }
    }
    try require("thresholds") { $0.dictionaryValue?.count == thresholds.count }
    try require("data") { data in
      func isWidth(_ key: String) -> Bool {
        guard let value = data[key], !value.isNone else { return true }
        return value.int.map { (1...ConfigurationBounds<Int>.width.most).contains($0) } ?? false
      }
      let cameras = data["cameras"]?.array
      return cameras?.allSatisfy { $0.string != nil } ?? false && isWidth("action_dim")
        && isWidth("state_dim")
    }
  }

  /// Refuses statistics of another width than the actions and states that they are for.
  func checkStatistics(actionDim: Int, stateDim: Int?) throws {
    let parts: [(key: String, statistics: ActionStatistics?, width: Int?)] = [
      ("action_statistics", actionStatistics, actionDim),
      ("state_statistics", stateStatistics, stateDim),
    ]
    for (key, statistics, width) in parts {
      guard let statistics, let width, statistics.width != width else { continue }
      throw CheckpointError(
        description: "\(path): its \(key) are of \(statistics.width) numbers; wanted \(width)")
    }
  }

  /// Refuses a value fit's best weights that are not of its network: they take its place when it ends.
  func checkBestValueWeights(of model: FlowModel) throws {
    let best = bestValueWeights
    if best.isEmpty { return }
    var own = model.valueFunction.state()
    let network = own.count
    for (name, tensor) in model.valueEncoders.trainedParameters { own[name] = tensor }
    // Earlier versions kept those of the network alone.
    guard best.count == own.count || best.count == network,
      best.allSatisfy({ own[$0.key]?.shape == $0.value.shape })
    else {
      throw CheckpointError(
        description: "\(path): its best_value_state_dict is not of the value function's "
          + "\(own.count) parameters; wanted a checkpoint as it was written")
    }
  }

  private func damaged(_ key: String) -> CheckpointError {
    CheckpointError(
      description:
        "\(path): what it holds under recap.\(key) is not what `recap train` writes; wanted a "
        + "checkpoint as it was written")
  }
}
