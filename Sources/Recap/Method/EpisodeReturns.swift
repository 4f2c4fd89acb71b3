package import Platform

/// Returns of episodes, and which of them have one.
package struct EpisodeReturns: Sendable {
  /// Whether each episode succeeded, labelled or assumed; nil where nothing says how it ended.
  package let outcomes: [Bool?]
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
  ///   - longest: T_max by the task's name where a value function's scale is known already: it goes before
  ///     the others.
  ///
  /// Demonstrations and corrections count as successes where nothing says how they ended, and so do episodes
  /// of no type; autonomous episodes, and those of no type that have rewards, have no return then.
  package init(
    _ experience: Experience, failureCost: Double = 1, timeLimit: Int? = nil,
    longest known: NameDictionary<Int> = [:]
  ) {
    let episodes = experience.episodes
    let scales = experience.tasks.enumerated().map { task, name in
      let longest = episodes.lazy.filter { $0.task == task }.map(\.frameCount).max()
      return ReturnScale(
        longest: known[name] ?? timeLimit ?? longest ?? 1, failureCost: failureCost)
    }
    let outcomes = episodes.map(\.outcome)
    func each(_ body: (ReturnScale, Int, Bool) -> [Float]) -> [[Float]] {
      zip(episodes, outcomes).map { episode, outcome in
        outcome.map { body(scales[episode.task], episode.frameCount, $0) } ?? []
      }
    }
    self.outcomes = outcomes
    returns = each { $0.returns(length: $1, succeeded: $2) }
    rewards = each { $0.rewards(length: $1, succeeded: $2) }
    self.scales = scales
    let tooLong = episodes.count { $0.frameCount > scales[$0.task].longest }
    remarks =
      (tooLong == 0
        ? []
        : [
          "\(tooLong) episodes are longer than their task's T_max "
            + "(\(Set(episodes.map(\.task)).map { "\(scales[$0].longest)" }.sorted().joined(separator: ", ")) "
            + "frames): their returns are cut at -1"
        ]) + Self.remarks(episodes, outcomes)
  }

  private static func remarks(
    _ episodes: [Experience.Episode], _ outcomes: [Bool?]
  ) -> [String] {
    var remarks: [String] = []
    let assumed = zip(episodes, outcomes).count { $0.success == nil && $1 != nil }
    if assumed > 0 {
      remarks.append(
        "\(assumed) episodes of people have no success label and count as successes "
          + "(dataset.default_success: false counts them as failures)")
    }
    let unknown = outcomes.count { $0 == nil }
    let remedy =
      "(dataset.success_key names a column, dataset.default_success says what the rest are)"
    if unknown > 0, unknown < outcomes.count {
      let rewarded = zip(episodes, outcomes).count { $0.hasRewardsAlone && $1 == nil }
      remarks.append(
        "\(unknown) episodes have an unknown outcome, so no return and no indicator: they have no "
          + "success label"
          + (rewarded > 0 ? ", and a reward alone makes no failure" : "") + " " + remedy)
    }
    let known = outcomes.compactMap { $0 }
    if known.isEmpty {
      let rewarded = episodes.contains(where: \.hasRewardsAlone)
      remarks.append(
        "no episode has an outcome: there is nothing to value, so that all are cloned without labels"
          + (rewarded ? "; a reward alone makes no failure " : " ") + remedy)
    } else if !known.contains(false) {
      remarks.append(
        "no episode failed: values tell only how fast episodes succeed, labels prefer the faster")
    } else if !known.contains(true) {
      remarks.append(
        "no episode succeeded: values tell failures apart by their lengths alone, and labels "
          + "say little; wanted some successes")
    }
    return remarks
  }

  /// The best share of each task's episodes by return, at least one of each task that has any.
  package func best(_ share: Double, of experience: Experience) -> [Int] {
    let valued = experience.episodes.indices.filter { !returns[$0].isEmpty }
    let tasks = Dictionary(grouping: valued) { experience.episodes[$0].task }
    return tasks.values.flatMap { own in
      let sorted = own.sorted { (-returns[$0][0], $0) < (-returns[$1][0], $1) }
      return sorted.prefix(max(1, Int((share * Double(own.count)).rounded())))
    }.sorted()
  }
}
