/// A label and the rule that gave it, in words.
struct Labelled<Value> {
  let value: Value
  let rule: String
}

/// Rewards, done flags, success, interventions and task text of an episode, from whichever of the
/// recorders' conventions its dataset follows.
struct Labels {
  let dataset: Dataset
  let file: EpisodeColumns
  let episode: Episode

  /// meta/episodes.jsonl, else a success column that is true in any frame, else a positive last
  /// reward.
  func success(rewardKey: String) throws -> Labelled<Bool?> {
    if let success = episode.success {
      return Labelled(value: success, rule: "success in meta/episodes")
    }
    for column in ["next.success", "is_success", "success"] where file.has(column) {
      return Labelled(value: try flags(column).contains(true), rule: "column \(column), any frame")
    }
    for column in [rewardKey, "next.reward"] where file.has(column) {
      let last = try file.finiteNumbers(column).values.last ?? 0
      return Labelled(value: last > 0, rule: "last reward of column \(column) above 0")
    }
    return Labelled(value: nil, rule: "unlabelled")
  }

  /// The reward column, else next.reward, else 1 at the last frame of a success, else 0.
  func rewards(key: String, success: Labelled<Bool?>) throws -> Labelled<[Float]> {
    for column in [key, "next.reward"] where file.has(column) {
      return Labelled(value: try scalars(column), rule: "column \(column)")
    }
    var rewards = [Float](repeating: 0, count: file.count)
    if let succeeded = success.value {
      if succeeded { rewards[rewards.count - 1] = 1 }
      return Labelled(value: rewards, rule: "1 at the last frame of a success (\(success.rule))")
    }
    dataset.warn(
      "no column '\(key)' or 'next.reward' and no success label: rewards are 0 in such episodes")
    return Labelled(value: rewards, rule: "0, nothing says")
  }

  /// The done column, else next.done, else the last frame.
  func dones(key: String) throws -> Labelled<[Bool]> {
    for column in [key, "next.done"] where file.has(column) {
      return Labelled(value: try flags(column), rule: "column \(column)")
    }
    var dones = [Bool](repeating: false, count: file.count)
    dones[dones.count - 1] = true
    return Labelled(value: dones, rule: "the last frame")
  }

  /// Where a person acted; nil when no column says.
  func interventions() throws -> Labelled<[Bool]?> {
    let columns = [
      "intervention", "complementary_info.is_intervention", "is_intervention", "intervene_flag",
      "is_human_intervention",
    ]
    for column in columns where file.has(column) {
      return Labelled(value: try flags(column), rule: "column \(column)")
    }
    return Labelled(value: nil, rule: "unlabelled")
  }

  /// The text column; where it is absent or null the task of `task_index`, else the episode's
  /// first.
  func texts(key: String) throws -> Labelled<[String]> {
    let fallback = episode.tasks.first ?? ""
    let columnTexts = file.has(key) ? try file.strings(key) : nil
    if let columnTexts, !columnTexts.contains(nil) {
      return Labelled(value: columnTexts.map { $0! }, rule: "column \(key)")
    }
    var texts = [String](repeating: fallback, count: file.count)
    var rule = "the episode's first task"
    if file.has("task_index"), !dataset.tasks.isEmpty {
      let indices = try file.numbers("task_index", as: Int.self)
      if indices.nulls == 0, indices.values.count == texts.count,
        indices.values.contains(where: { dataset.tasks[$0] != nil })
      {
        texts = indices.values.map { dataset.tasks[$0] ?? fallback }
        rule = "task_index through meta/tasks"
      }
    }
    if let columnTexts {
      texts = zip(columnTexts, texts).map { $0 ?? $1 }
      rule = "column \(key), where null \(rule)"
    }
    if texts.contains("") {
      dataset.warn("some frames have no task text: an empty one is used")
    }
    return Labelled(value: texts, rule: rule)
  }

  /// Seconds from the episode's start: the column, else frame / fps.
  func timestamps() throws -> [Double] {
    if file.has("timestamp") {
      let column = try file.numbers("timestamp", as: Double.self)
      if column.width == 1, column.values.allSatisfy(\.isFinite) { return column.values }
    }
    return (0..<file.count).map { Double($0) / dataset.info.fps }
  }

  private func scalars(_ column: String) throws -> [Float] {
    let numbers = try file.finiteNumbers(column)
    guard numbers.width == 1 else {
      throw DatasetError(
        file.path, "column '\(column)' has \(numbers.width) values a row, 1 is wanted")
    }
    return numbers.values
  }

  /// True above 0.5; null is false.
  private func flags(_ column: String) throws -> [Bool] {
    try file.numbers(column, as: Float.self).values.map { $0 > 0.5 }
  }
}
