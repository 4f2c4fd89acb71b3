import Platform

/// Where an episode lies in the shared files of v3.0.
struct EpisodePlace: Sendable, Equatable {
  var data: FileNumber
  /// Counted over all files.
  var firstRow: Int
  /// By camera, in the order of the features.
  var videos: [(camera: String, place: VideoPlace)] = []

  struct VideoPlace: Sendable, Equatable {
    var file: FileNumber
    /// Seconds into the file.
    var start: Double
    var end: Double
  }

  static func == (a: EpisodePlace, b: EpisodePlace) -> Bool {
    a.data == b.data && a.firstRow == b.firstRow && a.videos.map(\.camera) == b.videos.map(\.camera)
      && a.videos.map(\.place) == b.videos.map(\.place)
  }
}

extension Dataset {
  /// Where an episode of v3.0 lies; nil in other versions.
  func place(of episode: Episode) -> EpisodePlace? {
    guard let table, let position = position(ofEpisode: episode.index) else { return nil }
    let seconds = Double(episode.length) / info.fps
    let videos = info.featureKeys.compactMap { camera in
      table.video(position, camera: camera).map { place in
        (
          camera,
          EpisodePlace.VideoPlace(
            file: place.file, start: place.start, end: place.start + seconds)
        )
      }
    }
    return EpisodePlace(
      data: table.dataFile(position), firstRow: firstFrame(ofEpisodeAt: position), videos: videos)
  }
}

/// The columns of meta/episodes, found from the records that are to go into it.
///
/// Every file of meta/episodes must have the same columns of the same types, or LeRobot does not
/// load them.
struct EpisodeTableColumns: Sendable {
  private var extras: [(name: String, type: JSONColumnType)] = []
  private var statistics: [(name: String, type: JSONColumnType)] = []
  private var places: NameDictionary<Int> = [:]

  /// Columns of text that are there whether a record has them or not.
  init(texts: [String] = []) {
    for name in texts { EpisodeTableColumns.add(name, .string, &extras, &places) }
  }

  /// The names of the columns of statistics and extras.
  var names: [String] { (statistics + extras).map(\.name) }

  mutating func add(_ record: EpisodeRecord) {
    for (name, value) in record.extras {
      EpisodeTableColumns.add(name, JSONColumnType(value), &extras, &places)
    }
    for (feature, members) in record.statistics {
      for (statistic, value) in members.object ?? [:] {
        let type = JSONColumnType(value)
        EpisodeTableColumns.add(
          "stats/\(feature)/\(statistic)", statistic == "count" ? type : type.asNumbers,
          &statistics, &places)
      }
    }
  }

  private static func add(
    _ name: String, _ type: JSONColumnType, _ list: inout [(name: String, type: JSONColumnType)],
    _ places: inout NameDictionary<Int>
  ) {
    if let place = places[name] {
      list[place].type = list[place].type.joined(type)
    } else {
      places[name] = list.count
      list.append((name, type))
    }
  }

  /// The rows of some episodes, which go into `file` of meta/episodes.
  func columns(
    _ episodes: [(record: EpisodeRecord, place: EpisodePlace)], file: FileNumber
  ) -> ParquetWriter.Columns {
    func integers(_ value: (EpisodeRecord, EpisodePlace) -> Int) -> ParquetColumn {
      .int64(episodes.map { value($0.record, $0.place) })
    }
    let tasks = episodes.map(\.record.tasks)
    var columns: ParquetWriter.Columns = [
      ("episode_index", integers { record, _ in record.index }),
      ("tasks", .list(.string(Array(tasks.joined())), lengths: tasks.map(\.count))),
      ("length", integers { record, _ in record.length }),
      ("data/chunk_index", integers { Int($1.data.chunk) }),
      ("data/file_index", integers { Int($1.data.file) }),
      ("dataset_from_index", integers { $1.firstRow }),
      ("dataset_to_index", integers { $1.firstRow + $0.length }),
    ]
    for (i, camera) in (episodes.first?.place.videos.map(\.camera) ?? []).enumerated() {
      let places = episodes.map { $0.place.videos[i].place }
      columns += [
        ("videos/\(camera)/chunk_index", .int64(places.map { Int($0.file.chunk) })),
        ("videos/\(camera)/file_index", .int64(places.map { Int($0.file.file) })),
        ("videos/\(camera)/from_timestamp", .float64(places.map(\.start))),
        ("videos/\(camera)/to_timestamp", .float64(places.map(\.end))),
      ]
    }
    let members = episodes.map { episode in
      var values: NameDictionary<JSON> = [:]
      for (name, value) in episode.record.extras { values[name] = value }
      for (feature, members) in episode.record.statistics {
        for (statistic, value) in members.object ?? [:] {
          values["stats/\(feature)/\(statistic)"] = value
        }
      }
      return values
    }
    func column(_ name: String, _ type: JSONColumnType) -> (name: String, values: ParquetColumn) {
      (name, ParquetColumn(members.map { $0[name] ?? .null }, type: type))
    }
    columns += statistics.map(column)
    columns += [
      ("meta/episodes/chunk_index", integers { _, _ in Int(file.chunk) }),
      ("meta/episodes/file_index", integers { _, _ in Int(file.file) }),
    ]
    return columns + extras.map(column)
  }
}

/// meta/episodes in the making: rows in batches, files of LeRobot's size.
struct EpisodeTableWriter {
  private let folder: String
  private let columns: EpisodeTableColumns
  private let chunkSize: Int
  private let fileBytes: Int
  private var writer: ParquetWriter?
  private(set) var fileCount: Int
  private var pending: [(record: EpisodeRecord, place: EpisodePlace)] = []

  /// - Parameters:
  ///   - folder: meta/episodes, or what is to become it.
  ///   - columns: found from all the records that will be written.
  ///   - firstFile: the running number of the first file.
  init(
    _ folder: String, columns: EpisodeTableColumns, chunkSize: Int, fileBytes: Int,
    firstFile: Int = 0
  ) {
    self.folder = folder
    self.columns = columns
    self.chunkSize = chunkSize
    self.fileBytes = fileBytes
    fileCount = firstFile
  }

  mutating func write(_ record: EpisodeRecord, at place: EpisodePlace) throws {
    pending.append((record, place))
    if pending.count >= 1000 { try flush() }
  }

  mutating func finish() throws {
    try flush()
    try writer?.finish()
    writer = nil
  }

  private mutating func flush() throws {
    if pending.isEmpty { return }
    if let full = writer, full.byteCount >= fileBytes {
      try full.finish()
      writer = nil
    }
    if writer == nil { fileCount += 1 }
    let file = FileNumber(fileCount - 1, chunkSize: chunkSize)
    if writer == nil { writer = ParquetWriter("\(folder)/\(file.path).parquet") }
    try writer!.write(columns.columns(pending, file: file))
    pending = []
  }
}
