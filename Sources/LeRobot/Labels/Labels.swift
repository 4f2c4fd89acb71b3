/// A label and the rule that gave it, in words.
struct Labelled<Value> {
  let value: Value
  let rule: String
}

/// Finds the labels of one episode's rows.
struct Labels {
  let dataset: Dataset
  let file: EpisodeColumns
  let episode: Episode
  let overrides: LabelOverrides

  func all() throws -> EpisodeLabels {
    let actors = try actors()
    let success = try success()
    let rewards = try rewards(success)
    let dones = try dones()
    let texts = try texts()
    let interventions = try interventions(actors)
    let source = try source(actors)
    let type = type(interventions, source)
    let indicators = try indicators()
    return EpisodeLabels(
      rewards: rewards.value, dones: dones.value, texts: texts.value,
      interventions: interventions.value, success: success.value, source: source.value,
      type: type.value, indicators: indicators.value,
      rules: LabelRules(
        text: texts.rule, reward: rewards.rule, done: dones.rule, success: success.rule,
        intervention: interventions.rule, source: source.rule, type: type.rule,
        indicator: indicators.rule))
  }

  // MARK: How the episode went

  private func success() throws -> Labelled<Bool?> {
    if let fixed = overrides.success { return Labelled(value: fixed, rule: "dataset.success") }
    if let column = overrides.successColumn {
      return Labelled(
        value: try flags(column)?.contains(true), rule: "column \(column), any frame")
    }
    if let success = episode.success {
      return Labelled(value: success, rule: "success in meta/episodes")
    }
    if episode.unlabelled.contains(.success) {
      return overrides.defaultSuccess.map { Labelled(value: $0, rule: "dataset.default_success") }
        ?? Labelled(value: nil, rule: LabelRules.takenAway)
    }
    // Recorders of the last two repeat the episode's outcome in every frame.
    for (column, looksAtLast) in [
      ("next.success", false), ("is_success", true), ("success", false),
      ("is_episode_successful", true),
    ] where file.has(column) {
      guard let flags = try flags(column) else { continue }
      return looksAtLast
        ? Labelled(value: flags.last, rule: "column \(column), last frame")
        : Labelled(value: flags.contains(true), rule: "column \(column), any frame")
    }
    var hasReward = false
    for column in rewardColumns where file.has(column) {
      guard let last = try scalars(column).last else { continue }
      if last > 0 {
        return Labelled(value: true, rule: "last reward of column \(column) above 0")
      }
      hasReward = true
    }
    if let value = overrides.defaultSuccess {
      return Labelled(value: value, rule: "dataset.default_success")
    }
    return Labelled(value: nil, rule: hasReward ? LabelRules.rewardAlone : LabelRules.unlabelled)
  }

  private var rewardColumns: [String] { [overrides.reward, "next.reward"] }

  private func rewards(_ success: Labelled<Bool?>) throws -> Labelled<[Float]> {
    for column in rewardColumns where file.has(column) {
      return Labelled(value: try scalars(column), rule: "column \(column)")
    }
    var rewards = [Float](repeating: 0, count: file.count)
    if let succeeded = success.value {
      if succeeded { rewards[rewards.count - 1] = 1 }
      return Labelled(value: rewards, rule: "1 at the last frame of a success (\(success.rule))")
    }
    dataset.warn(
      "no column '\(overrides.reward)' or 'next.reward' and no success label: rewards are 0 in such episodes"
    )
    return Labelled(value: rewards, rule: "0, nothing says")
  }

  private func dones() throws -> Labelled<[Bool]> {
    for column in [overrides.done, "next.done"] where file.has(column) {
      guard let flags = try flags(column) else { continue }
      return Labelled(value: flags, rule: "column \(column)")
    }
    var dones = [Bool](repeating: false, count: file.count)
    dones[dones.count - 1] = true
    return Labelled(value: dones, rule: "the last frame")
  }

  // MARK: Who acted

  /// Whether a person collected each frame; nil when the recorder does not say.
  private func actors() throws -> [Bool]? {
    let column = "complementary_info.collector_policy_id"
    guard file.file.type(of: column)?.isText == true else { return nil }
    let names = try file.strings(column)
    if names.contains(where: { $0 == nil || $0 == "" }) { return nil }
    let human = Set(overrides.humanNames.map { $0.lowercased() })
    return names.map { human.contains($0!.lowercased()) }
  }

  private func interventions(_ actors: [Bool]?) throws -> Labelled<[Bool]?> {
    if let column = overrides.interventionColumn {
      return Labelled(value: try flags(column), rule: "column \(column)")
    }
    for column in [
      "intervention", "complementary_info.is_intervention", "is_intervention", "intervene_flag",
      "is_human_intervention",
    ] where file.has(column) {
      guard let flags = try flags(column) else { continue }
      return Labelled(value: flags, rule: "column \(column)")
    }
    let state = "complementary_info.state"
    if file.file.type(of: state)?.isText == false {
      let states = try file.numbers(state, as: Float.self)
      if states.width == 1 {
        return Labelled(value: states.values.map { $0 == 1 }, rule: "column \(state) of 1")
      }
    }
    if let actors, actors.contains(true), actors.contains(false) {
      return Labelled(
        value: actors, rule: "column complementary_info.collector_policy_id of a person")
    }
    return Labelled(value: nil, rule: LabelRules.unlabelled)
  }

  private func source(_ actors: [Bool]?) throws -> Labelled<Actor?> {
    if let fixed = overrides.source { return Labelled(value: fixed, rule: "dataset.source") }
    if episode.unlabelled.contains(.source) {
      return Labelled(value: nil, rule: LabelRules.takenAway)
    }
    if let word = episode.source {
      let human = overrides.humanNames.contains { $0.lowercased() == word.lowercased() }
      if let actor = human ? .human : Actor(recorded: word) {
        return Labelled(value: actor, rule: "source in meta/episodes")
      }
      dataset.warn(
        "meta/episodes has the source \"\(word)\", which is neither a person's nor a policy's name")
    }
    if let actors {
      return Labelled(
        value: actors.contains(false) ? .policy : .human,
        rule: "column complementary_info.collector_policy_id")
    }
    if file.has("is_golden"), let golden = try flags("is_golden"), !golden.contains(false) {
      return Labelled(value: .human, rule: "column is_golden")
    }
    return Labelled(value: nil, rule: LabelRules.unlabelled)
  }

  private func type(
    _ interventions: Labelled<[Bool]?>, _ source: Labelled<Actor?>
  ) -> Labelled<EpisodeType?> {
    if let fixed = overrides.type { return Labelled(value: fixed, rule: "dataset.episode_type") }
    if let recorded = episode.type {
      return Labelled(value: recorded, rule: "episode_type in meta/episodes")
    }
    if episode.unlabelled.contains(.type) {
      return Labelled(value: nil, rule: LabelRules.takenAway)
    }
    if interventions.value?.contains(true) == true {
      return Labelled(value: .correction, rule: "interventions (\(interventions.rule))")
    }
    if let actor = source.value {
      return Labelled(
        value: actor == .human ? .demo : .autonomous, rule: "\(actor.rawValue) (\(source.rule))")
    }
    return Labelled(value: nil, rule: LabelRules.unlabelled)
  }

  // MARK: What is derived

  private func indicators() throws -> Labelled<[Bool?]?> {
    let column = LanguageColumn.persistent
    var found: [Bool?]?
    if file.has(column.rawValue) {
      let messages = try file.language(column, frames: 0..<1)[0]
      do {
        found = try AdvantageMessages.indicators(messages, times: timestamps())
      } catch let problem as ColumnProblem {
        throw DatasetError(
          file.path,
          "column '\(column.rawValue)' \(problem.text) (episode \(episode.index), row \(file.rows.lowerBound))"
        )
      }
    }
    let rule = "messages of style '\(AdvantageMessages.style)' in \(column.rawValue)"
    return Labelled(value: found, rule: found == nil ? LabelRules.unlabelled : rule)
  }

  // MARK: Text and time

  /// The text column; where it is absent or null the task of `task_index`, else the episode's
  /// first.
  func texts() throws -> Labelled<[String]> {
    let key = overrides.text
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

  // MARK: Columns

  private func scalars(_ column: String) throws -> [Float] {
    let numbers = try file.finiteNumbers(column)
    guard numbers.width == 1 else {
      throw DatasetError(
        file.path, "column '\(column)' has \(numbers.width) values a row, 1 is wanted")
    }
    return numbers.values
  }

  /// True above 0.5, in any of a row's values, or for a word of success; null is false, and nothing
  /// but nulls says nothing.
  private func flags(_ column: String) throws -> [Bool]? {
    if file.file.type(of: column)?.isText == true {
      let words = try file.strings(column)
      let flags = try words.map {
        try $0.flatMap { try Episode.success($0, place: file.path, column) }
      }
      return flags.allSatisfy { $0 == nil } ? nil : flags.map { $0 ?? false }
    }
    let numbers = try file.numbers(column, as: Float.self)
    if numbers.values.allSatisfy(\.isNaN) { return nil }
    let width = numbers.width
    return (0..<file.count).map { row in
      numbers.values[row * width..<(row + 1) * width].contains { $0 > 0.5 }
    }
  }
}
