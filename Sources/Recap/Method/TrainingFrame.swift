/// One frame that a policy is fitted to.
package struct TrainingFrame: Sendable, Equatable {
  /// The episode's position in the experience.
  package var episode: Int
  /// The frame's number in its episode.
  package var frame: Int
  /// The improvement indicator I that the policy is conditioned on; nil for none.
  package var indicator: Bool?
  /// What its loss is multiplied by.
  package var weight: Float

  package init(episode: Int, frame: Int, indicator: Bool? = nil, weight: Float = 1) {
    self.episode = episode
    self.frame = frame
    self.indicator = indicator
    self.weight = weight
  }
}
