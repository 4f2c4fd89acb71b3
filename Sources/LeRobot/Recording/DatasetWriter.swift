import Foundation
public import Platform

/// Records a dataset frame by frame, in a form that LeRobot loads as its own.
///
/// ```swift
/// let writer = try DatasetWriter(
///   folder: "pick", version: .v30, fps: 30, robotType: "so101",
///   features: [
///     .vector("observation.state", names: joints), .vector("action", names: joints),
///     .video("observation.images.front", width: 640, height: 480),
///   ])
/// for _ in 0..<10 {
///   while !robot.isDone {
///     try writer.add([
///       "observation.state": .floats(robot.state), "action": .floats(action),
///       "observation.images.front": .pixels(camera.rgb),
///     ])
///   }
///   try writer.endEpisode(task: "Pick the cube", type: .demo, success: true)
/// }
/// try writer.finish()
/// ```
///
/// An episode is on disk, and named in the metadata, when `endEpisode` returns: whatever happens
/// afterwards, a `kill -9` or a full disk, it can be read, here and by LeRobot. Frames are encoded
/// on threads of their own while others are added.
public final class DatasetWriter {
  public let folder: String
  public let version: DatasetVersion
  /// Frames a second.
  public let fps: Double
  /// What is recorded, in the order of meta/info.json.
  public let features: [RecordedFeature]
  /// Episodes so far, those that were there before included.
  public private(set) var episodeCount: Int
  /// Frames so far, those of the episode at hand left out.
  public private(set) var frameCount: Int
  /// Frames of the episode at hand.
  public private(set) var pendingFrameCount = 0
  /// What was done otherwise than asked, each once.
  public private(set) var remarks: [String] = []

  private let encoding: VideoEncoding
  private let episodeKeys: [String]
  private let layout: any RecordingLayout
  private var info: JSONObject
  private var tasks: TextTable
  private var episode: RecordedEpisode?
  private var isFinished = false
  private var lock: FolderLock?

  /// Begins a dataset in a folder that is empty or not there.
  ///
  /// - Parameters:
  ///   - features: the columns and cameras; timestamps, indices and the task are added.
  ///   - encoding: how videos are compressed.
  ///   - episodeKeys: keys that episodes may be given in `endEpisode(extras:)`.
  /// - Throws: `DatasetError` that names all that is wrong with the features, or the folder.
  public convenience init(
    folder: String, version: DatasetVersion = .v30, fps: Double, robotType: String? = nil,
    features: [RecordedFeature], encoding: VideoEncoding = VideoEncoding(),
    episodeKeys: [String] = []
  ) throws {
    try DatasetWriter.check(folder, features, fps: fps)
    let lock = try FolderLock(folder)
    if names(in: folder) != [FolderLock.name] {
      throw DatasetError(
        folder,
        "is not empty: a new dataset wants an empty folder, DatasetWriter(appendingTo:) adds")
    }
    try makeFolder("\(folder)/meta")
    let json = InfoFile.new(version, fps: fps, robotType: robotType, features: features)
    let path = "\(folder)/meta/info.json"
    try AtomicFile.write(path, bytes: Array(JSON.object(json).text(indent: 4).utf8))
    try self.init(
      RecordingStart(
        folder: folder, info: DatasetInfo(path: path), features: features, encoding: encoding,
        episodeKeys: episodeKeys), lock)
  }

  /// Goes on with a dataset of v2.1 or v3.0, whoever wrote it; its features are kept.
  ///
  /// - Throws: `DatasetError` that names the file and what is wrong.
  public convenience init(
    appendingTo folder: String, encoding: VideoEncoding = VideoEncoding(),
    episodeKeys: [String] = []
  ) throws {
    guard folderExists(folder) else {
      throw DatasetError(folder, "is not there; wanted a dataset to add to")
    }
    let lock = try FolderLock(folder)
    try self.init(
      RecordingStart(resuming: folder, encoding: encoding, episodeKeys: episodeKeys), lock)
  }

  private init(_ start: RecordingStart, _ lock: FolderLock) throws {
    self.lock = lock
    if let remark = lock.remark { remarks.append(remark) }
    folder = start.folder
    version = start.version
    fps = start.info.fps
    features = start.features
    encoding = start.encoding
    episodeKeys = start.episodeKeys
    episodeCount = start.episodeCount
    frameCount = start.frameCount
    info = start.info.json.object!
    tasks = start.tasks
    layout = try start.layout()
  }

  deinit { episode?.cancel() }

  private static func check(_ folder: String, _ features: [RecordedFeature], fps: Double) throws {
    var problems = features.compactMap(\.problem)
    let keys = features.map(\.key)
    for (i, key) in keys.enumerated() where keys[..<i].contains(where: key.isSameName) {
      problems.append("'\(key)' is there twice")
    }
    if !fps.isFinite || fps <= 0 { problems.append("fps is \(fps), a positive number is wanted") }
    if !problems.isEmpty { throw DatasetError(folder, problems.joined(separator: "; ")) }
  }

  // MARK: Recording

  /// Adds a frame to the episode at hand.
  ///
  /// - Parameters:
  ///   - values: a value of every feature by its key.
  ///   - task: what is being done in this frame; nil for the task of the episode.
  /// - Throws: `DatasetError` that names all that is wrong with the values, in which case the frame
  ///   is not added; or what a video encoder has to say.
  public func add(_ values: NameDictionary<FrameValue>, task: String? = nil) throws {
    guard !isFinished else { fatalError("\(folder) is finished and takes no more frames") }
    if episode == nil {
      episode = RecordedEpisode(
        features, fps: fps, encoding: encoding, videoPath: layout.videoPath)
    }
    try episode!.add(values, task: task, folder: folder)
    pendingFrameCount += 1
  }

  /// Completes the episode at hand.
  ///
  /// - Parameters:
  ///   - task: the task of the frames that came without one.
  ///   - type: how the episode came about; nil to leave it open.
  ///   - success: whether it succeeded; nil to leave it open.
  ///   - source: who acted: "human" or the name of a policy.
  ///   - extras: more texts, under `episodeKeys`.
  /// - Throws: `DatasetError`; the episode is discarded then, those before it are not touched.
  public func endEpisode(
    task: String = "", type: EpisodeType? = nil, success: Bool? = nil, source: String? = nil,
    extras: [String: String] = [:]
  ) throws {
    guard let episode, episode.frameCount > 0 else {
      throw DatasetError(folder, "an episode without frames cannot be written")
    }
    defer {
      self.episode = nil
      pendingFrameCount = 0
    }
    for key in extras.keys where !episodeKeys.contains(key) {
      fatalError("'\(key)' is not among the episodeKeys of the writer of \(folder)")
    }
    var record = EpisodeRecord(index: episodeCount, length: episode.frameCount, tasks: [])
    record.extras["episode_type"] = type.map { .string($0.rawValue) }
    record.extras["episode_success"] = success.map { .string($0 ? "success" : "failure") }
    record.extras["source"] = source.map(JSON.string)
    for key in episodeKeys { record.extras[key] = extras[key].map(JSON.string) }
    do {
      try write(episode, record, task: task)
    } catch {
      episode.cancel()
      for camera in features where camera.dtype == "video" {
        unlink(layout.videoPath(camera.key))
      }
      throw error
    }
  }

  /// Forgets the frames of the episode at hand.
  public func discardEpisode() {
    episode?.cancel()
    episode = nil
    pendingFrameCount = 0
  }

  private func write(_ episode: RecordedEpisode, _ started: EpisodeRecord, task: String) throws {
    var record = started
    var tasks = tasks
    let taskIndices = episode.tasks.map { tasks.index(of: $0 ?? task) }
    record.tasks = Set(taskIndices).sorted().map { tasks.texts[$0] }
    let finished = try episode.finish()
    for remark in finished.remarks where !remarks.contains(remark) { remarks.append(remark) }

    let length = record.length
    let standard: NameDictionary<[Double]> = [
      "timestamp": (0..<length).map { Double($0) / fps },
      "frame_index": (0..<length).map(Double.init),
      "episode_index": Array(repeating: Double(record.index), count: length),
      "index": (0..<length).map { Double(frameCount + $0) },
      "task_index": taskIndices.map(Double.init),
    ]
    var columns: [(feature: RecordedFeature, values: RecordedColumn)] = []
    for feature in features {
      if let column = finished.columns[feature.key] { columns.append((feature, column)) }
      record.statistics[feature.key] =
        finished.columns[feature.key]?.statistics(feature, version)
        ?? finished.cameras[feature.key]?.cameraJSON(version)
    }
    for feature in InfoFile.standardFeatures(info) {
      let column = RecordedColumn.numbers(standard[feature.key]!)
      columns.append((feature, column))
      record.statistics[feature.key] = column.statistics(feature, version)
    }

    var info = info
    InfoFile.describe(&info, videos: finished.videos, encoding: encoding, version: version)
    InfoFile.count(
      &info, episodes: episodeCount + 1, frames: frameCount + length, tasks: tasks.texts.count,
      version: version)

    let writer = try rowWriter(columns, length: length)
    try layout.commit(
      Recording(
        record: record, firstRow: frameCount,
        cameras: features.filter { $0.dtype == "video" }.map(\.key), fps: fps, tasks: tasks,
        info: .object(info), publishRows: writer.publish))
    self.info = info
    self.tasks = tasks
    episodeCount += 1
    frameCount += length
  }

  /// The rows of an episode, one group, complete but for their name.
  private func rowWriter(
    _ columns: [(feature: RecordedFeature, values: RecordedColumn)], length: Int
  ) throws -> ParquetWriter {
    func part(_ frames: Range<Int>) -> ParquetWriter.Columns {
      columns.map { ($0.feature.key, $0.values.parquet($0.feature, version, frames: frames)) }
    }
    let head = part(0..<0)
    let writer = ParquetWriter(
      layout.dataPath, metadata: HuggingFaceFeatures.metadata(of: head, features, version),
      fieldMetadata: HuggingFaceFeatures.fieldMetadata(of: head, features))
    // Arrow holds no more than 2 GiB of pictures in an array.
    var start = 0
    while start < length {
      var end = start
      var bytes = 0
      while end < length, end == start || bytes < 1 << 28 {
        bytes += columns.reduce(0) { $0 + $1.values.byteCount(end) }
        end += 1
      }
      try writer.write(part(start..<end), inNewGroup: start == 0)
      start = end
    }
    try writer.close()
    return writer
  }

  /// Ends the recording; of v3.0, joins the files of single episodes into files of the size that
  /// LeRobot writes, and writes the quantiles of all rows into meta/stats.json. An episode at hand is
  /// discarded.
  ///
  /// Without it the dataset is complete all the same, in small files and, of more than one episode,
  /// without quantiles over all.
  public func finish() throws {
    guard !isFinished else { return }
    discardEpisode()
    isFinished = true
    if let remark = try layout.finish() { remarks.append(remark) }
    lock = nil
  }
}
