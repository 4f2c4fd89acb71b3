import Foundation
import Platform

/// Where the files of a dataset in the making go, and how an episode becomes part of it.
protocol RecordingLayout: AnyObject {
  /// The Parquet file of the next episode, a path.
  var dataPath: String { get }
  /// A video file of the next episode, a path.
  func videoPath(_ camera: String) -> String
  /// Names the next episode in the metadata. Its videos have their names by then; its rows are
  /// complete under the temporary name of `dataPath`, and get their name here.
  func commit(_ recording: Recording) throws
  /// Ends the recording; returns what was not done that might have been.
  func finish() throws -> String?
}

/// An episode that is complete on disk but for its name in the metadata.
struct Recording {
  let record: EpisodeRecord
  /// The number, counted over all episodes, of its first row.
  let firstRow: Int
  let cameras: [String]
  let fps: Double
  let tasks: TextTable
  let info: JSON
  /// Gives the rows their name.
  let publishRows: () throws -> Void
}

/// v2.1: one file an episode, metadata as JSON lines.
///
/// LeRobot 0.3 reads every Parquet file there is and compares them with the lines, so both appear
/// one rename after the other.
final class LineLayout: RecordingLayout {
  private let folder: String
  private let chunkSize: Int
  private let dataTemplate: PathTemplate
  private let videoTemplate: PathTemplate
  private var next: Int
  private let episodes: AppendedLines
  private let statistics: AppendedLines
  private var tasks: TextTable

  /// Goes on after `next` episodes.
  init(_ folder: String, _ info: DatasetInfo, next: Int, tasks: TextTable) {
    self.folder = folder
    chunkSize = info.chunkSize
    (dataTemplate, videoTemplate) = (info.dataPath, info.videoPath)
    self.next = next
    self.tasks = tasks
    episodes = AppendedLines("\(folder)/meta/episodes.jsonl")
    statistics = AppendedLines("\(folder)/meta/episodes_stats.jsonl")
    // Rows of an episode that was about to be named when its recorder died.
    unlink(dataPath)
  }

  var dataPath: String {
    "\(folder)/\(dataTemplate.path(episode: next, chunk: next / chunkSize)!)"
  }

  func videoPath(_ camera: String) -> String {
    "\(folder)/\(videoTemplate.path(episode: next, chunk: next / chunkSize, camera: camera)!)"
  }

  func commit(_ recording: Recording) throws {
    let record = recording.record
    if recording.tasks != tasks {
      try recording.tasks.write(folder, .v21)
      tasks = recording.tasks
    }
    let info = try AtomicFile.stage(
      "\(folder)/meta/info.json", bytes: recording.info.text(indent: 4).utf8)
    try statistics.stage(record.statisticsLine)
    try episodes.stage(record.line)
    // From here on files are renamed, for which there is room on a full disk too.
    try statistics.publish()
    // A recorder that dies between these two leaves rows that the next one removes.
    try recording.publishRows()
    try episodes.publish()
    try info.rename()
    try AtomicFile.synchronize(parentFolder(of: dataPath))
    try AtomicFile.synchronize("\(folder)/meta")
    next += 1
  }

  func finish() -> String? {
    episodes.finish()
    statistics.finish()
    return nil
  }
}

/// v3.0: while recording, one file an episode too; `DatasetConsolidation` joins them at the end.
final class TableLayout: RecordingLayout {
  private let folder: String
  private let info: DatasetInfo
  private let columns: EpisodeTableColumns
  private var statistics: AggregatedStatistics
  private var dataNumber: Int
  private var videoNumbers: NameDictionary<Int>
  private var tableNumber: Int
  private var tasks: TextTable

  /// Goes on with files of these running numbers.
  init(
    _ folder: String, _ info: DatasetInfo, columns: EpisodeTableColumns,
    statistics: AggregatedStatistics, dataNumber: Int, videoNumbers: NameDictionary<Int>,
    tableNumber: Int, tasks: TextTable
  ) {
    self.folder = folder
    self.info = info
    self.columns = columns
    self.statistics = statistics
    self.dataNumber = dataNumber
    self.videoNumbers = videoNumbers
    self.tableNumber = tableNumber
    self.tasks = tasks
  }

  private func file(_ number: Int) -> FileNumber { FileNumber(number, chunkSize: info.chunkSize) }

  var dataPath: String {
    let file = file(dataNumber)
    return "\(folder)/\(info.dataPath.path(chunk: Int(file.chunk), file: Int(file.file))!)"
  }

  func videoPath(_ camera: String) -> String {
    let file = file(videoNumbers[camera] ?? 0)
    let path = info.videoPath.path(
      chunk: Int(file.chunk), file: Int(file.file), camera: camera)
    return "\(folder)/\(path!)"
  }

  func commit(_ recording: Recording) throws {
    let record = recording.record
    if recording.tasks != tasks {
      try recording.tasks.write(folder, .v30)
      tasks = recording.tasks
    }
    let place = EpisodePlace(
      data: file(dataNumber), firstRow: recording.firstRow,
      videos: recording.cameras.map { camera in
        (
          camera,
          EpisodePlace.VideoPlace(
            file: file(videoNumbers[camera] ?? 0), start: 0,
            end: Double(record.length) / recording.fps)
        )
      })
    let table = file(tableNumber)
    let tableWriter = ParquetWriter("\(folder)/meta/episodes/\(table.path).parquet")
    try tableWriter.write(columns.columns([(record, place)], file: table))
    try tableWriter.close()
    var sum = statistics
    sum.add(record.statistics)
    let metadata = try [("stats", sum.json), ("info", recording.info)].map { name, json in
      try AtomicFile.stage("\(folder)/meta/\(name).json", bytes: json.text(indent: 4).utf8)
    }
    // From here on files are renamed, for which there is room on a full disk too.
    try recording.publishRows()
    try tableWriter.publish()
    for file in metadata { try file.rename() }
    for folder in [dataPath, tableWriter.path, metadata[0].path].map(parentFolder(of:)) {
      try AtomicFile.synchronize(folder)
    }
    statistics = sum
    dataNumber += 1
    tableNumber += 1
    for camera in recording.cameras { videoNumbers[camera, default: 0] += 1 }
  }

  func finish() throws -> String? {
    guard tableNumber > 0 else { return nil }
    let remark = try DatasetConsolidation(folder).run()
    try Dataset(folder: folder).completeQuantiles()
    return remark
  }
}

extension EpisodeRecord {
  /// The line of meta/episodes.jsonl.
  var line: JSON {
    var line: JSONObject = [
      "episode_index": .integer(index), "tasks": .array(tasks.map(JSON.string)),
      "length": .integer(length),
    ]
    for (key, value) in extras { line[key] = value }
    return .object(line)
  }

  /// The line of meta/episodes_stats.jsonl.
  var statisticsLine: JSON {
    .object(["episode_index": .integer(index), "stats": .object(statistics)])
  }
}
