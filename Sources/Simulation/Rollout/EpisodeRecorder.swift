public import LeRobot
import Platform

/// Writes episodes to a LeRobot dataset with all labels that training asks for.
///
/// Columns: action, observation.state, the cameras where they are recorded, next.reward (1 in the last
/// frame of a success), next.done, next.success, complementary_info.is_intervention; with every episode
/// its type, success, source ("human" for demonstrators, who stand in for one, else "policy"), the name
/// of who acted and the seed.
public final class EpisodeRecorder {
  public let writer: DatasetWriter
  /// Broken episodes, which are left out.
  public private(set) var skippedCount = 0
  private let cameras: [TaskSpecification.Camera]

  private static let episodeKeys = ["actor", "seed"]

  /// Begins a dataset in a folder that is empty or not there.
  ///
  /// - Parameter cameras: those to record, all drawn in every step; none for states alone.
  /// - Throws: `DatasetError`.
  public init(
    folder: String, task: TaskSpecification, cameras: [TaskSpecification.Camera],
    version: DatasetVersion = .v30, encoding: VideoEncoding = VideoEncoding()
  ) throws {
    self.cameras = cameras
    writer = try DatasetWriter(
      folder: folder, version: version, fps: task.fps, robotType: "\(task.name)_sim",
      features: cameras.map { .video($0.key, width: $0.width, height: $0.height) } + [
        .vector("observation.state", names: task.stateNames),
        .vector("action", names: task.actionNames),
        .number("next.reward"), .flag("next.success"), .flag("next.done"),
        RecordedFeature(
          "complementary_info.is_intervention", dtype: "float32", shape: [1],
          names: ["is_intervention"]),
      ],
      encoding: encoding, episodeKeys: EpisodeRecorder.episodeKeys)
  }

  /// Goes on with a dataset that a recorder of the same task began.
  ///
  /// - Throws: `DatasetError`; `SimulationError` when its columns are not this task's.
  public init(
    appendingTo folder: String, task: TaskSpecification, encoding: VideoEncoding = VideoEncoding()
  ) throws {
    writer = try DatasetWriter(
      appendingTo: folder, encoding: encoding, episodeKeys: EpisodeRecorder.episodeKeys)
    let features = writer.features
    for (key, names) in [
      ("observation.state", task.stateNames), ("action", task.actionNames),
    ] {
      let width = features.first { $0.key == key }?.width ?? 0
      guard width == names.count else {
        throw SimulationError(
          "\(folder): '\(key)' has \(width) numbers, '\(task.name)' has \(names.count); "
            + "add to a dataset of the same task")
      }
    }
    cameras = task.cameras.filter { camera in features.contains { $0.key == camera.key } }
  }

  /// Writes an episode, or leaves it out when it is broken; on disk when it returns.
  ///
  /// - Returns: whether it was written.
  /// - Throws: `DatasetError`; `SimulationError` when a camera was not drawn.
  @discardableResult
  public func add(_ episode: SimulatedEpisode) throws -> Bool {
    if case .broken = episode.ending {
      skippedCount += 1
      return false
    }
    do {
      for (i, step) in episode.steps.enumerated() {
        try writer.add(frame(step, isLast: i == episode.steps.count - 1, of: episode))
      }
    } catch {
      writer.discardEpisode()
      throw error
    }
    try writer.endEpisode(
      task: episode.instruction, type: episode.type, success: episode.isSuccess,
      source: episode.source.rawValue,
      extras: ["actor": episode.actor, "seed": String(episode.seed)])
    return true
  }

  private func frame(
    _ step: SimulatedEpisode.Step, isLast: Bool, of episode: SimulatedEpisode
  ) throws -> NameDictionary<FrameValue> {
    let succeeds = isLast && episode.isSuccess
    var values: NameDictionary<FrameValue> = [
      "observation.state": .floats(step.state), "action": .floats(step.action),
      "next.reward": .number(succeeds ? 1 : 0), "next.success": .flag(succeeds),
      "next.done": .flag(isLast),
      "complementary_info.is_intervention": .number(step.isIntervention ? 1 : 0),
    ]
    for camera in cameras {
      guard let image = step.images[camera.key] else {
        throw SimulationError(
          "'\(camera.key)' was not drawn in episode \(episode.index): "
            + "recording it wants a rollout with pictures of all frames")
      }
      values[camera.key] = .pixels(image.rgb)
    }
    return values
  }

  /// Ends the recording, as `DatasetWriter.finish`.
  public func finish() throws { try writer.finish() }
}
