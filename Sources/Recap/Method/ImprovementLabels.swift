package import LeRobot
package import Platform

/// How frames are labelled with the improvement indicator.
package struct LabelOptions: Sendable, Equatable {
  /// N; nil sums to the episode's end.
  package var steps: Int?
  /// The share of each task's frames that is labelled positive; of its episodes, by return.
  package var positiveFraction = 0.4
  package var indicator = IndicatorRule.advantage
  /// ε by the task's name, where it is known already.
  package var thresholds: NameDictionary<Float> = [:]
  /// Labels the frames where a person acted positive.
  package var forcesCorrections = true
  /// Takes the indicators that the dataset itself gives in place of A > ε.
  package var takesRecorded = true
  /// How labels are shuffled within each task.
  package var shuffle = IndicatorShuffle.none
  package var seed = 0

  package init() {}

  /// Whether it takes the indicators that the dataset gives for an episode.
  func takes(_ episode: Experience.Episode) -> Bool {
    takesRecorded && indicator == .advantage && episode.recordedIndicators != nil
  }
}

/// The improvement indicators I_t = A(o_t, a_t) > ε_ℓ of an experience's frames (arXiv 2511.14759 §IV-B), or
/// those of a rival's rule; where the dataset itself gives indicators, those are taken as they are.
package struct ImprovementLabels: Sendable {
  /// For each episode [T]; empty where it has no return, or no values.
  package let advantages: [[Float]]
  /// For each episode [T], nil in frames without one; empty where it has no return and the dataset gives none.
  package let indicators: [[Bool?]]
  /// Where the indicator was forced, as a person acted.
  package let forced: [[Bool]]
  /// ε of each task; infinite where no frame has an advantage.
  package let thresholds: [Float]
  /// What a person should know.
  package let remarks: [String]

  /// Labels frames by their values; other options want no new values.
  ///
  /// - Parameter values: V of each episode's frames, [T]; only advantages need them.
  package init(
    _ experience: Experience, _ returns: EpisodeReturns, values: [[Float]]?, options: LabelOptions
  ) {
    let advantages = experience.episodes.indices.map { i in
      guard let values, !returns.rewards[i].isEmpty else { return [] as [Float] }
      return Recap.advantages(values: values[i], rewards: returns.rewards[i], steps: options.steps)
    }
    let isPositive: [Bool?]
    switch options.indicator {
    case .advantage:
      self.init(experience, advantages: advantages, options: options)
      return
    case .return:
      let best = Set(returns.best(options.positiveFraction, of: experience))
      isPositive = returns.outcomes.enumerated().map { i, outcome in
        outcome.map { _ in best.contains(i) }
      }
    case .success: isPositive = returns.outcomes
    }
    self.init(
      experience, advantages: advantages,
      indicators: zip(experience.episodes, isPositive).map { episode, isPositive in
        isPositive.map { Array(repeating: $0, count: episode.frameCount) } ?? []
      }, thresholds: experience.tasks.map { _ in .infinity }, remarks: [], options: options)
  }

  /// Labels frames by advantages that are known already.
  package init(_ experience: Experience, advantages: [[Float]], options: LabelOptions) {
    let episodes = experience.episodes
    var thresholds: [Float] = []
    var remarks: [String] = []
    for task in experience.tasks.indices {
      let free = episodes.indices.filter { episodes[$0].task == task }.flatMap { i in
        zip(advantages[i], episodes[i].interventions).lazy
          .filter { !($0.1 && options.forcesCorrections) }.map(\.0)
      }
      thresholds.append(
        options.thresholds[experience.tasks[task]]
          ?? improvementThreshold(
            free, positiveFraction: options.positiveFraction, seed: options.seed))
      if let least = free.min(), least == free.max() {
        remarks.append(
          "task '\(experience.tasks[task])': all frames have the same advantage, so none is "
            + "labelled positive; wanted episodes that differ in speed or outcome")
      }
    }
    self.init(
      experience, advantages: advantages,
      indicators: episodes.indices.map { i in
        advantages[i].map { $0 > thresholds[episodes[i].task] }
      }, thresholds: thresholds, remarks: remarks, options: options)
  }

  /// Forces the labels of corrections, and shuffles them.
  private init(
    _ experience: Experience, advantages: [[Float]], indicators: [[Bool]], thresholds: [Float],
    remarks: [String], options: LabelOptions
  ) {
    let episodes = experience.episodes
    let recorded = episodes.map { options.takes($0) ? $0.recordedIndicators : nil }
    let forced = episodes.indices.map { i in
      episodes[i].interventions.enumerated().prefix(indicators[i].count).map { frame, isPersons in
        isPersons && options.forcesCorrections && recorded[i]?[frame] == nil
      }
    }
    var labels = episodes.indices.map { i -> [Bool?] in
      let own = zip(indicators[i], forced[i]).map { $0 || $1 }
      guard let recorded = recorded[i] else { return own }
      return recorded.enumerated().map { frame, label in label ?? (own.isEmpty ? nil : own[frame]) }
    }
    var remarks = remarks
    let taken = recorded.flatMap { $0 ?? [] }.compactMap(\.self)
    if !taken.isEmpty {
      remarks.append(
        "\(taken.count) of \(episodes.reduce(0) { $0 + $1.frameCount }) frames have their indicator from messages of "
          + "style 'advantage' in language_persistent, \(taken.count { $0 }) of them positive; "
          + "recap.recorded_indicators=false labels them by values")
    }
    for task in experience.tasks.indices {
      var generator = SplitMix64(seed: options.seed, purpose: 11, task)
      let own = episodes.indices.filter { episodes[$0].task == task }
      let shuffled = options.shuffle.shuffled(own.map { labels[$0] }, using: &generator)
      for (i, shuffled) in zip(own, shuffled) { labels[i] = shuffled }
    }
    self.advantages = advantages
    self.indicators = labels
    self.forced = forced
    self.thresholds = thresholds
    self.remarks = remarks + experience.remarks
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
        let labels = own.flatMap { indicators[$0] }.compactMap(\.self)
        if labels.isEmpty { return nil }
        return Rate(
          task: task, type: type, frames: labels.count, positive: labels.count { $0 },
          forced: own.flatMap { forced[$0] }.count { $0 })
      }
    }
  }
}
