import Foundation
import Synchronization

/// A LeRobot dataset (v2.0, v2.1 or v3.0) in a folder: metadata in memory, rows and frames read on
/// demand.
public struct Dataset: Sendable {
  public let folder: String
  public let info: DatasetInfo
  /// The episodes in order of their index; of `chunkID` alone when that is set.
  public let episodes: [Episode]
  /// The task texts by task index; in v3.0 by their position in meta/tasks.parquet, as LeRobot
  /// looks them up.
  public let tasks: [Int: String]
  let chunkID: String?
  /// Where episodes lie in shared files, for v3.0.
  let table: EpisodeTable?
  /// The frames of the episodes before each, and of all.
  private let frameOffsets: [Int]
  private let collected = Notes()
  let opened = OpenedFile()
  let known = KnownFrames()

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
    let episodeCount: Int
    tasks = try Dataset.readTasks(folder)
    let files = DatasetFiles(folder: folder, info: info, chunkID: chunkID)
    if let chunkID {
      guard staysInside(chunkID), folderExists("\(folder)/data/\(chunkID)") else {
        throw DatasetError(
          "\(folder)/data",
          "has no chunk '\(chunkID)' (dataset.chunk_id); its chunks are \(list(names(in: folder + "/data")))"
        )
      }
    }
    if info.sharesFiles {
      let cameras = info.features.filter { $0.value.dtype == "video" }.keys.sorted()
      var table = try EpisodeTable(folder: folder, cameras: cameras)
      episodeCount = table.episodes.count
      let strays = EpisodeTable.strays(folder)
      if !strays.isEmpty {
        collected.add(
          "meta/episodes: \(list(strays)) is not read, as LeRobot reads its folders alone")
      }
      if chunkID != nil {
        table = table.filter { files.isInChunk(files.expectedData(table.dataFile($0))) }
      }
      self.table = table
      episodes = table.episodes
    } else {
      table = nil
      let all = try Dataset.readEpisodes("\(folder)/meta/episodes.jsonl")
      episodeCount = all.count
      episodes = chunkID == nil ? all : all.filter { files.data($0.index) != nil }
    }
    if let chunkID {
      guard !episodes.isEmpty else {
        throw DatasetError(
          "\(folder)/data/\(chunkID)", "holds none of the episodes of meta/episodes")
      }
      if episodes.count < episodeCount {
        collected.add(
          "dataset.chunk_id is \(chunkID): \(episodes.count) of \(episodeCount) episodes are read; "
            + "null reads all")
      }
    }
    frameOffsets = try episodes.reduce(into: [0]) { offsets, episode in
      let (sum, overflow) = offsets.last!.addingReportingOverflow(episode.length)
      guard !overflow else {
        throw DatasetError(
          "\(folder)/meta",
          "episode \(episode.index) has length \(episode.length): more than can be")
      }
      offsets.append(sum)
    }
  }

  /// The keys of the cameras, sorted.
  public var cameras: [String] {
    info.features.filter(\.value.hasPictures).keys.sorted()
  }

  /// The frames of all episodes.
  public var frameCount: Int { frameOffsets.last! }

  /// The position in `episodes`, and the frame in that episode, of a frame counted over all
  /// episodes.
  public func position(ofFrame index: Int) -> (episode: Int, frame: Int) {
    guard (0..<frameCount).contains(index) else {
      fatalError("frame \(index) is not one of the \(frameCount) of \(folder)")
    }
    var low = 0, high = episodes.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if frameOffsets[middle] <= index { low = middle } else { high = middle }
    }
    return (low, index - frameOffsets[low])
  }

  /// The number, counted over all episodes, of the first frame of the episode at a position.
  public func firstFrame(ofEpisodeAt position: Int) -> Int { frameOffsets[position] }

  /// The position in `episodes` of the episode of an index; nil when there is none.
  public func position(ofEpisode index: Int) -> Int? {
    var low = 0, high = episodes.count
    while low < high {
      let middle = (low + high) / 2
      if episodes[middle].index < index { low = middle + 1 } else { high = middle }
    }
    return low < episodes.count && episodes[low].index == index ? low : nil
  }

  /// What had to be assumed so far, each once, in the order of its finding.
  public var warnings: [String] { collected.all }

  func warn(_ text: String) { collected.add(text) }

  var files: DatasetFiles { DatasetFiles(folder: folder, info: info, chunkID: chunkID) }

  // MARK: Where episodes lie

  /// The rows of an episode: its Parquet file and which of that file's rows.
  ///
  /// - Throws: `DatasetError` when there is no such file.
  public func rows(of episode: Episode) throws -> RowRange {
    guard let table else {
      guard let path = files.data(episode.index) else {
        throw missing(files.expectedData(episode.index), "the rows of episode \(episode.index)")
      }
      return RowRange(path: path, rows: 0..<episode.length)
    }
    let position = known(episode)
    let file = table.dataFile(position)
    guard let path = files.data(file) else {
      throw missing(files.expectedData(file), "the rows of episode \(episode.index)")
    }
    let first = table.firstRow(position)
    return RowRange(path: path, rows: first..<first + episode.length)
  }

  /// The video of an episode and camera: its file, and where in it the episode begins.
  ///
  /// - Throws: `DatasetError` when there is no such camera or file.
  public func video(of episode: Episode, camera: String) throws -> VideoRange {
    _ = try feature(ofCamera: camera)
    let what = "camera '\(camera)' of episode \(episode.index)"
    guard let table else {
      guard let path = files.video(episode.index, camera: camera) else {
        throw missing(files.expectedVideo(episode.index, camera: camera), what)
      }
      return VideoRange(path: path, start: 0)
    }
    guard let place = table.video(known(episode), camera: camera) else {
      fatalError("\(folder)/meta/episodes has no place of '\(camera)', which opening refuses")
    }
    guard let path = files.video(place.file, camera: camera) else {
      throw missing(files.expectedVideo(place.file, camera: camera), what)
    }
    return VideoRange(path: path, start: place.start)
  }

  private func missing(_ path: String, _ what: String) -> DatasetError {
    DatasetError(path, "there is no such file (\(what))")
  }

  private func known(_ episode: Episode) -> Int {
    guard let position = position(ofEpisode: episode.index) else {
      fatalError("episode \(episode.index) is not one of \(folder)")
    }
    return position
  }

  /// The feature of a camera; an error lists the cameras there are.
  func feature(ofCamera camera: String) throws -> DatasetInfo.Feature {
    guard let feature = info.features[camera], feature.hasPictures else {
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
      _ = try rows(of: episode)
      for camera in videos { _ = try video(of: episode, camera: camera) }
    }
  }
}

/// Some rows of a Parquet file.
public struct RowRange: Sendable, Equatable {
  public let path: String
  public let rows: Range<Int>
}

/// Remarks shared by the copies of a dataset, each kept once.
private final class Notes: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func add(_ text: String) {
    texts.withLock { if !$0.contains(text) { $0.append(text) } }
  }
}

/// The Parquet file that was read last, kept open because episodes that follow one another share
/// it.
///
/// `@unchecked`: the file is used with `lock` held alone.
final class OpenedFile: @unchecked Sendable {
  private let lock = NSLock()
  private var file: ParquetFile?

  /// Calls `body` with the file at `path`, alone.
  func with<R>(_ path: String, _ body: (ParquetFile) throws -> R) throws -> R {
    lock.lock()
    defer { lock.unlock() }
    if file?.path != path {
      file = nil
      file = try ParquetFile(path)
    }
    do {
      return try body(file!)
    } catch {
      file = nil
      throw error
    }
  }
}
