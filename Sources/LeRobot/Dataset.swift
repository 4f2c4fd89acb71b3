import Foundation
import Synchronization

/// A LeRobot dataset (v2.0 or v2.1) in a folder: metadata in memory, rows and frames read on
/// demand.
public struct Dataset: Sendable {
  public let folder: String
  public let info: DatasetInfo
  /// The episodes in order of their index; of `chunkID` alone when that is set.
  public let episodes: [Episode]
  /// The task texts by task index.
  public let tasks: [Int: String]
  let chunkID: String?
  private let collected = Notes()

  /// Reads the metadata of a dataset.
  ///
  /// - Parameter chunkID: the name of the one chunk folder to read, "chunk-000" say; nil for all.
  /// - Throws: `DatasetError` that names the file, the key and what was wanted.
  public init(folder: String, chunkID: String? = nil) throws {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    self.folder = folder
    self.chunkID = chunkID
    guard folderExists(folder) else { throw DatasetError(folder, "there is no such folder") }
    guard fileSize("\(folder)/meta/info.json") != nil else {
      throw DatasetError(folder, "is not a LeRobot dataset: it has no meta/info.json")
    }
    info = try DatasetInfo(path: "\(folder)/meta/info.json")
    tasks = try Dataset.readTasks("\(folder)/meta/tasks.jsonl")
    let all = try Dataset.readEpisodes("\(folder)/meta/episodes.jsonl")
    guard let chunkID else {
      episodes = all
      return
    }
    let files = DatasetFiles(folder: folder, info: info, chunkID: chunkID)
    guard staysInside(chunkID), folderExists("\(folder)/data/\(chunkID)") else {
      throw DatasetError(
        "\(folder)/data",
        "has no chunk '\(chunkID)' (dataset.chunk_id); its chunks are \(list(names(in: folder + "/data")))"
      )
    }
    episodes = all.filter { files.data($0.index) != nil }
    if episodes.isEmpty {
      throw DatasetError(
        "\(folder)/data/\(chunkID)", "holds none of the episodes of meta/episodes.jsonl")
    }
  }

  /// The keys of the cameras, sorted.
  public var cameras: [String] {
    info.features.filter(\.value.isCamera).keys.sorted()
  }

  /// What had to be assumed so far, each once, in the order of its finding.
  public var warnings: [String] { collected.all }

  func warn(_ text: String) { collected.add(text) }

  var files: DatasetFiles { DatasetFiles(folder: folder, info: info, chunkID: chunkID) }

  /// The Parquet file of an episode.
  public func dataFile(_ episode: Episode) throws -> String {
    guard let path = files.data(episode.index) else {
      throw DatasetError(
        files.expectedData(episode.index),
        "there is no such file (the rows of episode \(episode.index))")
    }
    return path
  }

  /// The video file of an episode and camera.
  public func videoFile(_ episode: Episode, camera: String) throws -> String {
    _ = try feature(ofCamera: camera)
    guard let path = files.video(episode.index, camera: camera) else {
      throw DatasetError(
        files.expectedVideo(episode.index, camera: camera),
        "there is no such file (camera '\(camera)' of episode \(episode.index))")
    }
    return path
  }

  /// The feature of a camera; an error lists the cameras there are.
  func feature(ofCamera camera: String) throws -> DatasetInfo.Feature {
    guard let feature = info.features[camera], feature.isCamera else {
      throw DatasetError(
        "\(folder)/meta/info.json",
        "has no camera '\(camera)'; its cameras are \(list(cameras))")
    }
    return feature
  }

  /// Checks that every file of these episodes and cameras is there, before hours are spent.
  ///
  /// - Throws: a `DatasetError` on the first that is missing.
  public func verifyFiles(of episodes: [Episode], cameras: [String]) throws {
    let videos = try cameras.filter { try feature(ofCamera: $0).dtype == "video" }
    for episode in episodes {
      _ = try dataFile(episode)
      for camera in videos { _ = try videoFile(episode, camera: camera) }
    }
  }

  private static func readTasks(_ path: String) throws -> [Int: String] {
    guard fileSize(path) != nil else { return [:] }
    var tasks: [Int: String] = [:]
    try JSON.lines(of: path) { json, place in
      guard let index = json["task_index"]?.int, let task = json["task"]?.string else {
        throw DatasetError(
          place, "keys 'task_index' (a whole number) and 'task' (a text) are wanted")
      }
      tasks[index] = task
    }
    return tasks
  }

  private static func readEpisodes(_ path: String) throws -> [Episode] {
    guard fileSize(path) != nil else { throw DatasetError(path, "there is no such file") }
    var episodes: [Episode] = []
    var places: [Int: String] = [:]
    try JSON.lines(of: path) { json, place in
      let episode = try Episode(json, place: place)
      if let first = places.updateValue(place, forKey: episode.index) {
        throw DatasetError(place, "episode_index \(episode.index) was at \(first) already")
      }
      episodes.append(episode)
    }
    if episodes.isEmpty { throw DatasetError(path, "has no episodes") }
    return episodes.sorted { $0.index < $1.index }
  }
}

/// Remarks shared by the copies of a dataset, each kept once.
private final class Notes: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func add(_ text: String) {
    texts.withLock { if !$0.contains(text) { $0.append(text) } }
  }
}
