import LeRobot
import Recap

// Experience without content, where only lengths and labels matter.

func episode(
  _ length: Int, success: Bool?, task: Int = 0, type: EpisodeType? = .demo,
  interventions: [Bool]? = nil
) -> Experience.Episode {
  Experience.Episode(
    task: task, type: type, success: success, states: Array(repeating: 0, count: length),
    actions: Array(repeating: 0, count: length),
    interventions: interventions ?? Array(repeating: false, count: length))
}

func experience(_ episodes: [Experience.Episode], tasks: [String] = ["a"]) -> Experience {
  Experience(tasks: tasks, episodes: episodes, stateWidth: 1, actionWidth: 1)
}
