import Foundation
import Platform

/// Makes a dataset of episodes of others: convert, merge, split, filter and relabel are lists of
/// episodes and a version.
///
/// Every column is kept, of whatever type (language in v3.0 alone), and so are pictures, statistics, labels, keys of the
/// metadata that are not LeRobot's, and other files. Videos are copied without encoding them anew.
/// The quantiles in meta/stats.json are exact, of all rows of the copy; of pictures they stay
/// estimates. Tables of texts in meta are joined, each text once, and the columns that index into
/// them follow. The sources are not touched.
///
/// ```swift
/// let dataset = try Dataset(folder: "demos")
/// let good = dataset.copies.filter { $0.episode.success == true }
/// try DatasetCopy(good).write(to: "good", version: .v30)
/// ```
public struct DatasetCopy: Sendable {
  public let episodes: [EpisodeCopy]
  /// Whether row i of an episode is given the time i / fps, whatever it had: LeRobot refuses times without a frame
  /// within 0.1 ms.
  public let rewritesTimes: Bool
  /// Cameras that the copy lacks.
  public let leftOut: [String]

  /// - Parameters:
  ///   - episodes: in the order of the copy, which numbers them from 0.
  ///   - cameras: cameras to leave out.
  public init(
    _ episodes: [EpisodeCopy], rewritesTimes: Bool = false, without cameras: [String] = []
  ) {
    self.episodes = episodes
    self.rewritesTimes = rewritesTimes
    leftOut = cameras
  }

  /// How far a copy has come.
  public struct Progress: Sendable {
    public let episodes: Int
    public let episodeCount: Int
  }

  /// Writes the copy to a folder that is empty or not there; it appears there when it is complete.
  ///
  /// - Parameters:
  ///   - progress: called after every episode.
  ///   - checking: called with the rows checked so far and all of them, as by `DatasetCheck`.
  /// - Returns: what was assumed or left out, and what `DatasetCheck` finds wrong with the copy's metadata and
  ///   rows, each once.
  /// - Throws: `DatasetError`; nothing is left of the copy then.
  @discardableResult
  public func write(
    to folder: String, version: DatasetVersion, progress: (Progress) -> Void = { _ in },
    checking: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> [String] {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    guard !episodes.isEmpty else {
      throw DatasetError(folder, "would have no episodes: none was chosen")
    }
    try PartialFolder.check(folder)
    var seen = Set<ByteName>()
    let sources = episodes.map(\.dataset).filter { seen.insert($0.folder).inserted }
    try checkCameras(sources)
    try DatasetCompatibility.check(sources, without: leftOut)
    let beside = try PartialFolder(folder)
    try makeFolder("\(beside.temporary)/meta")
    let run = try CopyRun(self, sources, folder: beside.temporary, version)
    for (number, episode) in episodes.enumerated() {
      try Interruption.check()
      try run.copy(episode)
      progress(Progress(episodes: number + 1, episodeCount: episodes.count))
    }
    try run.finish()
    let findings = try findings(beside.temporary, named: folder, checking)
    try beside.publish()
    return [beside.remark].compactMap(\.self) + run.remarks + findings
  }

  /// Throws before anything is written where a camera to leave out is none, or where the video of one to copy
  /// is missing.
  private func checkCameras(_ sources: [Dataset]) throws {
    for dataset in sources {
      for camera in leftOut { _ = try dataset.feature(ofCamera: camera) }
      let kept = dataset.cameras.filter { !leftOut.contains(where: $0.isSameName) }
      for camera in kept where dataset.info.features[camera]!.dtype == "video" {
        for copy in episodes where copy.dataset.folder.isSameName(dataset.folder) {
          do {
            _ = try dataset.video(of: copy.episode, camera: camera)
          } catch let error as DatasetError {
            throw DatasetError(
              error.file, "\(error.problem); --without \(camera) copies the rows without the camera"
            )
          }
        }
      }
    }
  }

  /// What a check finds wrong with the copy, without decoding it: LeRobot would refuse it or read it otherwise.
  private func findings(
    _ copy: String, named folder: String, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws -> [String] {
    let check = DatasetCheck(folder: copy, isDecoding: false, progress: progress)
    let problems = check.problems.map { $0.description.replacing(copy, with: folder) }
    try Interruption.check()
    let shown = problems.prefix(3)
    return shown.map { "recap dataset check finds: \($0)" }
      + (problems.count > shown.count
        ? ["recap dataset check finds \(problems.count - shown.count) more problems in the copy"]
        : [])
  }
}

/// One copy being made.
private final class CopyRun {
  private(set) var remarks: [String] = []
  private let folder: String
  private let version: DatasetVersion
  private let sources: NameDictionary<CopySource>
  /// Whether the copy has all episodes of one dataset in their order, so that what is keyed by
  /// episode or frame stays true.
  private let isWhole: Bool
  private let rewritesTimes: Bool
  private let leftOut: [String]
  private let first: Dataset
  private let info: DatasetInfo
  private var json: JSONObject
  private let files: ExtraFiles
  private let tables: IndexedTables
  private var rows: RowCopy
  private var videos: [(camera: String, track: VideoTrack)] = []
  private let metadata: MetadataCopy
  private var tasks: TextTable
  private var episodeCount = 0
  private var frameCount = 0

  init(
    _ copy: DatasetCopy, _ sources: [Dataset], folder: String, _ version: DatasetVersion
  ) throws {
    let episodes = copy.episodes
    rewritesTimes = copy.rewritesTimes
    leftOut = copy.leftOut
    self.folder = folder
    self.version = version
    first = sources[0]
    isWhole =
      sources.count == 1 && episodes.map(\.episode) == first.episodes
      && first.episodes.last!.index == episodes.count - 1
    let keepsTasks = isWhole && episodes.allSatisfy { $0.task == nil }
    tasks =
      keepsTasks ? TextTable(first.tasks.sorted { $0.key < $1.key }.map(\.value)) : TextTable()
    var all: NameDictionary<CopySource> = [:]
    for dataset in sources {
      all[dataset.folder] = try CopySource(dataset, keepsTasks: keepsTasks)
    }
    self.sources = all
    json = first.info.json.object!
    InfoFile.remove(leftOut, &json)
    let hasVideos = first.info.features.contains { camera, feature in
      feature.dtype == "video" && !copy.leftOut.contains(where: camera.isSameName)
    }
    InfoFile.layout(&json, version: version, hasVideos: hasVideos)
    InfoFile.modernize(&json)
    remarks += try InfoFile.declareColumns(&json, of: first, firstEpisode: episodes[0].episode)
    remarks += try LanguageCopy.declare(&json, of: sources, version)
    let path = "\(folder)/meta/info.json"
    try AtomicFile.write(path, bytes: Array(JSON.object(json).text(indent: 4).utf8))
    info = try DatasetInfo(path: path)
    for camera in info.featureKeys where version == .v21 && info.features[camera]!.depth != nil {
      remarks.append(
        "camera '\(camera)' is a depth map: LeRobot reads v2.1 with versions that take it for a picture"
      )
    }
    rows = RowCopy(folder, version, info)
    for camera in info.featureKeys where info.features[camera]!.dtype == "video" {
      videos.append((camera, VideoTrack(folder, camera: camera, version, info)))
    }
    metadata = try MetadataCopy(folder, version, info)
    files = ExtraFiles(folder, sources)
    tables = try IndexedTables(sources, info)
    remarks += tables.remarks
  }

  func copy(_ copy: EpisodeCopy) throws {
    let source = sources[copy.dataset.folder]!
    let dataset = copy.dataset
    let episode = copy.episode
    var record = try source.records.record(of: episode)
    for camera in leftOut { record.statistics[camera] = nil }
    let old = record.index
    record.apply(copy)
    try record.withhold(copy)
    record.index = episodeCount

    let range = try dataset.rows(of: episode)
    let rowTasks = try source.tasks(of: episode, range, override: copy.task, into: &tasks)
    var numbering = RowCopy.Numbering(
      episode: episodeCount, firstRow: frameCount, tasks: rowTasks,
      indices: try source.indices(range, tables.indices[dataset.folder] ?? [:]),
      rewritesTimes: rewritesTimes)
    if rewritesTimes { numbering.language = try source.languageTimes(range, numbering) }
    let data = try rows.append(range, numbering, fps: info.fps)
    if copy.task != nil || record.tasks.isEmpty {
      record.tasks = Set(rowTasks).sorted().map { tasks.texts[$0] }
    }

    var place = EpisodePlace(data: data, firstRow: frameCount)
    for (camera, track) in videos {
      let video = try dataset.video(of: episode, camera: camera)
      let found = try track.append(
        video, of: episode, in: dataset, isAlone: !dataset.info.sharesFiles, number: episodeCount,
        rewritesTimes: rewritesTimes)
      if let found { place.videos.append((camera, found)) }
    }
    try source.completeStatistics(
      &record, episode, numbering, wasEpisode: old, features: info.features, info.featureKeys,
      version)
    try metadata.append(record, place)
    files.number(dataset, episode.index, as: episodeCount)
    episodeCount += 1
    frameCount += episode.length
    for remark in dataset.warnings where !remarks.contains(remark) { remarks.append(remark) }
  }

  func finish() throws {
    try rows.finish()
    remarks += rows.filled.sorted().map {
      "column '\($0)' has nulls, which LeRobot cannot load: they are NaN, 0, false or \"\" in the copy"
    }
    for (_, track) in videos { try track.finish() }
    try tasks.write(folder, version)
    try metadata.finish(statistics: isWhole ? try wholeStatistics() : nil)
    try Dataset(folder: folder).completeQuantiles()
    try tables.write(folder)
    remarks += try files.copy(isWhole: isWhole, tables)
    let splits = json["splits"]
    InfoFile.count(
      &json, episodes: episodeCount, frames: frameCount, tasks: tasks.texts.count, version: version)
    if isWhole, splits?.object?.isEmpty == false { json["splits"] = splits }
    try AtomicFile.write(
      "\(folder)/meta/info.json", bytes: Array(JSON.object(json).text(indent: 4).utf8))
  }

  /// meta/stats.json where it is of these rows.
  private func wholeStatistics() throws -> JSON? {
    let path = "\(first.folder)/meta/stats.json"
    guard fileSize(path) != nil else { return nil }
    guard var statistics = try JSON(path: path).object else { return nil }
    for camera in leftOut { statistics[camera] = nil }
    let isOfTheseRows = info.features.contains { key, feature in
      !feature.isCamera
        && FeatureStatistics(statistics[key] ?? .null, source: path)?.count == frameCount
    }
    return isOfTheseRows ? .object(statistics) : nil
  }
}
