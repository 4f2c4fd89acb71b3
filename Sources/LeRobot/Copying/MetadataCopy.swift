import Foundation
import Platform

/// The metadata of a copy's episodes: written line by line, of v3.0 into a file beside until the
/// columns are known.
final class MetadataCopy {
  private let folder: String
  private let version: DatasetVersion
  private let info: DatasetInfo
  private let episodes: LineWriter
  private let statistics: LineWriter
  private var columns = EpisodeTableColumns()
  private var places: [EpisodePlace] = []
  private var sum: AggregatedStatistics

  init(_ folder: String, _ version: DatasetVersion, _ info: DatasetInfo) throws {
    self.folder = folder
    self.version = version
    self.info = info
    sum = AggregatedStatistics(info)
    let prefix = version == .v21 ? "" : "."
    episodes = try LineWriter("\(folder)/meta/\(prefix)episodes.jsonl")
    statistics = try LineWriter("\(folder)/meta/\(prefix)episodes_stats.jsonl")
  }

  func append(_ record: EpisodeRecord, _ place: EpisodePlace) throws {
    try episodes.write(record.line)
    try statistics.write(record.statisticsLine)
    guard version == .v30 else { return }
    columns.add(record)
    places.append(place)
    sum.add(record.statistics)
  }

  /// - Parameter known: meta/stats.json where it need not be computed.
  func finish(statistics known: JSON?) throws {
    try episodes.finish()
    try statistics.finish()
    if let known = known ?? (version == .v30 ? sum.json : nil) {
      try AtomicFile.write("\(folder)/meta/stats.json", bytes: Array(known.text(indent: 4).utf8))
    }
    guard version == .v30 else { return }
    var writer = EpisodeTableWriter(
      "\(folder)/meta/episodes", columns: columns, chunkSize: info.chunkSize,
      fileBytes: info.dataFileBytes)
    let lines = try JSONLineFile(episodes.path, key: "episode_index")
    let statisticsLines = try JSONLineFile(statistics.path, key: "episode_index")
    for (number, place) in places.enumerated() {
      let line = try lines.line(number)!.object!
      var record = EpisodeRecord(
        index: number, length: line["length"]!.int!, tasks: line["tasks"]!.array!.map { $0.string! }
      )
      let own = ["episode_index", "tasks", "length"]
      record.extras = JSONObject(line.filter { !own.contains($0.key) })
      record.statistics = try statisticsLines.line(number)!["stats"]!.object!
      try writer.write(record, at: place)
    }
    try writer.finish()
    unlink(episodes.path)
    unlink(statistics.path)
  }
}

/// A file of JSON lines written at one go.
private final class LineWriter {
  let path: String
  private var file: UnsafeMutablePointer<FILE>?

  init(_ path: String) throws {
    self.path = path
    file = fopen(path, "wb")
    if file == nil { throw failure() }
  }

  deinit { if let file { fclose(file) } }

  func write(_ line: JSON) throws {
    let bytes = Array((line.text() + "\n").utf8)
    guard fwrite(bytes, 1, bytes.count, file!) == bytes.count else { throw failure() }
  }

  func finish() throws {
    guard fflush(file!) == 0, fsync(fileno(file!)) == 0 else { throw failure() }
    fclose(file!)
    file = nil
  }

  private func failure() -> DatasetError {
    DatasetError(path, "cannot be written: \(String(cString: strerror(errno)))")
  }
}
