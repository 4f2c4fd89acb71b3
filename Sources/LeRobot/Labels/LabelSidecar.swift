import Platform

/// The derived labels of a dataset's frames, kept beside its own files in `meta/recap_labels.parquet`.
///
/// A row a frame: `episode_index` and `frame_index` (int64), then `return`, `value`, `advantage`
/// (float32), `indicator` and `forced` (bool), each of which may be absent or null. Rows may come in
/// any order, and frames without labels have none. Columns of other tools are read past. `metadata` are keys
/// and values of the file as a whole.
public struct LabelSidecar: Sendable {
  /// Its path in a dataset's folder.
  public static let path = "meta/recap_labels.parquet"

  private let dataset: Dataset
  /// Of the file: on which scale its values are, say.
  public var metadata: [String: String] = [:]
  /// By column, a number for each frame of the dataset; NaN for none. Booleans are 0 and 1.
  private var columns: [Column: [Float]] = [:]

  private enum Column: String, CaseIterable {
    case returns = "return"
    case values = "value"
    case advantages = "advantage"
    case indicators = "indicator"
    case forced

    var isBool: Bool { self == .indicators || self == .forced }
  }

  /// Labels of no frame yet.
  public init(_ dataset: Dataset) { self.dataset = dataset }

  /// The labels of an episode.
  public subscript(episode: Episode) -> FrameLabels {
    get {
      let frames = frames(of: episode)
      func numbers(_ column: Column) -> [Float]? {
        guard let all = columns[column]?[frames], !all.allSatisfy(\.isNaN) else { return nil }
        return Array(all)
      }
      func flags(_ column: Column) -> [Bool?]? {
        numbers(column)?.map { $0.isNaN ? nil : $0 == 1 }
      }
      return FrameLabels(
        returns: numbers(.returns), values: numbers(.values), advantages: numbers(.advantages),
        indicators: flags(.indicators), forced: flags(.forced))
    }
    set {
      let frames = frames(of: episode)
      func numbers(_ flags: [Bool?]?) -> [Float]? {
        flags?.map { $0.map { $0 ? 1 : 0 } ?? .nan }
      }
      for (column, labels) in [
        (Column.returns, newValue.returns), (.values, newValue.values),
        (.advantages, newValue.advantages), (.indicators, numbers(newValue.indicators)),
        (.forced, numbers(newValue.forced)),
      ] {
        if labels == nil, columns[column] == nil { continue }
        let labels = labels ?? [Float](repeating: .nan, count: frames.count)
        guard labels.count == frames.count else {
          fatalError(
            "\(labels.count) labels '\(column.rawValue)' for the \(frames.count) frames of episode \(episode.index)"
          )
        }
        storage(column)
        columns[column]!.replaceSubrange(frames, with: labels)
      }
    }
  }

  /// Makes room for a column.
  private mutating func storage(_ column: Column) {
    if columns[column] == nil {
      columns[column] = Array(repeating: .nan, count: dataset.frameCount)
    }
  }

  private func frames(of episode: Episode) -> Range<Int> {
    guard let position = dataset.position(ofEpisode: episode.index) else {
      fatalError("episode \(episode.index) is not one of \(dataset.folder)")
    }
    let first = dataset.firstFrame(ofEpisodeAt: position)
    return first..<first + episode.length
  }
}

// MARK: Reading

extension LabelSidecar {
  /// Reads a dataset's; nil when it has none.
  ///
  /// - Throws: `DatasetError` that names the row, for an episode or a frame that the dataset does not
  ///   have, a frame that comes twice, or a column of another type.
  public static func read(_ dataset: Dataset) throws -> LabelSidecar? {
    let path = "\(dataset.folder)/\(path)"
    guard fileSize(path) != nil else { return nil }
    let file = try ParquetFile(path)
    // Labels take memory by what the metadata says, so that has to be so.
    if dataset.frameCount > max(file.rowCount, 1 << 24) {
      for episode in dataset.episodes { try dataset.withColumns(of: episode) { _ in } }
    }
    var result = LabelSidecar(dataset)
    // Arrow's own copy of the schema is none of ours.
    result.metadata = file.metadata.filter { !$0.key.hasPrefix("ARROW:") }
    var isSeen = [Bool](repeating: false, count: dataset.frameCount)
    for start in stride(from: 0, to: file.rowCount, by: rowsAtOnce) {
      let rows = start..<min(start + rowsAtOnce, file.rowCount)
      let frames = try result.frames(file, rows)
      for (row, frame) in zip(rows, frames) {
        guard let frame else { continue }
        if isSeen[frame] {
          let place = dataset.position(ofFrame: frame)
          throw DatasetError(
            path,
            "row \(row) is of frame \(place.frame) of episode \(dataset.episodes[place.episode].index), as a row before it is"
          )
        }
        isSeen[frame] = true
      }
      for column in Column.allCases where file.has(column.rawValue) {
        try result.read(column, file, rows, frames)
      }
    }
    return result
  }

  private static var rowsAtOnce: Int { 1 << 20 }

  /// The number of each row's frame, counted over the dataset; nil for one outside the chunk that is
  /// read.
  private func frames(_ file: ParquetFile, _ rows: Range<Int>) throws -> [Int?] {
    let episodes = try keys(file, "episode_index", rows)
    let frames = try keys(file, "frame_index", rows)
    var result: [Int?] = []
    result.reserveCapacity(rows.count)
    var last = (index: -1, first: 0, length: 0)
    for (row, (episode, frame)) in zip(rows, zip(episodes, frames)) {
      if episode != last.index {
        guard let position = dataset.position(ofEpisode: episode) else {
          if dataset.chunkID != nil {
            result.append(nil)
            continue
          }
          throw DatasetError(
            file.path, "row \(row) is of episode \(episode), which the dataset does not have")
        }
        last = (
          episode, dataset.firstFrame(ofEpisodeAt: position), dataset.episodes[position].length
        )
      }
      guard (0..<last.length).contains(frame) else {
        throw DatasetError(
          file.path,
          "row \(row) is of frame \(frame) of episode \(episode), which has \(last.length) frames: the labels are of another version of the dataset"
        )
      }
      result.append(last.first + frame)
    }
    return result
  }

  private func keys(_ file: ParquetFile, _ column: String, _ rows: Range<Int>) throws -> [Int] {
    let numbers = try file.numbers(column, as: Int.self, rows: rows)
    guard numbers.nulls == 0, numbers.width == 1 else {
      throw DatasetError(file.path, "column '\(column)': one whole number a row is wanted")
    }
    return numbers.values
  }

  private mutating func read(
    _ column: Column, _ file: ParquetFile, _ rows: Range<Int>, _ frames: [Int?]
  ) throws {
    let name = column.rawValue
    let numbers = try file.numbers(name, as: Float.self, rows: rows)
    guard numbers.width == 1 else {
      throw DatasetError(
        file.path, "column '\(name)' has \(numbers.width) values a row, 1 is wanted")
    }
    storage(column)
    for ((row, frame), value) in zip(zip(rows, frames), numbers.values) {
      guard let frame else { continue }
      guard !value.isInfinite, !column.isBool || value.isNaN || value == 0 || value == 1 else {
        throw DatasetError(
          file.path,
          "column '\(name)' is \(value) in row \(row), \(column.isBool ? "true or false" : "a finite number") is wanted"
        )
      }
      columns[column]![frame] = value
    }
  }
}

// MARK: Writing

extension LabelSidecar {
  /// Writes the labels in place of those that the dataset has: whole, or not at all.
  ///
  /// - Returns: what was wrong with the file that was there, if it could not be read.
  /// - Throws: `DatasetError`; also where the file that is there has columns of another tool, which
  ///   would be lost.
  @discardableResult
  public func write() throws -> String? {
    let path = "\(dataset.folder)/\(LabelSidecar.path)"
    guard dataset.chunkID == nil else {
      throw DatasetError(path, "cannot be written from one chunk alone (dataset.chunk_id)")
    }
    var damage: String?
    if fileSize(path) != nil {
      var columns: [String] = []
      do { columns = try ParquetFile(path).columnNames } catch let error as DatasetError {
        damage = error.problem
      }
      let known = ["episode_index", "frame_index"] + Column.allCases.map(\.rawValue)
      let others = columns.filter {
        !known.contains($0) && !$0.hasPrefix("__index_level_")  // pandas' row numbers
      }
      if !others.isEmpty {
        throw DatasetError(
          path, "has columns that are not ours (\(list(others))): move it away, or they are lost")
      }
    }
    let written = Column.allCases.filter { columns[$0] != nil }
    let writer = ParquetWriter(
      path, metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    for first in stride(from: 0, to: max(dataset.frameCount, 1), by: LabelSidecar.rowsAtOnce) {
      let part = first..<min(first + LabelSidecar.rowsAtOnce, dataset.frameCount)
      let frames = part.filter { frame in written.contains { !columns[$0]![frame].isNaN } }
      if frames.isEmpty, first > 0 { continue }
      try writer.write(rows(frames, written))
    }
    try writer.finish()
    return damage
  }

  private func rows(_ frames: [Int], _ written: [Column]) -> ParquetWriter.Columns {
    var episodes: [Int] = []
    var numbers: [Int] = []
    for frame in frames {
      let place = dataset.position(ofFrame: frame)
      episodes.append(dataset.episodes[place.episode].index)
      numbers.append(place.frame)
    }
    return [("episode_index", .int64(episodes)), ("frame_index", .int64(numbers))]
      + written.map { column in
        let labels = frames.map { columns[column]![$0] }
        let values: ParquetColumn =
          column.isBool ? .bool(labels.map { $0 == 1 }) : .float32(labels)
        return (column.rawValue, .optional(values, valid: labels.map { !$0.isNaN }))
      }
  }
}
