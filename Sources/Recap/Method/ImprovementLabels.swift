package import LeRobot

/// How frames are labelled with the improvement indicator.
package struct LabelOptions: Sendable, Equatable {
  /// N; nil sums to the episode's end.
  package var steps: Int?
  /// The share of each task's frames that is labelled positive.
  package var positiveFraction = 0.4
  /// Labels the frames where a person acted positive.
  package var forcesCorrections = true
  /// Shuffles the labels over the frames of each task: a control.
  package var shuffles = false
  package var seed = 0

  package init() {}
}

/// Returns of episodes, and which of them have one.
package struct EpisodeReturns: Sendable {
  /// For each episode the value targets [T]; empty where nothing says how it ended.
  package let returns: [[Float]]
  /// For each episode the rewards [T] on the same scale; empty as well.
  package let rewards: [[Float]]
  /// Of each task.
  package let scales: [ReturnScale]
  /// What was assumed.
  package let remarks: [String]

  /// - Parameters:
  ///   - failureCost: C in units of T_max.
  ///   - timeLimit: T_max of every task; nil takes each task's longest episode.
  ///
  /// Demonstrations, corrections and episodes of no type count as successes where nothing says how they
  /// ended; autonomous episodes are no failures then: they have no return.
  package init(_ experience: Experience, failureCost: Double = 1, timeLimit: Int? = nil) {
    let scales = experience.tasks.indices.map { task in
      let longest = experience.episodes.lazy.filter { $0.task == task }.map(\.frameCount).max()
      return ReturnScale(longest: timeLimit ?? longest ?? 1, failureCost: failureCost)
    }
    let outcomes = experience.episodes.map { episode in
      episode.success ?? (episode.type == .autonomous ? nil : true)
    }
    func each(_ body: (ReturnScale, Int, Bool) -> [Float]) -> [[Float]] {
      zip(experience.episodes, outcomes).map { episode, outcome in
        outcome.map { body(scales[episode.task], episode.frameCount, $0) } ?? []
      }
    }
    returns = each { $0.returns(length: $1, succeeded: $2) }
    rewards = each { $0.rewards(length: $1, succeeded: $2) }
    self.scales = scales
    var remarks: [String] = []
    let assumed = zip(experience.episodes, outcomes).count { $0.success == nil && $1 != nil }
    if assumed > 0 {
      remarks.append(
        "\(assumed) episodes of people have no success label and count as successes "
          + "(dataset.default_success: false counts them as failures)")
    }
    let unknown = outcomes.count { $0 == nil }
    if unknown > 0 {
      remarks.append(
        "\(unknown) autonomous episodes have no success label: they have no return and no indicator "
          + "(dataset.success_key names a column, dataset.default_success says what the rest are)")
    }
    let known = outcomes.compactMap { $0 }
    if known.isEmpty {
      remarks.append(
        "no episode has an outcome: there is nothing to value, so that all are cloned without labels "
          + "(dataset.success_key names a column, dataset.default_success says what the rest are)")
    } else if !known.contains(false) {
      remarks.append(
        "no episode failed: values tell only how fast episodes succeed, labels prefer the faster")
    } else if !known.contains(true) {
      remarks.append(
        "no episode succeeded: values tell failures apart by their lengths alone, and labels "
          + "say little; wanted some successes")
    }
    self.remarks = remarks
  }
}

/// The improvement indicators I_t = A(o_t, a_t) > ε_ℓ of an experience's frames (arXiv 2511.14759 §IV-B).
package struct ImprovementLabels: Sendable {
  /// For each episode [T]; empty where it has no return. So are the others.
  package let advantages: [[Float]]
  package let indicators: [[Bool]]
  /// Where the indicator was forced, as a person acted.
  package let forced: [[Bool]]
  /// ε of each task.
  package let thresholds: [Float]
  /// What a person should know.
  package let remarks: [String]

  /// Labels frames by their values; other options want no new values.
  ///
  /// - Parameter values: V of each episode's frames, [T].
  package init(
    _ experience: Experience, _ returns: EpisodeReturns, values: [[Float]], options: LabelOptions
  ) {
    let episodes = experience.episodes
    let advantages = episodes.indices.map { i in
      returns.rewards[i].isEmpty
        ? []
        : Recap.advantages(values: values[i], rewards: returns.rewards[i], steps: options.steps)
    }
    self.init(experience, advantages: advantages, options: options)
  }

  /// Labels frames by advantages that are known already.
  package init(_ experience: Experience, advantages: [[Float]], options: LabelOptions) {
    let episodes = experience.episodes
    let forced = episodes.indices.map { i in
      advantages[i].isEmpty ? [] : episodes[i].interventions.map { $0 && options.forcesCorrections }
    }
    var thresholds: [Float] = []
    var remarks: [String] = []
    for task in experience.tasks.indices {
      let own = episodes.indices.filter { episodes[$0].task == task }
      let free = own.flatMap { i in
        zip(advantages[i], forced[i]).lazy.filter { !$0.1 }.map(\.0)
      }
      thresholds.append(
        improvementThreshold(
          free, positiveFraction: options.positiveFraction, seed: options.seed))
      if let least = free.min(), least == free.max() {
        remarks.append(
          "task '\(experience.tasks[task])': all frames have the same advantage, so none is "
            + "labelled positive; wanted episodes that differ in speed or outcome")
      }
      if own.count == 1 {
        remarks.append(
          "task '\(experience.tasks[task])' is seen in one episode alone: its labels mean little")
      }
    }
    var indicators = episodes.indices.map { i in
      zip(advantages[i], forced[i]).map { $0 > thresholds[episodes[i].task] || $1 }
    }
    if options.shuffles {
      for task in experience.tasks.indices {
        var generator = SplitMix64(seed: options.seed, purpose: 11, task)
        let own = episodes.indices.filter { episodes[$0].task == task }
        var shuffled = own.flatMap { indicators[$0] }.shuffled(using: &generator)[...]
        for i in own {
          indicators[i] = Array(shuffled.prefix(indicators[i].count))
          shuffled = shuffled.dropFirst(indicators[i].count)
        }
      }
    }
    self.advantages = advantages
    self.indicators = indicators
    self.forced = forced
    self.thresholds = thresholds
    self.remarks = remarks
  }

  /// A row of the table of labels: one task and one source of episodes.
  package struct Rate: Sendable, Equatable {
    package let task: Int
    package let type: EpisodeType?
    package let frames: Int
    package let positive: Int
    package let forced: Int
  }

  /// How many frames of each task and source are positive.
  package func rates(_ experience: Experience) -> [Rate] {
    let types: [EpisodeType?] = EpisodeType.allCases + [nil]
    return experience.tasks.indices.flatMap { task in
      types.compactMap { type in
        let own = experience.episodes.indices.filter {
          experience.episodes[$0].task == task && experience.episodes[$0].type == type
        }
        let labels = own.flatMap { indicators[$0] }
        if labels.isEmpty { return nil }
        return Rate(
          task: task, type: type, frames: labels.count, positive: labels.count { $0 },
          forced: own.flatMap { forced[$0] }.count { $0 })
      }
    }
  }
}
