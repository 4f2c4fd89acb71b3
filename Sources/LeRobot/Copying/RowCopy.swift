import Platform

/// The rows of episodes on their way into the data files of a copy: columns of any type, numbered
/// anew.
struct RowCopy {
  private let folder: String
  private let version: DatasetVersion
  private let info: DatasetInfo
  private var reader: ParquetRowReader?
  private var writer: ParquetWriter?
  /// Their names in the file at hand.
  private var columns: [String] = []
  private var rowCount = 0
  private var fileCount: Int
  /// Columns some of whose values were null.
  private(set) var filled: Set<ByteName> = []
  /// Rows of one group that are held in memory, in bytes.
  private static let groupBytes = 256 << 20

  /// - Parameters:
  ///   - folder: the copy's.
  ///   - info: that of the copy.
  ///   - firstFile: the running number of the first file of v3.0.
  init(_ folder: String, _ version: DatasetVersion, _ info: DatasetInfo, firstFile: Int = 0) {
    self.folder = folder
    fileCount = firstFile
    self.version = version
    self.info = info
  }

  /// What an episode's rows become.
  struct Numbering {
    var episode: Int
    /// The number, counted over all episodes, of its first row.
    var firstRow: Int
    /// The new task of every row.
    var tasks: [Int]
    /// The new values of columns that index into tables which were joined.
    var indices: NameDictionary<[Int?]> = [:]
    /// Whether row i is given the time i / fps, whatever it had.
    var rewritesTimes = false
    /// By which persistent messages follow them then.
    var language: LanguageTimes?

    /// Seconds, as the column `timestamp` holds them.
    func time(ofRow row: Int, fps: Double) -> Float { Float(Double(row) / fps) }
  }

  /// Copies the rows of an episode; returns the file they are in.
  mutating func append(_ range: RowRange, _ numbering: Numbering, fps: Double) throws -> FileNumber
  {
    try makeRoom(for: range.rows.count, episode: numbering.episode)
    if reader?.file.path != range.path || reader!.position > range.rows.lowerBound {
      reader = try ParquetRowReader(ParquetFile(range.path), from: range.rows.lowerBound)
    }
    while reader!.position < range.rows.lowerBound {
      guard try reader!.next(range.rows.lowerBound - reader!.position) != nil else { break }
    }
    var done = 0
    while done < range.rows.count {
      guard let rows = try reader!.next(range.rows.count - done) else {
        throw DatasetError(
          range.path,
          "ends at row \(reader!.position), the episode's last row is \(range.rows.upperBound - 1)")
      }
      number(rows, numbering, from: done, fps: fps)
      try numbering.language?.apply(to: rows, path: range.path)
      LanguageCopy.complete(rows, info)
      try namePictures(rows, from: done)
      try conform(rows, firstRow: range.rows.lowerBound + done, range.path)
      try write(rows, isFirst: done == 0, range.path, episode: numbering.episode)
      done += rows.count
    }
    rowCount += done
    return FileNumber(fileCount - 1, chunkSize: info.chunkSize)
  }

  mutating func finish() throws {
    try writer?.finish()
    writer = nil
    rowCount = 0
  }

  /// Completes the file at hand where the next episode is to begin another.
  private mutating func makeRoom(for rows: Int, episode: Int) throws {
    guard let writer else { return }
    let bytes = writer.byteCount
    let isFull = rowCount > 0 && bytes + bytes / rowCount * rows >= info.dataFileBytes
    if version == .v21 || isFull { try finish() }
  }

  private func number(_ rows: ParquetRows, _ numbering: Numbering, from done: Int, fps: Double) {
    let count = rows.count
    let types = NameDictionary(rows.columns().reversed().map { ($0.name, $0.type) })
    rows.set("episode_index", .int64(Array(repeating: numbering.episode, count: count)))
    rows.set("index", .int64((0..<count).map { numbering.firstRow + done + $0 }))
    rows.set("task_index", .int64(Array(numbering.tasks[done..<done + count])))
    for (column, values) in numbering.indices {
      let part = values[done..<done + count]
      rows.set(column, .optional(.int64(part.map { $0 ?? 0 }), valid: part.map { $0 != nil }))
    }
    if types["frame_index"] != .int64 {
      rows.set("frame_index", .int64((0..<count).map { done + $0 }))
    }
    if types["timestamp"] == nil || numbering.rewritesTimes {
      rows.set(
        "timestamp", .float32((0..<count).map { numbering.time(ofRow: done + $0, fps: fps) }))
    }
  }

  /// Makes pictures in any form what LeRobot has: bytes and a path.
  private func namePictures(_ rows: ParquetRows, from done: Int) throws {
    let binary = ArrowType.bytes(wide: false, text: false)
    let text = ArrowType.bytes(wide: false, text: true)
    for (name, type) in rows.columns() where info.features[name]?.dtype == "image" {
      if case .structure(["bytes": binary, "path": text], _) = type { continue }
      let files = try rows.bytes(name).map { $0 ?? [] }
      rows.set(name, .pictures(files, firstFrame: done, version))
    }
  }

  /// Leaves the columns that info.json declares, each in the type that it declares.
  private mutating func conform(_ rows: ParquetRows, firstRow: Int, _ path: String) throws {
    let found = rows.columns()
    let kept = found.filter { info.features[$0.name].map { $0.dtype != "video" } ?? false }
    if kept.count < found.count { rows.select(kept.map(\.name)) }
    for (name, _) in kept {
      let feature = info.features[name]!
      guard RowCopy.dtypes.contains(feature.dtype) else { continue }
      let shape = feature.shape == [1] ? [] : feature.shape
      let nulls = try rows.conform(
        name, dtype: feature.dtype, shape: shape, firstRow: firstRow,
        metadata: HuggingFaceFeatures.fieldMetadata(of: name, feature), path: path)
      if nulls > 0 { filled.insert(name) }
    }
  }

  /// Types of columns that are written as they are declared; others are copied as they are.
  private static let dtypes = Set(RecordedFeature.numberTypes + ["float16", "string"])

  private mutating func write(
    _ rows: ParquetRows, isFirst: Bool, _ path: String, episode: Int
  ) throws {
    var found = rows.columns()
    if writer != nil, !found.map(\.name).elementsEqual(columns, by: { $0.isSameName($1) }) {
      let (names, wanted) = (
        Set(found.map { ByteName($0.name) }), Set(columns.map { ByteName($0) })
      )
      guard names == wanted else {
        throw DatasetError(
          path,
          "has columns \(list(names.subtracting(wanted).sorted().map(\.text))) that other episodes lack, and lacks \(list(wanted.subtracting(names).sorted().map(\.text)))"
        )
      }
      rows.select(columns)
      found = rows.columns()
    }
    if writer?.takes(rows) == false { try finish() }
    if writer == nil {
      columns = found.map(\.name)
      let number = version == .v21 ? episode : fileCount
      let file = FileNumber(number, chunkSize: info.chunkSize)
      let path =
        version == .v21
        ? info.dataPath.path(episode: episode, chunk: episode / info.chunkSize)
        : info.dataPath.path(chunk: Int(file.chunk), file: Int(file.file))
      let metadata = HuggingFaceFeatures.metadata(found, info: info.features, version: version)
      writer = ParquetWriter("\(folder)/\(path!)", metadata: metadata.map { [$0] } ?? [])
      fileCount = number + 1
    }
    try writer!.write(
      rows,
      inNewGroup: isFirst || rowCount == 0 && writer!.groupByteCount == 0
        || writer!.groupByteCount > RowCopy.groupBytes)
  }
}
