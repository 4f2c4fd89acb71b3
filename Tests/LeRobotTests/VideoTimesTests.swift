import Foundation
import LeRobot
import Testing

/// Rows show the frames that LeRobot finds for them: in order where rates agree, else by the rows' times;
/// turned, and without those that an edit list hides, as TorchCodec gives them.
///
/// The frames in `#expect` are those of LeRobot 0.6.1 with torchcodec 0.11.
@Suite struct VideoTimesTests {
  private static let camera = TimedDataset.camera

  /// Every way to read frames finds the same.
  private func expect(
    _ dataset: Dataset, _ frames: [Int], _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try TimedDataset.frames(dataset) == frames, comment, sourceLocation: sourceLocation)
    let stream = FrameStream(
      dataset,
      sources: dataset.episodes.map { FrameSource(episode: $0, camera: Self.camera) },
      framesPerBlock: 5)
    var streamed: [Int] = []
    while let block = try stream.next() {
      let size = block.pixels.count / block.frameCount
      streamed += (0..<block.frameCount).map {
        TimedDataset.frame(block.pixels[$0 * size..<($0 + 1) * size])
      }
    }
    #expect(streamed == frames, comment, sourceLocation: sourceLocation)
    let loader = try WindowLoader(
      dataset, windows: [Self.camera: [0]], batchSize: 1, order: .sequential, workers: 1)
    var loaded: [Int] = []
    while let batch = try loader.next() {
      loaded.append(TimedDataset.frame(batch.pictures[Self.camera]!.pixels))
    }
    #expect(loaded == frames, comment, sourceLocation: sourceLocation)
  }

  private func problems(_ folder: Folder) -> [String] {
    DatasetCheck(folder: folder.path).problems.map(\.description)
  }

  // MARK: Rates

  @Test func twoFramesARow() throws {
    for version in [DatasetVersion.v30, .v21] {
      try withFolder("twice") { folder in
        let frames = version == .v30 ? 48 : 24
        let dataset = try TimedDataset(version: version, videoRate: 20, frames: frames)
          .write(to: folder)
        let twice = (0..<12).map { 2 * $0 }
        try expect(dataset, version == .v30 ? (0..<24).map { 2 * $0 } : twice + twice)
        #expect(dataset.warnings.contains { $0.contains("frames are picked by the rows' times") })
        #expect(problems(folder).isEmpty)
        let camera = DatasetSummary(dataset).cameras[0]
        #expect(camera.coding == "h264, frames by time at 20 a second")
      }
    }
  }

  /// The whole file is kept, for episodes that stay in it too.
  @Test func copiesOfTwoFramesARow() throws {
    try withFolder("twice") { folder in
      let dataset = try TimedDataset(videoRate: 20, frames: 48).write(to: folder)
      try withFolder("copy") { copy in
        let last = [dataset.copies[1], dataset.copies[0]]
        try DatasetCopy(last).write(to: copy.path, version: .v30)
        try expect(try Dataset(folder: copy.path), (Array(12..<24) + Array(0..<12)).map { 2 * $0 })
      }
      try withFolder("copy") { copy in
        #expect(
          message { try DatasetCopy(dataset.copies).write(to: copy.path, version: .v21) }
            .hasSuffix(
              "cannot be cut without encoding it anew: its frames are found by the times of the rows; v3.0 keeps it as it is"
            ))
        #expect(
          message {
            try DatasetCopy(dataset.copies, rewritesTimes: true)
              .write(to: copy.path, version: .v30)
          }
          .contains("the times of episode 0 cannot be rewritten"))
        #expect(!FileManager.default.fileExists(atPath: copy.path + "/meta"))
      }
      try withFolder("alone") { alone in
        let old = try TimedDataset(version: .v21, videoRate: 20, frames: 24).write(to: alone)
        try withFolder("copy") { copy in
          try DatasetCopy(old.copies).write(to: copy.path, version: .v30)
          let twice = (0..<12).map { 2 * $0 }
          try expect(try Dataset(folder: copy.path), twice + twice)
        }
      }
    }
  }

  /// As many frames as rows at half the rate: LeRobot refuses them, and in order is all they can mean.
  @Test func asManyFramesAtAnotherRate() throws {
    try withFolder("slow") { folder in
      let dataset = try TimedDataset(
        version: .v21, fps: 20, lengths: [24], videoRate: 10, frames: 24
      )
      .write(to: folder)
      try expect(dataset, Array(0..<24))
      #expect(
        problems(folder)[0].contains(
          "shows frame 1 at 0.1 s, row 1 of episode 0 wants it at 0.05 s (23 such rows): LeRobot refuses them"
        ))
      try withFolder("copy") { copy in
        let remarks = try DatasetCopy(dataset.copies).write(to: copy.path, version: .v21)
        #expect(remarks.contains { $0.hasPrefix("recap dataset check finds: \(copy.path)/videos") })
      }
      try withFolder("copy") { copy in
        let remarks = try DatasetCopy(dataset.copies, rewritesTimes: true)
          .write(to: copy.path, version: .v21)
        #expect(!remarks.contains { $0.hasPrefix("recap dataset check") })
        try expect(try Dataset(folder: copy.path), Array(0..<24))
        #expect(problems(copy).isEmpty)
      }
    }
  }

  @Test func noFrameForARow() throws {
    try withFolder("other") { folder in
      let dataset = try TimedDataset(version: .v21, fps: 30, lengths: [12], videoRate: 25)
        .write(to: folder)
      let wanted =
        "has 24 frames at 25 a second, but episode 0 has length 12 at 30, and no frame is within 0.1 ms of the 0.033333 s of its row 1"
      #expect(message { _ = try TimedDataset.frames(dataset) }.hasSuffix(wanted))
      let source = FrameSource(episode: dataset.episodes[0], camera: Self.camera)
      #expect(
        message { _ = try FrameStream(dataset, sources: [source]).next() }.hasSuffix(wanted))
      #expect(
        message {
          _ = try WindowLoader(dataset, windows: [Self.camera: [0]], batchSize: 1).next()
        }.hasSuffix(wanted))
      #expect(problems(folder).map { $0.hasSuffix(wanted) } == [true])
    }
  }

  // MARK: Times

  /// LeRobot adds a row's time to the episode's start.
  @Test func timesThatBeginLate() throws {
    let late = { @Sendable (_: Int, row: Int) in 0.05 + Double(row) / 20 }
    try withFolder("late") { folder in
      let dataset = try TimedDataset(fps: 20, time: late, videoRate: 20, frames: 30)
        .write(to: folder)
      try expect(dataset, Array(1..<25))
      #expect(problems(folder).filter { $0.contains("/videos/") }.isEmpty)
      try withFolder("copy") { copy in
        try DatasetCopy(Array(dataset.copies.suffix(1))).write(to: copy.path, version: .v30)
        try expect(try Dataset(folder: copy.path), Array(13..<25))
      }
      try withFolder("copy") { copy in
        try DatasetCopy(dataset.copies, rewritesTimes: true).write(to: copy.path, version: .v30)
        try expect(try Dataset(folder: copy.path), Array(1..<25))
        #expect(problems(copy).isEmpty)
      }
    }
    // A video that ends with the rows has no frames but theirs.
    try withFolder("late") { folder in
      let dataset = try TimedDataset(
        version: .v21, fps: 20, lengths: [12], time: late, videoRate: 20, frames: 12
      ).write(to: folder)
      try expect(dataset, Array(0..<12))
    }
    try withFolder("late") { folder in
      let dataset = try TimedDataset(
        version: .v21, fps: 20, lengths: [12], time: late, videoRate: 20, frames: 13
      ).write(to: folder)
      try expect(dataset, Array(1..<13))
    }
  }

  /// A recorder's clock: LeRobot refuses such rows, and in order is what the file says.
  @Test(arguments: [DatasetVersion.v21, .v30]) func irregularTimes(_ version: DatasetVersion) throws
  {
    try withFolder("clock") { folder in
      let dataset = try TimedDataset(
        version: version, time: { Double($1) / 10 + ($1 % 2 == 1 ? 0.004 : 0) },
        frames: version == .v30 ? 24 : 12
      ).write(to: folder)
      let frames = version == .v30 ? Array(0..<24) : Array(0..<12) + Array(0..<12)
      try expect(dataset, frames)
      #expect(
        dataset.warnings.contains {
          $0.contains("frames are taken in order, where LeRobot refuses them")
        })
      #expect(problems(folder).contains { $0.contains("row 1 of episode 0 wants it at 0.104 s") })
      for target in [DatasetVersion.v21, .v30] {
        try withFolder("copy") { copy in
          let remarks = try DatasetCopy(dataset.copies).write(to: copy.path, version: target)
          #expect(remarks.contains { $0.hasPrefix("recap dataset check finds") }, "\(remarks)")
          try expect(try Dataset(folder: copy.path), frames)
        }
        try withFolder("copy") { copy in
          let remarks = try DatasetCopy(dataset.copies, rewritesTimes: true)
            .write(to: copy.path, version: target)
          #expect(!remarks.contains { $0.hasPrefix("recap dataset check") }, "\(remarks)")
          try expect(try Dataset(folder: copy.path), frames)
          #expect(problems(copy).isEmpty)
        }
      }
    }
  }

  /// Sums of durations drift, by up to half a frame here: LeRobot refuses the late episode.
  @Test func startsThatDrift() throws {
    try withFolder("drift") { folder in
      let dataset = try TimedDataset(starts: [0, 1.24]).write(to: folder)
      try expect(dataset, Array(0..<24))
      #expect(
        problems(folder).contains { $0.contains("shows frame 12 at 1.2 s, row 0 of episode 1") })
      try withFolder("copy") { copy in
        let remarks = try DatasetCopy(dataset.copies).write(to: copy.path, version: .v30)
        #expect(!remarks.contains { $0.hasPrefix("recap dataset check") }, "\(remarks)")
      }
    }
  }

  // MARK: What a file says of its frames

  /// TorchCodec 0.11 turns by the matrix's angle and mirrors nothing.
  @Test(
    arguments: [
      ([1, 0, 0, 1], 0), ([0, 1, -1, 0], 1), ([-1, 0, 0, -1], 2), ([0, -1, 1, 0], 3),
      ([-1, 0, 0, 1], 2), ([1, 0, 0, -1], 0), ([0, 1, 1, 0], 1), ([0, 0, 0, 0], 0),
    ] as [([Int32], Int)])
  func turned(_ matrix: [Int32], _ quarters: Int) throws {
    try withFolder("turned") { folder in
      let path = folder.path + "/a.mp4"
      try FileManager.default.createDirectory(
        atPath: folder.path, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: Videos.path("h264_plain.mp4"), toPath: path)
      let plain = try VideoDecoder(path: path)
      let (width, height) = (plain.width, plain.height)
      let pixels = try plain.read(frames: [5])
      try TimedDataset.setMatrix(path, matrix)
      let decoder = try VideoDecoder(path: path)
      #expect(
        (decoder.width, decoder.height) == (quarters % 2 == 0 ? (width, height) : (height, width)))
      var wanted: [UInt8] = []
      for y in 0..<decoder.height {
        for x in 0..<decoder.width {
          let (fromX, fromY) = [
            (x, y), (y, height - 1 - x), (width - 1 - x, height - 1 - y), (width - 1 - y, x),
          ][quarters]
          wanted += pixels[(fromY * width + fromX) * 3..<(fromY * width + fromX) * 3 + 3]
        }
      }
      #expect(try decoder.read(frames: [5]) == wanted)
      _ = try decoder.seek(toFrame: 5)
      #expect(try decoder.read(1) == wanted)
    }
  }

  /// A copy's frames are turned as the source's are; what is turned otherwise gets a file of its own.
  @Test func copiesStayTurned() throws {
    try withFolder("turned") { folder in
      let dataset = try TimedDataset(version: .v21, lengths: [12, 12, 12], frames: 12)
        .write(to: folder)
      for episode in 0..<2 {
        try TimedDataset.setMatrix(
          "\(folder.path)/videos/chunk-000/\(Self.camera)/episode_00000\(episode).mp4",
          [0, 1, -1, 0])
      }
      #expect(DatasetSummary(dataset).cameras[0].coding == "h264, turned by 90°, frames in order")
      let check = DatasetCheck(folder: folder.path)
      #expect(check.problems.count == 2)
      #expect(
        check.problems.allSatisfy {
          $0.description.contains("frames of 16×32, turned by 90°, meta/info.json says 32×16")
        })
      try withFolder("copy") { copy in
        try DatasetCopy(dataset.copies).write(to: copy.path, version: .v30)
        let videos = "\(copy.path)/videos/\(Self.camera)/chunk-000"
        let sizes = try (0..<2).map { try VideoDecoder(path: "\(videos)/file-00\($0).mp4") }
          .map { [$0.width, $0.height, $0.frameCount!] }
        #expect(sizes == [[16, 32, 24], [32, 16, 12]])
        try withFolder("back") { back in
          try DatasetCopy(Dataset(folder: copy.path).copies).write(to: back.path, version: .v21)
          let end = try VideoDecoder(
            path: "\(back.path)/videos/chunk-000/\(Self.camera)/episode_000001.mp4")
          #expect((end.width, end.height) == (16, 32))
        }
      }
    }
  }

  /// A file whose edit list hides frames is kept as it is, since they are needed to decode the others.
  @Test(arguments: ["av1_edited.mp4", "h264_edited.mp4"]) func edited(_ name: String) throws {
    let golden = try #require(Videos.frames[name])
    try withFolder("edited") { folder in
      let dataset = try TimedDataset(version: .v21, lengths: [golden.count], frames: golden.count)
        .write(to: folder)
      let path = "videos/chunk-000/\(Self.camera)/episode_000000.mp4"
      try folder.remove(path)
      try FileManager.default.copyItem(
        at: fixtures.appending(path: "videos/\(name)"), to: folder.url(path))
      try folder.edit("meta/info.json") { $0.replacing("[16, 32, 3]", with: "[64, 80, 3]") }
      let again = try Dataset(folder: folder.path)
      func hashes(_ dataset: Dataset) throws -> [String] {
        try golden.indices.map { sha256(try dataset.image(at: $0, camera: Self.camera).pixels) }
      }
      #expect(try hashes(again) == golden)
      let check = DatasetCheck(folder: folder.path)
      #expect(check.problems.isEmpty, "\(check.problems)")
      #expect(check.notes.contains { $0.contains("its edit list hides") })
      #expect(!check.notes.contains { $0.contains("longer") })
      #expect(DatasetSummary(again).cameras[0].coding.contains("an edit list hides"))
      for version in [DatasetVersion.v21, .v30] {
        try withFolder("copy") { copy in
          try DatasetCopy(again.copies).write(to: copy.path, version: version)
          #expect(try hashes(Dataset(folder: copy.path)) == golden)
        }
      }
      withExtendedLifetime(dataset) {}
    }
  }

  // MARK: Caches

  /// Episodes of one file and one length have identities of their own, and so have other times.
  @Test func whatFramesDependOn() throws {
    func keys(_ dataset: Dataset) throws -> [String] {
      try dataset.identities(
        of: dataset.episodes.map { FrameSource(episode: $0, camera: Self.camera) }
      ).map(\.key)
    }
    try withFolder("plain") { folder in
      let plain = try keys(TimedDataset().write(to: folder))
      #expect(Set(plain).count == 2)
      try withFolder("late") { other in
        let late = try keys(
          TimedDataset(lengths: [10, 12], time: { 0.1 + Double($1) / 10 }).write(to: other))
        #expect(late[1] != plain[1])
      }
      try withFolder("again") { other in
        let same = try keys(TimedDataset().write(to: other))
        #expect(same == plain)
      }
    }
  }
}
