import Foundation
import Platform

/// What recording begins or goes on with.
struct RecordingStart {
  let folder: String
  let info: DatasetInfo
  let features: [RecordedFeature]
  let encoding: VideoEncoding
  let episodeKeys: [String]
  let version: DatasetVersion
  var episodeCount = 0
  var frameCount = 0
  var tasks = TextTable()
  private var dataset: Dataset?

  init(
    folder: String, info: DatasetInfo, features: [RecordedFeature], encoding: VideoEncoding,
    episodeKeys: [String]
  ) {
    self.folder = folder
    self.info = info
    self.features = features
    self.encoding = encoding
    self.episodeKeys = episodeKeys
    version = info.sharesFiles ? .v30 : .v21
  }

  /// Goes on with a dataset.
  init(resuming folder: String, encoding: VideoEncoding, episodeKeys: [String]) throws {
    let path = "\(folder)/meta/info.json"
    let info = try DatasetInfo(path: path)
    guard info.sharesFiles || info.version.hasSuffix("2.1") else {
      throw DatasetError(
        path, "codebase_version is \(info.version): convert the dataset to v2.1 or v3.0 first")
    }
    let features = info.featureKeys.compactMap { key in
      RecordedFeature.standard.contains { $0.key == key }
        ? nil : RecordedFeature(key, info.features[key]!)
    }
    let problems = features.compactMap(\.problem)
    if !problems.isEmpty {
      throw DatasetError(path, "cannot be added to: " + problems.joined(separator: "; "))
    }
    for template in [info.dataPath, info.videoPath]
    where template.path(chunk: 0, camera: "camera") == nil {
      throw DatasetError(path, "has the path '\(template.text)', which cannot be followed")
    }
    self.init(
      folder: folder, info: info, features: features, encoding: encoding, episodeKeys: episodeKeys)
    // The counts of info.json are behind where a recorder died after naming an episode.
    let isEmpty =
      info.sharesFiles
      ? EpisodeTable.paths(folder).isEmpty : (fileSize("\(folder)/meta/episodes.jsonl") ?? 0) == 0
    if isEmpty { return }
    let dataset = try Dataset(folder: folder)
    self.dataset = dataset
    guard dataset.episodes.last!.index == dataset.episodes.count - 1 else {
      throw DatasetError(
        folder, "cannot be added to: its episodes are not numbered without gaps; convert it first")
    }
    guard dataset.tasks.keys.max() ?? -1 == dataset.tasks.count - 1 else {
      throw DatasetError(
        folder, "cannot be added to: its tasks are not numbered without gaps; convert it first")
    }
    episodeCount = dataset.episodes.count
    frameCount = dataset.frameCount
    tasks = TextTable((0..<dataset.tasks.count).map { dataset.tasks[$0]! })
  }

  func layout() throws -> any RecordingLayout {
    switch version {
    case .v21:
      LineLayout(folder, info, next: episodeCount, tasks: tasks)
    case .v30: try tableLayout()
    }
  }

  private func tableLayout() throws -> TableLayout {
    let texts = ["episode_type", "episode_success", "source"] + episodeKeys
    var columns = EpisodeTableColumns(texts: texts)
    columns.add(template)
    guard let dataset else {
      return TableLayout(
        folder, info, columns: columns, statistics: AggregatedStatistics(info), dataNumber: 0,
        videoNumbers: [:], tableNumber: 0, tasks: tasks)
    }
    var numbers = FileNumbers()
    let records = try EpisodeRecordReader(dataset)
    for episode in dataset.episodes {
      columns.add(try records.record(of: episode))
      numbers.add(dataset.place(of: episode)!, chunkSize: info.chunkSize)
    }
    let tables = "\(folder)/meta/episodes"
    var tableNumber =
      EpisodeTable.paths(folder).compactMap(FileNumber.init(path:))
      .map { $0.number(chunkSize: info.chunkSize) + 1 }.max() ?? 0
    let names = Set(columns.names.map { ByteName($0) })
    let isComplete = try EpisodeTable.paths(folder).allSatisfy {
      names.isSubset(of: try ParquetFile($0).columnNames.map { ByteName($0) })
    }
    if !isComplete {
      // All files of meta/episodes must have the same columns: written anew with those to come.
      let fresh = "\(folder)/meta/.episodes.partial"
      try? FileManager.default.removeItem(atPath: fresh)
      var writer = EpisodeTableWriter(
        fresh, columns: columns, chunkSize: info.chunkSize, fileBytes: info.dataFileBytes)
      for episode in dataset.episodes {
        try writer.write(records.record(of: episode), at: dataset.place(of: episode)!)
      }
      try writer.finish()
      tableNumber = writer.fileCount
      guard try AtomicFile.exchange(fresh, tables) else {
        throw DatasetError(
          tables, "lacks columns that recording adds, and cannot be exchanged on this file system")
      }
      try FileManager.default.removeItem(atPath: fresh)
    }
    let statistics = "\(folder)/meta/stats.json"
    return TableLayout(
      folder, info, columns: columns,
      statistics: fileSize(statistics) == nil
        ? AggregatedStatistics(info) : AggregatedStatistics(info, try JSON(path: statistics)),
      dataNumber: numbers.data, videoNumbers: numbers.videos, tableNumber: tableNumber,
      tasks: tasks)
  }

  /// A record with the statistics that every episode will have.
  private var template: EpisodeRecord {
    var record = EpisodeRecord(index: 0, length: 1, tasks: [])
    for feature in features + InfoFile.standardFeatures(info.json.object!) {
      if feature.isCamera {
        var statistics = ImageStatistics()
        statistics.add([0, 0, 0], width: 1, height: 1)
        record.statistics[feature.key] = statistics.statistics!.cameraJSON(.v30)
      } else if feature.dtype != "string" {
        record.statistics[feature.key] = RecordedColumn.numbers(
          Array(repeating: 0, count: feature.width)
        ).statistics(feature, .v30)
      }
    }
    return record
  }
}

/// The running numbers of the next files.
private struct FileNumbers {
  var data = 0
  var videos: NameDictionary<Int> = [:]

  mutating func add(_ place: EpisodePlace, chunkSize: Int) {
    data = max(data, place.data.number(chunkSize: chunkSize) + 1)
    for (camera, place) in place.videos {
      videos[camera] = max(videos[camera] ?? 0, place.file.number(chunkSize: chunkSize) + 1)
    }
  }
}

extension RecordedFeature {
  /// As info.json declares it.
  fileprivate init(_ key: String, _ feature: DatasetInfo.Feature) {
    self.init(key, dtype: feature.dtype, shape: feature.shape, names: feature.names)
  }
}
