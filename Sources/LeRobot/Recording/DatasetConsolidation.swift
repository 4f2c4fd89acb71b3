import Foundation
import Platform

/// Joins the small files at the end of a v3.0 dataset, one an episode as a recorder leaves them,
/// into files of the size that LeRobot writes.
///
/// The joined dataset is built beside, all other files being linked to, and exchanged with the
/// dataset in one step: whoever looks, after a crash too, finds the one or the other.
struct DatasetConsolidation {
  private let dataset: Dataset
  private let beside: String
  private let places: [EpisodePlace]
  /// The running number of the first data file that is joined with others.
  private let dataStart: Int
  private let videoStarts: NameDictionary<Int>

  init(_ folder: String) throws {
    dataset = try Dataset(folder: folder)
    beside = "\(parentFolder(of: folder))/.\(folder.split(separator: "/").last ?? "").joined"
    places = dataset.episodes.map { [dataset] in dataset.place(of: $0)! }
    let size = dataset.info.chunkSize
    dataStart = DatasetConsolidation.start(places.map { $0.data.number(chunkSize: size) })
    var starts: NameDictionary<Int> = [:]
    for (i, video) in places[0].videos.enumerated() {
      starts[video.camera] = DatasetConsolidation.start(
        places.map { $0.videos[i].place.file.number(chunkSize: size) })
    }
    videoStarts = starts
  }

  /// The first of the files at the end that hold one episode each.
  static func start(_ files: [Int]) -> Int {
    var start = (files.last ?? -1) + 1
    let counts = Dictionary(files.map { ($0, 1) }, uniquingKeysWith: +)
    for file in files.reversed() {
      guard counts[file] == 1, file == start - 1 else { break }
      start = file
    }
    return start
  }

  /// - Returns: why the files were left as they are; nil when they were joined or need not be.
  func run() throws -> String? {
    let isJoined =
      places.last!.data.number(chunkSize: dataset.info.chunkSize) <= dataStart
      && EpisodeTable.paths(dataset.folder).count == 1
    if isJoined { return nil }
    if let link = linkedFolder() {
      return "\(link): files are left one an episode: this folder is a symbolic link"
    }
    try? FileManager.default.removeItem(atPath: beside)
    defer { try? FileManager.default.removeItem(atPath: beside) }
    guard try linkFiles() else {
      return "\(dataset.folder): files are left one an episode: this file system has no hard links"
    }
    try writeEpisodes()
    guard try AtomicFile.exchange(beside, dataset.folder) else {
      return
        "\(dataset.folder): files are left one an episode: this file system cannot exchange folders"
    }
    return nil
  }

  /// A folder of the format's that is a symbolic link: joined files would be written into what it
  /// leads to, beside those that they are to replace.
  private func linkedFolder() -> String? {
    var folders = ["meta", "meta/episodes"]
    for root in ["data", "videos"] {
      folders.append(root)
      for name in names(in: "\(dataset.folder)/\(root)") {
        folders.append("\(root)/\(name)")
        folders += names(in: "\(dataset.folder)/\(root)/\(name)").map { "\(root)/\(name)/\($0)" }
      }
    }
    return folders.map { "\(dataset.folder)/\($0)" }.first { path in
      var status = stat()
      return folderExists(path) && lstat(path, &status) == 0
        && status.st_mode & S_IFMT == S_IFLNK
    }
  }

  /// Gives the files that stay a second name; false where that cannot be.
  private func linkFiles() throws -> Bool {
    let info = dataset.info
    var replaced = Set<ByteName>()
    for (episode, place) in zip(dataset.episodes, places) {
      if place.data.number(chunkSize: info.chunkSize) >= dataStart {
        replaced.insert(try dataset.rows(of: episode).path)
      }
      for (camera, video) in place.videos
      where video.file.number(chunkSize: info.chunkSize) >= videoStarts[camera]! {
        replaced.insert(try dataset.video(of: episode, camera: camera).path)
      }
    }
    // A symbolic link stays one, wherever it leads; so does a pipe.
    func link(_ path: String) throws -> Bool {
      let from = path.isEmpty ? dataset.folder : "\(dataset.folder)/\(path)"
      if replaced.contains(from) || path == "meta/episodes" { return true }
      var status = stat()
      guard lstat(from, &status) == 0 else { return false }
      if !path.isEmpty, status.st_mode & S_IFMT != S_IFDIR {
        return Foundation.link(from, "\(beside)/\(path)") == 0
      }
      try makeFolder(path.isEmpty ? beside : "\(beside)/\(path)")
      return try names(in: from).allSatisfy { try link(path.isEmpty ? $0 : "\(path)/\($0)") }
    }
    return try link("")
  }

  private func writeEpisodes() throws {
    let info = dataset.info
    var rows = RowCopy(beside, .v30, info, firstFile: dataStart)
    let videos = places[0].videos.map { camera, _ in
      (
        camera: camera,
        track: VideoTrack(beside, camera: camera, .v30, info, firstFile: videoStarts[camera]!)
      )
    }
    let source = try CopySource(dataset, keepsTasks: true)
    var tasks = TextTable()
    var columns = EpisodeTableColumns()
    var places = places
    for (position, episode) in dataset.episodes.enumerated() {
      columns.add(try source.records.record(of: episode))
      if places[position].data.number(chunkSize: info.chunkSize) >= dataStart {
        let range = try dataset.rows(of: episode)
        let numbering = RowCopy.Numbering(
          episode: episode.index, firstRow: places[position].firstRow,
          tasks: try source.tasks(of: episode, range, override: nil, into: &tasks))
        places[position].data = try rows.append(range, numbering, fps: info.fps)
      }
      for (i, (camera, track)) in videos.enumerated() {
        let old = places[position].videos[i].place.file.number(chunkSize: info.chunkSize)
        guard old >= videoStarts[camera]! else { continue }
        let range = try dataset.video(of: episode, camera: camera)
        let place = try track.append(
          range, of: episode, in: dataset, isAlone: range.start == 0, number: episode.index,
          rewritesTimes: false)
        places[position].videos[i].place = place!
      }
    }
    try rows.finish()
    for (_, track) in videos { try track.finish() }
    var table = EpisodeTableWriter(
      "\(beside)/meta/episodes", columns: columns, chunkSize: info.chunkSize,
      fileBytes: info.dataFileBytes)
    for (episode, place) in zip(dataset.episodes, places) {
      try table.write(source.records.record(of: episode), at: place)
    }
    try table.finish()
  }
}
