import Foundation
import Platform

/// The files of datasets that are not the format's own: a licence, sidecars in meta, folders of
/// other tools.
final class ExtraFiles {
  private let folder: String
  private let sources: [Dataset]
  private let version: DatasetVersion
  /// By source, the new numbers of its episodes.
  private var numbers: [String: [Int: [Int]]] = [:]

  init(_ folder: String, _ sources: [Dataset], _ version: DatasetVersion) {
    self.folder = folder
    self.sources = sources
    self.version = version
  }

  /// Remembers what number an episode got.
  func number(_ dataset: Dataset, _ episode: Int, as new: Int) {
    numbers[dataset.folder, default: [:]][episode, default: []].append(new)
  }

  /// Copies them; of several datasets, the first's go before others of the same name. Parquet files
  /// with a column `episode_index` are numbered anew.
  ///
  /// - Parameter isWhole: whether the episodes have the numbers they had.
  /// - Returns: what was left out.
  func copy(isWhole: Bool) throws -> [String] {
    var remarks: [String] = []
    var done = Set<String>()
    for dataset in sources {
      let contents = DatasetContents(dataset.folder)
      remarks += contents.remarks
      for path in contents.files
      where ExtraFiles.isExtra(path) && done.insert(path).inserted {
        try Interruption.check()
        if isWhole {
          try copy(path, from: dataset)
        } else if path.hasSuffix(".parquet") {
          let keyed = try sources.filter { source in
            let other = "\(source.folder)/\(path)"
            return try fileSize(other) != nil && ParquetFile(other).has("episode_index")
          }
          if keyed.isEmpty {
            try copy(path, from: dataset)
          } else if try !renumber(path, keyed) {
            remarks.append("\(path) is left out: its columns differ between the datasets")
          }
        } else if path.hasPrefix("meta/") {
          remarks.append(
            "\(path) of \(dataset.folder) is left out: the episodes have other numbers here")
        } else {
          try copy(path, from: dataset)
        }
      }
    }
    return remarks
  }

  private func copy(_ path: String, from dataset: Dataset) throws {
    let target = "\(folder)/\(path)"
    try makeFolder(parentFolder(of: target))
    try AtomicFile.copy("\(dataset.folder)/\(path)", to: target)
  }

  /// Rows of episodes that were copied, under their new numbers; false when columns differ.
  private func renumber(_ path: String, _ keyed: [Dataset]) throws -> Bool {
    let writer = ParquetWriter("\(folder)/\(path)")
    var columns: [String]?
    var hasRows = false
    for dataset in keyed {
      let file = try ParquetFile("\(dataset.folder)/\(path)")
      let episodes = try file.numbers("episode_index", as: Int.self).values
      let described = zip(file.columnNames, file.types).map { "\($0): \($1)" }
      if let columns, columns != described { return false }
      columns = described
      let reader = try ParquetRowReader(file, from: 0)
      let known = numbers[dataset.folder] ?? [:]
      while reader.position < episodes.count {
        let episode = episodes[reader.position]
        let run = episodes[reader.position...].prefix(256).prefix { $0 == episode }.count
        guard let rows = try reader.next(run) else { break }
        for number in known[episode] ?? [] {
          rows.set("episode_index", .int64(Array(repeating: number, count: rows.count)))
          try writer.write(rows, inNewGroup: !hasRows || writer.groupByteCount > 64 << 20)
          hasRows = true
        }
      }
    }
    if hasRows { try writer.finish() }
    return true
  }

  /// Whether a file, relative to the dataset, is neither rows, videos nor metadata of the format.
  private static func isExtra(_ path: String) -> Bool {
    !DatasetContents.formatPaths.contains { $0 == path || path.hasPrefix($0 + "/") }
  }
}
