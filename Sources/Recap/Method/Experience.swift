package import LeRobot

/// Episodes as the method sees them: the host values of every frame but its pictures.
///
/// T frames an episode, S values a state, A values an action.
package struct Experience: Sendable {
  /// Every task once, in words.
  package var tasks: [String]
  package var episodes: [Episode]
  /// S; 0 where the policy sees no state.
  package let stateWidth: Int
  /// A.
  package let actionWidth: Int

  package init(tasks: [String], episodes: [Episode], stateWidth: Int, actionWidth: Int) {
    self.tasks = tasks
    self.episodes = episodes
    self.stateWidth = stateWidth
    self.actionWidth = actionWidth
  }

  /// One attempt at one task.
  package struct Episode: Sendable {
    /// The task's position in `tasks`.
    package var task: Int
    /// How it came about; nil when nothing says.
    package var type: EpisodeType?
    /// Whether it succeeded; nil when nothing says.
    package var success: Bool?
    /// Whether rewards are all that says how it ended.
    package var hasRewardsAlone = false
    /// [T · S], normalised.
    package var states: [Float]
    /// [T · A], normalised.
    package var actions: [Float]
    /// [T], where a person acted in place of the policy.
    package var interventions: [Bool]
    /// [T], the indicators that the dataset itself gives, nil in frames where it gives none; nil where it gives
    /// none at all.
    package var recordedIndicators: [Bool?]?

    package init(
      task: Int, type: EpisodeType?, success: Bool?, states: [Float], actions: [Float],
      interventions: [Bool]
    ) {
      self.task = task
      self.type = type
      self.success = success
      self.states = states
      self.actions = actions
      self.interventions = interventions
    }

    /// T.
    package var frameCount: Int { interventions.count }

    /// Whether it succeeded, where nothing says so by who acted: people's episodes count as successes. Nil
    /// when it is not known.
    var outcome: Bool? {
      if let success { return success }
      switch type {
      case .autonomous: return nil
      case .demo, .correction: return true
      case nil: return hasRewardsAlone ? nil : true
      }
    }
  }

  /// What a person should know of its tasks.
  var remarks: [String] {
    let counts = tasks.indices.map { task in episodes.count { $0.task == task } }
    let few = tasks.indices.filter { counts[$0] < 5 }
    if few.isEmpty { return [] }
    let shown = few.prefix(5).map { "'\(tasks[$0])' \(counts[$0])" }.joined(separator: ", ")
    return [
      "\(few.count) of \(tasks.count) tasks have fewer than 5 episodes "
        + "(\(shown)\(few.count > 5 ? ", …" : "")): their ε, T_max and labels mean little; "
        + "dataset.task_patterns makes one task of several texts"
    ]
  }
}
