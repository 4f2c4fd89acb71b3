/// How a flow policy acts: what it is told of the indicator, and how far guidance goes.
///
/// A checkpoint says what its policy was trained with, and that decides. What the configuration asks for is
/// followed as far as it was trained, with a remark; what a person asks for and was not trained is refused.
struct ActingCondition: Equatable {
  let indicator: Indicator
  /// β.
  let guidance: Double
  /// Where it is not what the configuration says, and why.
  let remark: String?

  /// - Parameters:
  ///   - condition: what a person asks for; nil takes `policy.condition` where `recap.method` is RECAP.
  ///   - guidance: β that a person asks for; nil takes `policy.guidance`.
  /// - Throws: `CheckpointError` where that was not trained.
  init(
    _ checkpoint: ClassicCheckpoint, _ configuration: Configuration,
    condition: Configuration.Condition? = nil, guidance: Double? = nil
  ) throws {
    let path = checkpoint.path
    if let condition, condition == .unconditional, let guidance, guidance != 1 {
      throw CheckpointError(
        description:
          "\(path): guidance \(guidance) leads towards a label, and unconditional has none; "
          + "wanted positive or negative, or guidance 1")
    }
    let policy = configuration.policy
    // A rival is cloned: what else the configuration says of acting is not about it.
    let isConditioned = configuration.recap.method == .recap
    let wanted =
      condition.map(Indicator.init) ?? (isConditioned ? Indicator(policy.condition) : .none)
    guard let trained = try checkpoint.requiredTrainedIndicators() else {
      // Of an earlier version, which clones where the method is not RECAP.
      if !isConditioned, wanted != .none || (guidance ?? 1) != 1 {
        throw CheckpointError(
          description: "\(path): its policy cannot act by a label: recap.method "
            + "\(configuration.recap.method.rawValue) clones without one; wanted unconditional")
      }
      indicator = isConditioned ? wanted : .none
      self.guidance = indicator == .none ? 1 : guidance ?? policy.guidance
      remark =
        "\(path) does not say which labels its policy was trained with (an earlier version wrote it): "
        + "it acts by \(indicator.name)"
      return
    }
    try trained.checkTags(path)
    func refusal(_ asked: String) -> CheckpointError {
      let can = Indicator.allCases.filter(trained.has).map(\.name)
      return CheckpointError(
        description: "\(path): its policy cannot act by \(asked): it was trained on "
          + "\(trained.description); wanted \(can.joined(separator: " or "))")
    }
    if condition != nil, !trained.has(wanted) { throw refusal(wanted.name) }
    let order = [wanted, .none, .positive, .negative]
    guard let indicator = order.first(where: trained.has) else { throw refusal("any label") }
    let canGuide = indicator != .none && trained.has(.none)
    if let guidance, guidance != 1, !canGuide {
      throw refusal("guidance \(guidance), which takes a label and none")
    }
    let asked = guidance ?? (wanted == .none ? 1 : policy.guidance)
    self.indicator = indicator
    self.guidance = canGuide ? asked : 1
    remark =
      indicator == wanted && self.guidance == asked
      ? nil
      : "\(path): its policy acts by \(indicator.name)"
        + (asked != self.guidance ? " without guidance" : "")
        + ", not by \(wanted.name)\(asked == 1 ? "" : " with guidance \(asked)") as configured: it was "
        + "trained on \(trained.description)"
  }

  /// In words.
  var description: String {
    let label = indicator.text.map { "\"\($0)\"" } ?? "unconditional"
    return guidance == 1 ? label : "\(label), guidance \(guidance)"
  }
}

extension TrainedIndicators {
  /// Refuses a policy that knows other tags than ours.
  fileprivate func checkTags(_ path: String) throws {
    for indicator in Indicator.allCases where has(indicator) && tags[indicator] != indicator.text {
      throw CheckpointError(
        description: "\(path): its policy was trained with the tag '\(tags[indicator] ?? "")' for "
          + "\(indicator.name); this version has '\(indicator.text ?? "")': use the version that trained it"
      )
    }
  }
}

extension ClassicCheckpoint {
  /// What the policy's last fit was told; nil in files of earlier versions.
  var trainedIndicators: TrainedIndicators? {
    root["recap"]?["trained_indicators"].flatMap(TrainedIndicators.init)
  }

  /// False where the value function's first fit was under way; files of earlier versions do not say.
  var hasTrainedPolicy: Bool {
    trainedIndicators != nil || root["recap"]?["trained_indicators"] == nil
  }

  /// - Throws: where the policy was not fitted yet.
  fileprivate func requiredTrainedIndicators() throws -> TrainedIndicators? {
    if hasTrainedPolicy { return trainedIndicators }
    throw CheckpointError(
      description:
        "\(path): its policy was not trained yet, the value function comes first; wanted a "
        + "later checkpoint (recap train --resume goes on)")
  }
}
