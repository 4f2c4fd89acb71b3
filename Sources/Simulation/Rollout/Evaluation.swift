import Foundation

/// How well a task is done, from how its episodes ended.
public struct Evaluation: Sendable, Equatable, Codable {
  /// What counts of an episode.
  public struct Episode: Sendable, Equatable, Codable {
    public var seed: UInt64
    public var steps: Int
    public var success: Bool
    /// "success", "failure", "time_limit" or "broken".
    public var ending: String
    /// Why it is broken.
    public var problem: String?

    public init(
      seed: UInt64, steps: Int, success: Bool, ending: String? = nil, problem: String? = nil
    ) {
      self.seed = seed
      self.steps = steps
      self.success = success
      self.ending = ending ?? (success ? "success" : "failure")
      self.problem = problem
    }

    public init(_ episode: SimulatedEpisode) {
      self.init(
        seed: episode.seed, steps: episode.steps.count, success: episode.isSuccess,
        ending: episode.ending.name)
      if case .broken(let reason) = episode.ending { problem = reason }
    }
  }

  public let task: String
  public let episodes: Int
  public let successes: Int
  /// Share of episodes that succeeded; broken ones did not.
  public let success: Double
  /// Wilson's 95 % interval of it.
  public let successLow, successHigh: Double
  /// Successes in an hour of simulated time: of all episodes together, failures included.
  public let throughputPerHour: Double
  /// Its standard error; nil of fewer than two episodes.
  public let throughputStandardError: Double?
  public let meanSteps: Double
  /// Nil without successes.
  public let meanStepsOfSuccesses: Double?
  public let simulatedSeconds: Double
  public let timeLimits: Int
  public let broken: Int

  enum CodingKeys: String, CodingKey {
    case task, episodes, successes, success, broken
    case successLow = "success_low"
    case successHigh = "success_high"
    case throughputPerHour = "throughput_per_hour"
    case throughputStandardError = "throughput_standard_error"
    case meanSteps = "mean_steps"
    case meanStepsOfSuccesses = "mean_steps_of_successes"
    case simulatedSeconds = "simulated_seconds"
    case timeLimits = "time_limits"
  }

  /// - Parameter fps: control steps a second; a programming error without episodes.
  public init(task: String, fps: Double, _ all: [Episode]) {
    guard !all.isEmpty else { fatalError("an evaluation wants at least one episode") }
    let good = all.filter(\.success)
    self.task = task
    episodes = all.count
    successes = good.count
    success = Double(good.count) / Double(all.count)
    (successLow, successHigh) = Evaluation.wilson(successes: good.count, of: all.count)
    let hours = all.map { Double($0.steps) / fps / 3600 }
    (throughputPerHour, throughputStandardError) = Evaluation.ratio(
      all.map { $0.success ? 1 : 0 }, to: hours)
    meanSteps = Double(all.reduce(0) { $0 + $1.steps }) / Double(all.count)
    meanStepsOfSuccesses =
      good.isEmpty ? nil : Double(good.reduce(0) { $0 + $1.steps }) / Double(good.count)
    simulatedSeconds = Double(all.reduce(0) { $0 + $1.steps }) / fps
    timeLimits = all.count { $0.ending == "time_limit" }
    broken = all.count { $0.ending == "broken" }
  }

  /// Wilson's interval of a share: with p = successes / n and z = 1.96 for 95 %,
  /// (p + z²/2n ± z √(p (1 − p) / n + z²/4n²)) / (1 + z²/n).
  ///
  /// Wilson, "Probable inference", JASA 22 (1927).
  public static func wilson(
    successes: Int, of count: Int, z: Double = 1.959_963_984_540_054
  ) -> (low: Double, high: Double) {
    guard count > 0 else { return (0, 1) }
    let n = Double(count)
    let p = Double(successes) / n
    let middle = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    return (max(0, (middle - half) / scale), min(1, (middle + half) / scale))
  }

  /// The ratio R = Σ y / Σ x of sums over independent episodes and its standard error by the delta
  /// method, √(Σ (yᵢ − R xᵢ)² / (n (n − 1))) / mean(x); nil for n < 2.
  ///
  /// Cochran, "Sampling Techniques" (1977), section 6.3.
  public static func ratio(
    _ y: [Double], to x: [Double]
  ) -> (value: Double, standardError: Double?) {
    let n = Double(x.count)
    let total = x.reduce(0, +)
    guard total > 0 else { return (0, nil) }
    let ratio = y.reduce(0, +) / total
    guard x.count > 1 else { return (ratio, nil) }
    let squares = zip(y, x).reduce(0) { $0 + ($1.0 - ratio * $1.1) * ($1.0 - ratio * $1.1) }
    return (ratio, (squares / (n * (n - 1))).squareRoot() / (total / n))
  }
}
