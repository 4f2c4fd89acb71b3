import Foundation
import Platform

/// The files of datasets that are not the format's own: a licence, sidecars in meta, folders of
/// other tools.
final class ExtraFiles {
  private let folder: String
  private let sources: [Dataset]
  /// By source, the new numbers of its episodes.
  private var numbers: NameDictionary<[Int: [Int]]> = [:]

  init(_ folder: String, _ sources: [Dataset]) {
    self.folder = folder
    self.sources = sources
  }

  /// Remembers what number an episode got.
  func number(_ dataset: Dataset, _ episode: Int, as new: Int) {
    numbers[dataset.folder, default: [:]][episode, default: []].append(new)
  }

  /// Copies them, each content once: of several datasets' files of one name that differ, the first keeps
  /// it. Parquet files with a column `episode_index` become one, numbered anew.
  ///
  /// - Parameters:
  ///   - isWhole: whether the episodes have the numbers they had.
  ///   - tables: those that columns of the rows index into; what is joined is not copied.
  /// - Returns: what was left out, has another name or may have another meaning.
  func copy(isWhole: Bool, _ tables: IndexedTables) throws -> [String] {
    var remarks: [String] = []
    var owners: NameDictionary<[Dataset]> = [:]
    for dataset in sources {
      let contents = DatasetContents(dataset.folder)
      remarks += contents.remarks
      for path in contents.files
      where ExtraFiles.isExtra(path) && !tables.joinedPaths.contains(path) {
        owners[path, default: []].append(dataset)
      }
    }
    var taken = Set(owners.keys.map { ByteName($0) })
    for (path, datasets) in owners.sorted(by: { $0.key < $1.key }) {
      try Interruption.check()
      let keyed = try isWhole ? [] : datasets.filter { try ExtraFiles.isKeyed(path, of: $0) }
      let plain = datasets.filter { dataset in
        !keyed.contains { $0.folder.isSameName(dataset.folder) }
      }
      if !keyed.isEmpty, !path.hasSuffix(".parquet") {
        remarks += keyed.map {
          "\(path) of \($0.folder) is left out: the episodes have other numbers here"
        }
      } else if !keyed.isEmpty, try !renumber(path, keyed) {
        remarks.append("\(path) is left out: its columns differ between the datasets")
      }
      let isRenumbered = !keyed.isEmpty && path.hasSuffix(".parquet")
      remarks += try copy(path, of: plain, isNameFree: !isRenumbered, &taken)
      if !isWhole, !plain.isEmpty, path.hasPrefix("meta/"), !path.hasSuffix(".parquet"),
        !tables.paths.contains(path)
      {
        remarks.append(
          "\(path) is kept as it is: the episodes that it may speak of have other numbers here")
      }
    }
    return remarks
  }

  /// Copies every content that files of one path have.
  ///
  /// - Parameter taken: all names of files; those that are given are added.
  /// - Returns: what has another name.
  private func copy(
    _ path: String, of datasets: [Dataset], isNameFree: Bool, _ taken: inout Set<ByteName>
  ) throws -> [String] {
    var remarks: [String] = []
    var written: [String] = []
    for dataset in datasets {
      let source = "\(dataset.folder)/\(path)"
      if written.contains(where: { haveSameBytes("\(folder)/\($0)", source) }) { continue }
      var name = path
      if !isNameFree || !written.isEmpty {
        name = ExtraFiles.freeName(path, taken)
        remarks.append("\(source) is \(name) here: another dataset's file has its name")
      }
      taken.insert(name)
      written.append(name)
      try makeFolder(parentFolder(of: "\(folder)/\(name)"))
      try AtomicFile.copy(source, to: "\(folder)/\(name)")
    }
    return remarks
  }

  /// "meta/notes-2.json" for "meta/notes.json".
  private static func freeName(_ path: String, _ taken: Set<ByteName>) -> String {
    let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    let dot = path[slash...].lastIndex(of: ".") ?? path.endIndex
    var number = 2
    while taken.contains("\(path[..<dot])-\(number)\(path[dot...])") { number += 1 }
    return "\(path[..<dot])-\(number)\(path[dot...])"
  }

  /// Whether a file of meta, or a Parquet file anywhere, speaks of episodes by `episode_index`.
  private static func isKeyed(_ path: String, of dataset: Dataset) throws -> Bool {
    let file = "\(dataset.folder)/\(path)"
    if path.hasSuffix(".parquet") { return try ParquetFile(file).has("episode_index") }
    guard path.hasPrefix("meta/") else { return false }
    let bytes = try Data(contentsOf: URL(filePath: file), options: .alwaysMapped)
    return bytes.range(of: Data("episode_index".utf8)) != nil
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
    !DatasetContents.formatPaths.contains { path.isSameName($0) || path.hasPrefix($0 + "/") }
  }
}
