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

/// Demonstrators of different kinds, one of whom does each episode.
public struct DemonstratorMixture: Sendable, Equatable, Codable {
  /// A kind of demonstrator and how often it is met.
  public struct Part: Sendable, Equatable, Codable {
    /// One word, as "slow".
    public var name: String
    /// In proportion to those of the others.
    public var weight: Double
    public var demonstrator: Demonstrator

    public init(name: String, weight: Double, demonstrator: Demonstrator) {
      self.name = name
      self.weight = weight
      self.demonstrator = demonstrator
    }
  }

  public var parts: [Part]

  /// A programming error without parts, or when no weight is positive.
  public init(_ parts: [Part]) {
    guard parts.contains(where: { $0.weight > 0 }), parts.allSatisfy({ $0.weight >= 0 }) else {
      fatalError("a mixture of demonstrators wants weights of 0 or more, at least one above 0")
    }
    self.parts = parts
  }

  /// One demonstrator for all episodes.
  public init(_ name: String, _ demonstrator: Demonstrator) {
    self.init([Part(name: name, weight: 1, demonstrator: demonstrator)])
  }

  /// Who does the episode of a seed.
  public func part(seed: UInt64) -> Part {
    var random = RandomSource(seed: seed, purpose: "demonstrator")
    var rest = random.uniform() * parts.reduce(0) { $0 + $1.weight }
    for part in parts where part.weight > 0 {
      rest -= part.weight
      if rest < 0 { return part }
    }
    return parts.last { $0.weight > 0 }!
  }
}
