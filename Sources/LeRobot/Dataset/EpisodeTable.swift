import Platform

/// A file of a dataset by its chunk and its number in the chunk.
struct FileNumber: Hashable, Sendable {
  let chunk: Int32
  let file: Int32
}

/// meta/episodes of a v3.0 dataset: the episodes, and where in the shared files each lies.
///
/// Everything is in arrays of plain numbers, and task lists that are equal share their storage, so
/// that a million episodes take tens of megabytes.
struct EpisodeTable: Sendable {
  /// In order of their index.
  private(set) var episodes: [Episode] = []
  private var data: [FileNumber] = []
  /// Each episode's first row in its data file.
  private var firstRows: [Int] = []
  private var videos: NameDictionary<[VideoPlace]> = [:]

  private struct VideoPlace: Sendable {
    let file: FileNumber
    /// Seconds into the file.
    let start: Double
  }

  func dataFile(_ position: Int) -> FileNumber { data[position] }

  func firstRow(_ position: Int) -> Int { firstRows[position] }

  /// The file of a camera's video, and the second where the episode begins in it.
  func video(_ position: Int, camera: String) -> (file: FileNumber, start: Double)? {
    videos[camera].map { ($0[position].file, $0[position].start) }
  }

  /// Keeps some of the episodes, by position.
  func filter(_ isKept: (Int) -> Bool) -> EpisodeTable {
    let kept = episodes.indices.filter(isKept)
    var result = EpisodeTable()
    result.episodes = kept.map { episodes[$0] }
    result.data = kept.map { data[$0] }
    result.firstRows = kept.map { firstRows[$0] }
    result.videos = videos.mapValues { places in kept.map { places[$0] } }
    return result
  }
}

extension EpisodeTable {
  /// Reads every Parquet file below meta/episodes.
  ///
  /// - Parameter cameras: the cameras that have videos.
  init(folder: String, cameras: [String]) throws {
    let root = "\(folder)/meta/episodes"
    let paths = EpisodeTable.paths(folder)
    guard !paths.isEmpty else { throw DatasetError(root, "holds no Parquet files") }
    var rows = EpisodeRows(cameras: cameras)
    for path in paths { try rows.append(ParquetFile(path)) }
    guard !rows.episodes.isEmpty else { throw DatasetError(root, "has no episodes") }

    let order = rows.episodes.indices.sorted { rows.episodes[$0].index < rows.episodes[$1].index }
    for (a, b) in zip(order, order.dropFirst())
    where rows.episodes[a].index == rows.episodes[b].index {
      throw DatasetError(root, "episode_index \(rows.episodes[a].index) is there twice")
    }
    episodes = order.map { rows.episodes[$0] }
    data = order.map { rows.data[$0] }
    for camera in cameras {
      let places = rows.videos[camera]!
      videos[camera] = order.map { VideoPlace(file: places[$0].file, start: places[$0].start) }
    }
    firstRows = EpisodeTable.firstRows(
      episodes.map(\.length), data, from: order.compactMap { rows.fromIndices[$0] })
  }

  /// The files below meta/episodes, in order: those in its folders, as LeRobot reads them; those beside the
  /// folders where no folder has any. Files whose names begin with a dot are other programs'.
  static func paths(_ folder: String) -> [String] {
    let root = "\(folder)/meta/episodes"
    func files(_ folder: String) -> [String] {
      names(in: folder).filter { $0.hasSuffix(".parquet") && !$0.hasPrefix(".") }
        .map { "\(folder)/\($0)" }
    }
    let inFolders = names(in: root).flatMap { files("\(root)/\($0)") }
    return inFolders.isEmpty ? files(root) : inFolders
  }

  /// Parquet files beside the folders, which nothing reads.
  static func strays(_ folder: String) -> [String] {
    let root = "\(folder)/meta/episodes"
    let read = paths(folder)
    return names(in: root).filter {
      $0.hasSuffix(".parquet") && !$0.hasPrefix(".") && !read.contains("\(root)/\($0)")
    }
  }

  /// Rows in files: `from` counts over all files, so an episode's place in its file is the distance
  /// to the least of the file; where it is not known, episodes of a file lie in order.
  private static func firstRows(_ lengths: [Int], _ data: [FileNumber], from: [Int]) -> [Int] {
    if from.count == data.count {
      var least: [FileNumber: Int] = [:]
      for (file, from) in zip(data, from) { least[file] = min(least[file] ?? .max, from) }
      return zip(data, from).map { $1 - least[$0]! }
    }
    var filled: [FileNumber: Int] = [:]
    return zip(data, lengths).map { file, length in
      defer { filled[file, default: 0] += length }
      return filled[file, default: 0]
    }
  }
}

/// The rows of meta/episodes as they come.
private struct EpisodeRows {
  let cameras: [String]
  var episodes: [Episode] = []
  var data: [FileNumber] = []
  var fromIndices: [Int?] = []
  var videos: NameDictionary<[(file: FileNumber, start: Double)]> = [:]
  private var taskLists = SharedTexts()

  init(cameras: [String]) {
    self.cameras = cameras
    for camera in cameras { videos[camera] = [] }
  }

  mutating func append(_ file: ParquetFile) throws {
    let indices = try integers(file, "episode_index")
    let lengths = try integers(file, "length")
    let tasks = try file.has("tasks") ? file.textLists("tasks") : nil
    let types = try texts(file, "episode_type")
    let successes = try successes(file)
    let sources = try texts(file, "source")
    let words = try EpisodeLabel.allCases.compactMap { label in
      try texts(file, label.rawValue).map { (label, $0) }
    }
    for row in indices.indices {
      let place = "\(file.path): row \(row)"
      guard (0..<largestCount).contains(indices[row]), (1..<largestCount).contains(lengths[row])
      else {
        throw DatasetError(
          place,
          "episode_index is \(indices[row]) and length \(lengths[row]); 0 or more and 1 or more are wanted"
        )
      }
      episodes.append(
        Episode(
          index: indices[row], length: lengths[row], tasks: taskLists.shared(tasks?[row] ?? []),
          type: try Episode.type(types?[row], place: place), success: successes?[row],
          source: sources?[row],
          unlabelled: Set(words.filter { $1[row] == EpisodeLabel.none }.map(\.0))))
    }
    data += try files(file, "data", count: indices.count)
    if file.has("dataset_from_index") {
      let from = try integers(file, "dataset_from_index")
      if let row = from.firstIndex(where: { !(0..<1 << 50).contains($0) }) {
        throw DatasetError(file.path, "column 'dataset_from_index' is \(from[row]) in row \(row)")
      }
      fromIndices += from.map { $0 }
    } else {
      fromIndices += Array(repeating: nil, count: indices.count)
    }
    for camera in cameras {
      let numbers = try files(file, "videos/\(camera)", count: indices.count)
      let column = "videos/\(camera)/from_timestamp"
      let starts = try file.has(column) ? file.numbers(column, as: Double.self).values : []
      for (row, number) in numbers.enumerated() {
        let start = starts.isEmpty ? 0 : starts[row]
        guard start.isFinite, start >= 0, start < 1e9 else {
          throw DatasetError(file.path, "column '\(column)' is \(start) in row \(row)")
        }
        videos[camera]!.append((number, start))
      }
    }
  }

  /// `<prefix>/chunk_index` and `<prefix>/file_index`.
  private func files(_ file: ParquetFile, _ prefix: String, count: Int) throws -> [FileNumber] {
    let chunks = try integers(file, "\(prefix)/chunk_index")
    let files = try integers(file, "\(prefix)/file_index")
    return try zip(chunks, files).enumerated().map { row, pair in
      guard let chunk = Int32(exactly: pair.0), let number = Int32(exactly: pair.1), chunk >= 0,
        number >= 0
      else {
        throw DatasetError(
          file.path, "'\(prefix)': chunk \(pair.0), file \(pair.1) in row \(row) is no file")
      }
      return FileNumber(chunk: chunk, file: number)
    }
  }

  private func integers(_ file: ParquetFile, _ column: String) throws -> [Int] {
    let numbers = try file.numbers(column, as: Int.self)
    guard numbers.nulls == 0, numbers.width == 1 else {
      throw DatasetError(file.path, "column '\(column)': one whole number a row is wanted")
    }
    return numbers.values
  }

  private func texts(_ file: ParquetFile, _ column: String) throws -> [String?]? {
    guard file.type(of: column)?.isText == true else { return nil }
    return try file.strings(column)
  }

  /// `episode_success` ("success", "failure") or `success`, of text, bool or number.
  private func successes(_ file: ParquetFile) throws -> [Bool?]? {
    var result: [Bool?]?
    for column in ["episode_success", "success"] {
      guard let type = file.type(of: column) else { continue }
      let found: [Bool?] =
        type.isText
        ? try file.strings(column).enumerated().map { row, word in
          try word.flatMap {
            try Episode.success($0, place: "\(file.path): row \(row)", column)
          }
        }
        : try file.numbers(column, as: Double.self).values.map { $0.isNaN ? nil : $0 > 0.5 }
      // Of an episode that the first says nothing of the second may.
      result = result.map { zip($0, found).map { $0 ?? $1 } } ?? found
    }
    return result
  }
}
