/// Which columns of an episode's rows to read.
public struct ColumnSelection: Sendable {
  /// The actions' column.
  public var action = "action"
  /// How many values an action must have; nil for any number.
  public var actionWidth: Int?
  /// The proprioceptive state's column; nil to leave it out.
  public var state: String?
  /// The column of the task text; without it the dataset's tasks are used.
  public var text = "instruction"
  /// The column of rewards; without it `next.reward`, then the episode's success.
  public var reward = "reward"
  /// The column of done flags; without it `next.done`, then the last frame.
  public var done = "done"

  public init(actionWidth: Int? = nil, state: String? = nil) {
    self.actionWidth = actionWidth
    self.state = state
  }
}

/// The rows of one episode. T frames, A values an action, S values a state.
public struct EpisodeData: Sendable {
  public let episode: Episode
  /// T.
  public let frameCount: Int
  /// [T, A]
  public let actions: [Float]
  /// A.
  public let actionWidth: Int
  /// [T, S]; empty when no state was asked for.
  public let states: [Float]
  /// S; 0 when no state was asked for.
  public let stateWidth: Int
  /// [T]
  public let rewards: [Float]
  /// [T]
  public let dones: [Bool]
  /// [T], the task in words.
  public let texts: [String]
  /// [T], seconds from the episode's start.
  public let timestamps: [Double]
  /// [T], where a person acted; nil when the dataset does not say.
  public let interventions: [Bool]?
  /// Whether the episode succeeded; nil when nothing says.
  public let success: Bool?
  /// Where the labels came from.
  public let rules: LabelRules

  /// Rows made by the program: `actions` is [T, A], `states` [T, S], the rest [T].
  package init(
    episode: Episode, actions: [Float], actionWidth: Int, states: [Float] = [], stateWidth: Int = 0,
    rewards: [Float], dones: [Bool], texts: [String], timestamps: [Double],
    interventions: [Bool]? = nil, success: Bool? = nil, rules: LabelRules
  ) {
    self.episode = episode
    frameCount = rewards.count
    self.actions = actions
    self.actionWidth = actionWidth
    self.states = states
    self.stateWidth = stateWidth
    self.rewards = rewards
    self.dones = dones
    self.texts = texts
    self.timestamps = timestamps
    self.interventions = interventions
    self.success = success
    self.rules = rules
  }
}

/// Which rule gave each label, in words: "column next.reward".
public struct LabelRules: Sendable, Equatable {
  public let text, reward, done, success, intervention: String

  package init(text: String, reward: String, done: String, success: String, intervention: String) {
    self.text = text
    self.reward = reward
    self.done = done
    self.success = success
    self.intervention = intervention
  }
}

extension Dataset {
  /// Reads the rows of an episode.
  ///
  /// - Throws: `DatasetError` that names the file, the column and what was wanted, when a file is
  ///   missing or cut short, a column is missing or of another width, a value is null or not
  ///   finite, or the rows are not as many as the metadata says.
  public func read(
    _ episode: Episode, columns: ColumnSelection = ColumnSelection()
  ) throws -> EpisodeData {
    try withColumns(of: episode) { try read(episode, $0, columns) }
  }

  private func read(
    _ episode: Episode, _ file: EpisodeColumns, _ columns: ColumnSelection
  ) throws -> EpisodeData {
    let actions = try file.finiteNumbers(columns.action)
    if let wanted = columns.actionWidth, actions.width != wanted {
      throw DatasetError(
        file.path,
        "column '\(columns.action)' has \(actions.width) values a row, model.action_dim is \(wanted)"
      )
    }
    let states = try columns.state.map { try file.finiteNumbers($0) }
    let labels = Labels(dataset: self, file: file, episode: episode)
    let success = try labels.success(rewardKey: columns.reward)
    let rewards = try labels.rewards(key: columns.reward, success: success)
    let dones = try labels.dones(key: columns.done)
    let texts = try labels.texts(key: columns.text)
    let interventions = try labels.interventions()
    return EpisodeData(
      episode: episode, actions: actions.values, actionWidth: actions.width,
      states: states?.values ?? [], stateWidth: states?.width ?? 0,
      rewards: rewards.value, dones: dones.value, texts: texts.value,
      timestamps: try labels.timestamps(), interventions: interventions.value,
      success: success.value,
      rules: LabelRules(
        text: texts.rule, reward: rewards.rule, done: dones.rule, success: success.rule,
        intervention: interventions.rule))
  }
}
