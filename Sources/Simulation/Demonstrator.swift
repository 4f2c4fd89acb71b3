/// How well someone does a task.
public struct Demonstrator: Sendable, Equatable, Codable {
  /// From 0, whose episodes fail in the ways the task is hard in, to 1, who hardly ever fails.
  public var skill: Double
  /// Share of the fastest pace that is of use, from 0 (exclusive) to 1.
  public var speed: Double
  /// Standard deviation of the noise on every action, in the action's units.
  public var noise: Double
  /// Probability of a lapse in a control step, in which it does the wrong thing for a while.
  public var mistakes: Double

  public init(skill: Double = 1, speed: Double = 1, noise: Double = 0, mistakes: Double = 0) {
    self.skill = skill
    self.speed = speed
    self.noise = noise
    self.mistakes = mistakes
  }
}
