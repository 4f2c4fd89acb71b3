/// Numbers the trainer has to tell at one step.
///
/// Names are the classic recipe's contract: `train/demo_loss`, `train/policy_loss`, …
public struct Metrics: Sendable {
  public let stage: Stage
  /// Training steps since the first stage began; does not restart.
  public let globalStep: Int
  public let values: [(name: String, value: Double)]
}

/// What happens while training, told as it happens.
public enum TrainingEvent: Sendable {
  /// What the run works with, as names and values.
  case overview([(String, String)])
  /// Something a person should know.
  case message(String)
  /// Work of a known size goes on: `done` of `total` parts, with the losses of the last one.
  case progress(work: String, done: Int, total: Int, losses: [(name: String, value: Double)])
  case metrics(Metrics)
  /// Frames were labelled: a row for each task and source.
  case labels([LabelRate])
  /// A checkpoint is complete on disk.
  case saved(path: String)
}

/// How many frames of one task and source are labelled positive.
public struct LabelRate: Sendable {
  /// The task in words.
  public let task: String
  /// "demo", "correction", "autonomous", or empty where nothing says.
  public let source: String
  public let frames: Int
  public let positive: Int
  /// Of the positive, those that were forced, as a person acted.
  public let forced: Int

  init(_ rate: ImprovementLabels.Rate, _ experience: Experience) {
    task = experience.tasks[rate.task]
    source = rate.type?.rawValue ?? ""
    frames = rate.frames
    positive = rate.positive
    forced = rate.forced
  }
}

/// Running means of the losses of one epoch.
struct LossWindow: Equatable {
  /// Losses of the last `log_every` steps of the epoch, oldest first, for each name.
  private(set) var recent: [String: [Double]] = [:]
  /// Sum over the epoch so far.
  private(set) var sums: [String: Double] = [:]
  private(set) var steps = 0

  init() {}

  init(recent: [String: [Double]], sums: [String: Double], steps: Int) {
    self.recent = recent
    self.sums = sums
    self.steps = steps
  }

  mutating func add(_ losses: [(name: String, value: Double)], keeping count: Int) {
    steps += 1
    for (name, value) in losses {
      sums[name, default: 0] += value
      recent[name, default: []].append(value)
      if recent[name]!.count > count { recent[name]!.removeFirst() }
    }
  }

  func recentMean(_ name: String) -> Double {
    let values = recent[name] ?? []
    return values.reduce(0, +) / Double(max(values.count, 1))
  }

  func epochMean(_ name: String) -> Double {
    (sums[name] ?? 0) / Double(max(steps, 1))
  }
}
