internal import LeRobot
internal import Platform

/// The scale that values are on: returns go with them only if they are on the same.
///
/// A value function's is that of the data it was fitted to. A checkpoint has it, and so have the labels that came
/// of it, in the file's metadata as JSON.
struct ValueScale: Equatable {
  /// C in units of T_max.
  let failureCost: Double
  /// T_max by task.
  let longest: NameDictionary<Int>

  private static let key = "recap_value_scale"

  init(failureCost: Double, longest: NameDictionary<Int>) {
    (self.failureCost, self.longest) = (failureCost, longest)
  }

  /// Of the values in a checkpoint.
  ///
  /// - Throws: where its value function was never fitted to the end.
  init(_ checkpoint: ClassicCheckpoint, _ configuration: Configuration) throws {
    let longest = checkpoint.thresholds.mapValues(\.longest)
    guard !longest.isEmpty else {
      throw CheckpointError(
        description:
          "\(checkpoint.path): its value function was not fitted, or not to the end; wanted a "
          + "checkpoint after a stage that labels by values")
    }
    self.init(failureCost: configuration.recap.failureCost, longest: longest)
  }

  /// Of the values in a file of labels; nil where it does not say.
  init?(_ sidecar: LabelSidecar) {
    guard let text = sidecar.metadata[Self.key],
      let json = try? JSON(Array(text.utf8), file: Self.key),
      let failureCost = json["failure_cost"]?.double, failureCost >= 0, failureCost.isFinite,
      let members = json["longest"]?.object
    else { return nil }
    var longest: NameDictionary<Int> = [:]
    for (task, steps) in members {
      guard let steps = steps.int, (1...ConfigurationBounds<Int>.count.most).contains(steps) else {
        return nil
      }
      longest[task] = steps
    }
    self.init(failureCost: failureCost, longest: longest)
  }

  func write(to sidecar: inout LabelSidecar) {
    let members = longest.sorted { $0.key < $1.key }.map {
      (key: $0.key, value: JSON.integer($0.value))
    }
    sidecar.metadata[Self.key] =
      JSON.object([
        "failure_cost": .number(failureCost), "longest": .object(JSONObject(members)),
      ]).text()
  }

  /// Refuses assignments that would put returns on another scale.
  func check(_ recap: Configuration.Recap, timeLimit: Int?, of source: String) throws {
    if recap.failureCost == failureCost, recap.timeLimit == timeLimit { return }
    let key =
      recap.failureCost == failureCost
      ? "recap.time_limit \(recap.timeLimit.map(String.init) ?? "null")"
      : "recap.failure_cost \(recap.failureCost)"
    throw ConfigurationError(problems: [
      "\(key) is not what the values of \(source) were fitted with (failure_cost \(failureCost), time_limit "
        + "\(timeLimit.map(String.init) ?? "null")); leave it out: returns must be on the values' scale"
    ])
  }

  /// What tasks it does not know.
  func remark(_ experience: Experience) -> String? {
    let others = experience.tasks.filter { longest[$0] == nil }
    guard let first = others.first else { return nil }
    return
      "\(others.count) of \(experience.tasks.count) tasks are none that the value function was fitted to "
      + "('\(first)'\(others.count > 1 ? ", …" : "")): their T_max is that of this data, and their values "
      + "may mean nothing (dataset.task_patterns makes one task of several texts)"
  }
}
