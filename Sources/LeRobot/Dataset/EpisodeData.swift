/// Which columns of an episode's rows to read.
public struct ColumnSelection: Sendable {
  /// The actions' column.
  public var action = "action"
  /// How many values an action must have; nil for any number.
  public var actionWidth: Int?
  /// The proprioceptive state's column; nil to leave it out.
  public var state: String?
  /// Where labels are, and what they are whatever the files say.
  public var labels = LabelOverrides()

  public init(actionWidth: Int? = nil, state: String? = nil) {
    self.actionWidth = actionWidth
    self.state = state
  }
}

/// The rows of one episode. T frames, A values an action, S values a state.
public struct EpisodeData: Sendable {
  public let episode: Episode
  /// [T, A]
  public let actions: [Float]
  /// A.
  public let actionWidth: Int
  /// [T, S]; empty when no state was asked for.
  public let states: [Float]
  /// S; 0 when no state was asked for.
  public let stateWidth: Int
  /// [T], seconds from the episode's start.
  public let timestamps: [Double]
  public let labels: EpisodeLabels

  /// T.
  public var frameCount: Int { labels.frameCount }
  /// [T]
  public var rewards: [Float] { labels.rewards }
  /// [T]
  public var dones: [Bool] { labels.dones }
  /// [T], the task in words.
  public var texts: [String] { labels.texts }
  /// [T], where a person acted; nil when the dataset does not say.
  public var interventions: [Bool]? { labels.interventions }
  /// Whether the episode succeeded; nil when nothing says.
  public var success: Bool? { labels.success }
  /// How the episode came about; nil when nothing says.
  public var type: EpisodeType? { labels.type }
  /// Where the labels came from.
  public var rules: LabelRules { labels.rules }
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
    let labels = Labels(dataset: self, file: file, episode: episode, overrides: columns.labels)
    return EpisodeData(
      episode: episode, actions: actions.values, actionWidth: actions.width,
      states: states?.values ?? [], stateWidth: states?.width ?? 0,
      timestamps: try labels.timestamps(), labels: try labels.all())
  }
}
