import Platform

/// A dataset that episodes are copied from.
final class CopySource {
  let records: EpisodeRecordReader
  private let dataset: Dataset
  /// The new index of each task where the whole table is kept.
  private var kept: [Int: Int]?
  /// The rows of the data file at hand.
  private var file: ParquetFile?

  init(_ dataset: Dataset, keepsTasks: Bool) throws {
    self.dataset = dataset
    records = try EpisodeRecordReader(dataset)
    if keepsTasks {
      kept = Dictionary(
        uniqueKeysWithValues: dataset.tasks.keys.sorted().enumerated().map { ($1, $0) })
    }
  }

  private func open(_ path: String) throws -> ParquetFile {
    if let file, file.path == path { return file }
    let opened = try ParquetFile(path)
    file = opened
    return opened
  }

  /// The new task of each of an episode's rows; a row without a known one has the episode's first.
  func tasks(
    of episode: Episode, _ range: RowRange, override: String?, into table: inout TextTable
  ) throws -> [Int] {
    if let override {
      return Array(repeating: table.index(of: override), count: episode.length)
    }
    let file = try open(range.path)
    var old: [Int?] = Array(repeating: nil, count: episode.length)
    if file.has("task_index") {
      // Null reads as 0 and is told from it by NaN.
      let numbers = try file.numbers("task_index", as: Double.self, rows: range.rows)
      if numbers.width == 1 { old = numbers.values.map { Int(exactly: $0) } }
    }
    var known: [Int?: Int] = [:]
    return old.map { index in
      if let new = known[index] { return new }
      let new: Int
      if let index, let place = kept?[index] {
        new = place
      } else if let index, let text = dataset.tasks[index] {
        new = table.index(of: text)
      } else {
        if episode.tasks.isEmpty {
          dataset.warn("some frames have no task: they get an empty one")
        }
        new = table.index(of: episode.tasks.first ?? "")
      }
      known[index] = new
      return new
    }
  }

  /// The new values of the columns that index into tables which were joined; null and what is
  /// negative stay.
  ///
  /// - Parameter new: by column, the new index of each old one.
  func indices(_ range: RowRange, _ new: NameDictionary<[Int: Int]>) throws -> NameDictionary<
    [Int?]
  > {
    var result: NameDictionary<[Int?]> = [:]
    for (column, new) in new {
      let file = try open(range.path)
      guard file.has(column) else { continue }
      // Null reads as 0 and is told from it by NaN.
      let numbers = try file.numbers(column, as: Double.self, rows: range.rows)
      result[column] = try numbers.values.enumerated().map { row, value in
        guard let old = Int(exactly: value), old >= 0 else { return Int(exactly: value) }
        guard let index = new[old] else {
          throw DatasetError(
            range.path,
            "column '\(column)' is \(old) in row \(range.rows.lowerBound + row), which its table in meta has no text for: tables that differ cannot be joined until that is mended"
          )
        }
        return index
      }
    }
    return result
  }

  /// The old and new times of an episode's rows where persistent messages go by them; else nil.
  func languageTimes(
    _ range: RowRange, _ numbering: RowCopy.Numbering
  ) throws -> LanguageTimes? {
    let file = try open(range.path)
    guard file.has(LanguageColumn.persistent.rawValue), file.has("timestamp") else { return nil }
    let old = try file.numbers("timestamp", as: Double.self, rows: range.rows)
    guard old.values.count == range.rows.count else { return nil }
    let new = range.rows.indices.map { row in
      Double(numbering.time(ofRow: row - range.rows.lowerBound, fps: dataset.info.fps))
    }
    return LanguageTimes(old: old.values, new: new)
  }

  /// Brings an episode's statistics up to date: those of numbers that changed, those that are missing, and
  /// those that are of other rows.
  func completeStatistics(
    _ record: inout EpisodeRecord, _ episode: Episode, _ numbering: RowCopy.Numbering,
    wasEpisode: Int, features: NameDictionary<DatasetInfo.Feature>, _ keys: [String],
    _ version: DatasetVersion
  ) throws {
    var numbered: NameDictionary<[Double]> = [
      "episode_index": Array(repeating: Double(numbering.episode), count: record.length),
      "index": (0..<record.length).map { Double(numbering.firstRow + $0) },
      "task_index": numbering.tasks.map(Double.init),
    ]
    for (key, values) in numbering.indices { numbered[key] = values.map { Double($0 ?? 0) } }
    if numbering.rewritesTimes {
      numbered["timestamp"] = (0..<record.length).map {
        Double(numbering.time(ofRow: $0, fps: dataset.info.fps))
      }
    }
    for key in keys {
      let feature = features[key]!
      let stored = record.statistics[key]
      let recorded = RecordedFeature(key, dtype: feature.dtype, shape: feature.shape)
      if let values = numbered[key] {
        let fresh = RecordedColumn.numbers(values).statistics(recorded, version)!
        let isSame = ["min", "max", "mean"].allSatisfy { stored?[$0] == fresh[$0] }
        if !isSame { record.statistics[key] = fresh }
      } else if let stored, try !isOfOtherRows(stored, episode, key, feature) {
        record.statistics[key] =
          version == .v21 ? CopySource.typed(stored, dtype: feature.dtype) : stored
      } else if feature.isCamera {
        record.statistics[key] = try cameraStatistics(episode, key)?.cameraJSON(version)
      } else if RecordedFeature.numberTypes.contains(feature.dtype) {
        record.statistics[key] = try numberStatistics(episode, recorded, version)
      }
    }
  }

  /// Whether an episode's statistics cannot be those of its rows; what cannot be compared may be.
  private func isOfOtherRows(
    _ stored: JSON, _ episode: Episode, _ key: String, _ feature: DatasetInfo.Feature
  ) throws -> Bool {
    guard RecordedFeature.numberTypes.contains(feature.dtype) else { return false }
    let range = try dataset.rows(of: episode)
    let file = try open(range.path)
    guard file.has(key), let numbers = try? file.numbers(key, as: Double.self, rows: range.rows),
      numbers.nulls == 0, numbers.width == feature.width, numbers.values.allSatisfy(\.isFinite)
    else { return false }
    var sums = StatisticsAccumulator(width: numbers.width)
    sums.add(numbers.values)
    return StatisticsComparison(feature: feature, rows: sums.statistics, terms: episode.length)
      .difference(stored) != nil
  }

  /// The least and greatest value as booleans or whole numbers, as v2.1 has them.
  private static func typed(_ statistics: JSON, dtype: String) -> JSON {
    guard dtype == "bool" || dtype.contains("int"), var object = statistics.object else {
      return statistics
    }
    func typed(_ value: JSON) -> JSON {
      if case .array(let elements) = value { return .array(elements.map(typed)) }
      guard let whole = value.int else { return value }
      return dtype == "bool" && (0...1).contains(whole) ? .bool(whole == 1) : .integer(whole)
    }
    for key in ["min", "max"] { object[key] = object[key].map(typed) }
    return .object(object)
  }

  private func numberStatistics(
    _ episode: Episode, _ feature: RecordedFeature, _ version: DatasetVersion
  ) throws -> JSON? {
    let range = try dataset.rows(of: episode)
    let file = try open(range.path)
    guard file.has(feature.key), feature.width > 0 else { return nil }
    let numbers = try file.numbers(feature.key, as: Double.self, rows: range.rows)
    guard numbers.width == feature.width, numbers.values.allSatisfy(\.isFinite) else {
      dataset.warn(
        "column '\(feature.key)' has no statistics: it is not of \(feature.width) finite numbers a row"
      )
      return nil
    }
    return RecordedColumn.numbers(numbers.values).statistics(feature, version)
  }

  private func cameraStatistics(_ episode: Episode, _ camera: String) throws -> FeatureStatistics? {
    if let depth = dataset.info.features[camera]?.depth {
      return try depthStatistics(episode, camera, depth)
    }
    let source = FrameSource(episode: episode, camera: camera)
    let reader = try FrameReader(dataset, source, framesAtOnce: 16, threads: 2)
    let wanted = Set(ImageStatistics.frames(of: episode.length))
    let size = reader.width * reader.height * 3
    var statistics = ImageStatistics()
    var position = 0
    while let pixels = try reader.read() {
      for i in 0..<pixels.count / size where wanted.contains(position + i) {
        statistics.add(
          Array(pixels[i * size..<(i + 1) * size]), width: reader.width, height: reader.height)
      }
      position += pixels.count / size
    }
    return statistics.statistics
  }

  /// Of depth LeRobot's statistics are in the unit that it was recorded in.
  private func depthStatistics(
    _ episode: Episode, _ camera: String, _ depth: DepthEncoding
  ) throws -> FeatureStatistics? {
    let first = dataset.firstFrame(ofEpisodeAt: dataset.position(ofEpisode: episode.index)!)
    let scale = depth.unit == "m" ? 0.001 : 1
    var values: [Double] = []
    let frames = ImageStatistics.frames(of: episode.length)
    for frame in frames {
      let map = try dataset.depthMap(at: first + frame, camera: camera)
      let step = ImageStatistics.step(width: map.width, height: map.height)
      for y in stride(from: 0, to: map.height, by: step) {
        for x in stride(from: 0, to: map.width, by: step) {
          values.append(Double(map.millimetres[y * map.width + x]) * scale)
        }
      }
    }
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
    var statistics = FeatureStatistics(withQuantilesOf: values, width: 1)
    statistics.count = frames.count
    return statistics
  }
}
