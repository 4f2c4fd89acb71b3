/// Something to do on a table, in a simulated world: what a rollout sees of it.
///
/// A task knows nothing of tensors, policies or datasets. Everything random in it is drawn from the seed of
/// `reset`, so that the same seed and the same actions give the same episode to the bit.
public protocol Task: AnyObject {
  /// What never changes.
  var specification: TaskSpecification { get }
  /// The scene, for a renderer.
  var world: World { get }
  /// What is to be done in this episode, in words.
  var instruction: String { get }
  /// What the robot knows of itself and of the scene, `specification.stateNames.count` values.
  var state: [Float] { get }
  var outcome: Outcome { get }
  /// Control steps since `reset`.
  var stepCount: Int { get }

  /// Begins an episode.
  func reset(seed: UInt64)

  /// An action as it is carried out: within what the robot can do.
  func executed(_ action: [Float]) -> [Float]

  /// Carries out one action for one control period, 1 / fps seconds; nothing once the episode is over.
  func step(_ action: [Float])

  /// Someone who knows how to do it, more or less well; draws its mistakes from the seed.
  func demonstrator(_ skill: Demonstrator, seed: UInt64) -> any Expert

  /// Whether a person who watches would take over by now.
  var needsTakeover: Bool { get }
}

/// How an episode stands.
public enum Outcome: String, Sendable, Codable {
  case running, success, failure
}

/// Who acts by what it knows of the world, not by what a policy may see.
public protocol Expert {
  /// The action to take now.
  mutating func action() -> [Float]
}

/// What never changes of a task.
public struct TaskSpecification: Sendable, Equatable {
  /// As in commands and configurations, one word.
  public var name: String
  /// What is to be done and what is hard about it, one sentence.
  public var summary: String
  /// Control steps a second.
  public var fps: Double
  /// Control steps after which an episode has failed.
  public var timeLimit: Int
  public var stateNames: [String]
  public var actionNames: [String]
  public var cameras: [Camera]

  /// A camera of the scene.
  public struct Camera: Sendable, Equatable {
    /// The column in datasets and observations, as `observation.images.top`.
    public var key: String
    /// The camera's name in the scene.
    public var name: String
    public var width: Int
    public var height: Int

    public init(key: String, name: String, width: Int, height: Int) {
      self.key = key
      self.name = name
      self.width = width
      self.height = height
    }
  }

  public init(
    name: String, summary: String, fps: Double, timeLimit: Int, stateNames: [String],
    actionNames: [String], cameras: [Camera]
  ) {
    self.name = name
    self.summary = summary
    self.fps = fps
    self.timeLimit = timeLimit
    self.stateNames = stateNames
    self.actionNames = actionNames
    self.cameras = cameras
  }
}
