internal import LeRobot

extension LabelOverrides {
  /// What the configuration says of labels.
  init(_ configuration: Configuration.Dataset) {
    self.init()
    type = configuration.episodeType.flatMap { EpisodeType(rawValue: $0.rawValue) }
    success = configuration.success
    defaultSuccess = configuration.defaultSuccess
    source = configuration.source.flatMap { Actor(rawValue: $0.rawValue) }
    text = configuration.textKey
    reward = configuration.rewardKey
    done = configuration.doneKey
    successColumn = configuration.successKey
    interventionColumn = configuration.interventionKey
    humanNames = configuration.humanNames
  }
}
