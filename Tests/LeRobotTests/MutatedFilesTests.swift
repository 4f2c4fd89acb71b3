import Foundation
import LeRobot
import Mutations
import Testing

/// Files with bytes flipped, cut short or with forged lengths are read or refused with an error of
/// one line; they never crash, hang or take memory beyond what their own size explains.
///
/// `RECAP_MUTANTS` sets how many there are of each kind, `RECAP_SEED` which ones.
@Suite(.serialized) struct MutatedFilesTests {
  static let count = mutantCount(600)

  @Test func parquet() throws {
    let files =
      ["columns.parquet", "ioai_image/data/chunk-000/episode_000000.parquet"].map {
        fixtures.appending(path: $0)
      } + [pusht.appending(path: "data/chunk-000/episode_000003.parquet")]
    #expect(try mutants(of: files, readParquet) > Self.count / 2)
  }

  /// Each number in the footer and the page headers in turn: counts, lengths and offsets far off.
  @Test func forgedParquet() throws {
    let original = [UInt8](try Data(contentsOf: fixtures.appending(path: "mutated.parquet")))
    let forgeries = ThriftForgery.forgeries(of: original)
    #expect(forgeries.count > 1000)
    let step = max(1, forgeries.count / Self.count)
    let chosen = stride(from: 0, to: forgeries.count, by: step).map { forgeries[$0] }
    #expect(try refused(chosen, readParquet) > chosen.count / 4)
  }

  private func readParquet(_ path: String) throws {
    let file = try ParquetFile(path)
    for column in file.columnNames.prefix(40) {
      var failures: [any Error] = []
      do { _ = try file.numbers(column, as: Float.self) } catch { failures.append(error) }
      do { _ = try file.numbers(column, as: Int.self) } catch { failures.append(error) }
      do { _ = try file.strings(column) } catch { failures.append(error) }
      for failure in failures { try requireDatasetError(failure) }
      if failures.count == 3 { throw failures[0] }
    }
  }

  @Test func picturesInsideParquet() throws {
    let refused = try mutants(
      of: [fixtures.appending(path: "rgb.png"), fixtures.appending(path: "photo.jpg")]
    ) { path in
      _ = try Image.read(path)
    }
    #expect(refused > Self.count / 4)
  }

  /// Every form of JPEG, and metadata of every format.
  @Test func pictures() throws {
    let folder = fixtures.appending(path: "pictures")
    let names = [
      "45x37_420_progressive.jpg", "45x37_422.jpg", "45x37_gray.jpg", "ycck.jpg", "restarts.jpg",
      "turned_6.jpg", "turned_xmp.jpg", "turned_6.png", "turned_6.webp", "turned_6.tif", "RGB.bmp",
    ]
    let refused = try mutants(of: names.map { folder.appending(path: $0) }) { path in
      _ = try Image.read(path)
    }
    #expect(refused > Self.count / 4 && refused < Self.count)
  }

  @Test func video() throws {
    let names = ["av1_narrow.mp4", "h264_narrow.mp4", "hevc.mp4", "mpeg4.mp4", "mpeg4.avi"]
    let files =
      names.map { fixtures.appending(path: $0) }
      + [pusht.appending(path: "videos/chunk-000/observation.image/episode_000002.mp4")]
    let refused = try mutants(of: files) { path in
      let decoder = try VideoDecoder(path: path)
      guard decoder.frameBytes <= 1 << 24 else {
        throw DatasetError(path, "has frames too large to try")
      }
      var frames = 0
      while frames < 100, case let read = try decoder.read(4), !read.isEmpty { frames += 4 }
    }
    #expect(refused > Self.count / 4)
  }

  @Test func metadata() throws {
    for origin in [
      pusht, fixtures.appending(path: "odd/v21_gaps"), fixtures.appending(path: "pusht_v30_h264"),
    ] {
      try withCopy(of: origin) { folder in
        var tried = 0, refused = 0
        for name in [
          "info.json", "episodes.jsonl", "tasks.jsonl", "episodes_stats.jsonl", "stats.json",
        ] {
          let file = folder.url("meta/\(name)")
          guard let original = try? Data(contentsOf: file) else { continue }
          let read = { (_: String) in try readMetadata(of: folder) }
          refused += try mutants(of: [file], count: Self.count / 12, at: file, read)
          let text = String(decoding: original, as: UTF8.self)
          var chosen = forgedNumbers(in: text, count: Self.count / 12)
          if name.hasSuffix(".json") { chosen += try forgedJSON(text, count: Self.count / 8) }
          refused += try self.refused(chosen, at: file, read)
          tried += Self.count / 12 + chosen.count
          try original.write(to: file)
        }
        #expect(refused > tried / 6 && refused < tried)
      }
    }
  }

  /// meta/episodes and meta/tasks.parquet of v3.0, their numbers forged.
  @Test func episodeTables() throws {
    try withCopy(of: fixtures.appending(path: "odd/v30_files")) { folder in
      for name in ["episodes/chunk-000/file-000.parquet", "tasks.parquet"] {
        let file = folder.url("meta/\(name)")
        let original = try Data(contentsOf: file)
        let read = { (_: String) in try readMetadata(of: folder) }
        _ = try mutants(of: [file], count: Self.count / 4, at: file, read)
        try original.write(to: file)
      }
    }
  }

  /// The labels beside a dataset.
  @Test func sidecar() throws {
    try withCopy(of: pusht) { folder in
      let dataset = try Dataset(folder: folder.path)
      var labels = LabelSidecar(dataset)
      for episode in dataset.episodes {
        let count = episode.length
        labels[episode] = FrameLabels(
          returns: Array(repeating: -1, count: count), values: Array(repeating: -0.5, count: count),
          advantages: Array(repeating: 0, count: count),
          indicators: Array(repeating: true, count: count),
          forced: Array(repeating: false, count: count))
      }
      try labels.write()
      let file = folder.url(LabelSidecar.path)
      let refused = try mutants(of: [file], count: Self.count / 2, at: file) { _ in
        guard let read = try LabelSidecar.read(dataset) else { return }
        for episode in dataset.episodes { _ = read[episode] }
      }
      #expect(refused > Self.count / 8)
    }
  }

  private func readMetadata(of folder: Folder) throws {
    let dataset = try Dataset(folder: folder.path)
    let episode = dataset.episodes[0]
    _ = try dataset.read(episode)
    guard let camera = dataset.cameras.first else { return }
    _ = try dataset.video(of: episode, camera: camera)
    _ = try dataset.statistics(for: "action", episodes: [episode])
    _ = try dataset.statistics(for: "action").json(
      shape: dataset.info.features["action"]?.shape ?? [], dtype: "float32")
    _ = try dataset.image(at: dataset.frameCount - 1, camera: camera)
  }

  /// Calls `read` with mutants of the files in turn and returns how many it refused.
  private func mutants(
    of files: [URL], count: Int = count, at place: URL? = nil, _ read: (String) throws -> Void
  ) throws -> Int {
    let originals = try files.map { [UInt8](try Data(contentsOf: $0)) }
    var mutation = Mutation(
      seed: mutationSeed)
    let mutants = (0..<count).lazy.map { mutation.mutant(of: originals[$0 % files.count]) }
    return try refused(mutants, at: place, read)
  }

  /// Calls `read` with each file and returns how many it refused.
  private func refused(
    _ mutants: some Sequence<[UInt8]>, at place: URL? = nil, _ read: (String) throws -> Void
  ) throws -> Int {
    let path =
      place ?? FileManager.default.temporaryDirectory.appending(path: "m-\(UUID().uuidString)")
    defer { if place == nil { try? FileManager.default.removeItem(at: path) } }
    var refused = 0
    for (number, bytes) in mutants.enumerated() {
      try Data(bytes).write(to: path)
      try keep(bytes)
      let start = ContinuousClock.now
      do {
        try read(path.path)
      } catch {
        refused += 1
        try requireDatasetError(error)
      }
      let took = ContinuousClock.now - start
      #expect(took < .seconds(20), "mutant \(number)")
    }
    return refused
  }

  private func requireDatasetError(_ error: any Error) throws {
    let text = "\(error)"
    try #require(error is DatasetError, "\(text)")
    #expect(!text.contains("\n") && text.count < 2000, "\(text)")
  }

  /// With `RECAP_KEEP_MUTANT` the one at hand is kept there, to be looked at after a crash.
  private func keep(_ bytes: [UInt8]) throws {
    guard let path = ProcessInfo.processInfo.environment["RECAP_KEEP_MUTANT"] else { return }
    try Data(bytes).write(to: URL(filePath: path))
  }
}
