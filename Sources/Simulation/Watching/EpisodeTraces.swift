/// What a value function says of each step of an episode.
///
/// Each trace is for all steps or empty, and then not drawn. Interventions are not here: the episode
/// itself knows them.
public struct EpisodeTraces: Sendable, Equatable {
  /// V(o), from -1 to 0.
  public var values: [Float]
  public var advantages: [Float]
  /// Whether the action counts as an improvement.
  public var indicators: [Bool]

  public init(values: [Float] = [], advantages: [Float] = [], indicators: [Bool] = []) {
    self.values = values
    self.advantages = advantages
    self.indicators = indicators
  }

  /// Stops the program where a trace is for another number of steps.
  func check(steps: Int) {
    let counts = [
      ("values", values.count), ("advantages", advantages.count), ("indicators", indicators.count),
    ]
    for (name, count) in counts where count != 0 && count != steps {
      fatalError("\(count) \(name) for an episode of \(steps) steps")
    }
  }
}
