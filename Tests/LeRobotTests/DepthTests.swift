import Foundation
import LeRobot
import Testing

/// Depth maps, of datasets that LeRobot recorded (Fixtures/make_depth.py).
@Suite struct DepthTests {
  static let camera = "observation.images.depth"
  static let names = ["video", "millimetres", "metres"]
  static let golden = try! JSON(path: fixtures.appending(path: "depth/golden.json").path)

  func open(_ name: String) throws -> Dataset {
    try Dataset(folder: fixtures.appending(path: "depth/\(name)").path)
  }

  func expect(_ dataset: Dataset, _ name: String) throws {
    let wanted = try #require(Self.golden[name]?.elements)
    #expect(dataset.frameCount == wanted.count)
    for (i, hash) in wanted.enumerated() {
      let sample = try dataset.sample(at: i, cameras: dataset.cameras)
      #expect(sample[Self.camera]?["sha256"] == hash)
      #expect(sample[Self.camera]?["depth_unit"] == .string("mm"))
    }
    #expect(DatasetCheck(folder: dataset.folder).problems.isEmpty)
  }

  @Test(arguments: names) func isReadAsLeRobotReadsIt(name: String) throws {
    let dataset = try open(name)
    try expect(dataset, name)
    #expect(DatasetSummary(dataset).cameras[0].coding.hasPrefix("depth maps"))
    for version in DatasetVersion.allCases {
      try withFolder("depth") { folder in
        let remarks = try DatasetCopy(dataset.copies).write(to: folder.path, version: version)
        #expect(
          remarks.contains { $0.hasPrefix("camera '\(Self.camera)' is a depth map:") }
            == (version == .v21))
        try expect(Dataset(folder: folder.path), name)
      }
    }
  }

  /// Codes of a video, with LeRobot's quantisation and another.
  @Test(arguments: [true, false]) func millimetresOfCodes(usesLogarithm: Bool) throws {
    try withFolder("depth") { folder in
      let feature: JSON = .object([
        "info": .object([
          "video.is_depth_map": .bool(true), "video.use_log": .bool(usesLogarithm),
          "video.depth_min": .number(usesLogarithm ? 0.01 : 0.2),
          "video.depth_max": .number(usesLogarithm ? 10 : 4),
        ])
      ])
      let encoding = try #require(DepthEncoding(feature))
      let wanted = try #require(
        Self.golden["millimetres_of_codes"]?[usesLogarithm ? "logarithm" : "linear"]?.elements)
      #expect(encoding.millimetres.map { JSON.integer(Int($0)) } == wanted)
      // Codes are finer than millimetres near by, coarser far away.
      for (code, depth) in encoding.millimetres.enumerated() {
        #expect(abs(encoding.code(ofMillimetres: depth) - code) <= 1)
      }
    }
  }

  /// As pictures, the same grey of every kind: the upper bits of the code.
  @Test func picturesAreGrey() throws {
    var pictures: [[UInt8]] = []
    for name in Self.names {
      let dataset = try open(name)
      let source = FrameSource(episode: dataset.episodes[0], camera: Self.camera)
      let block = try #require(try FrameStream(dataset, sources: [source]).next())
      let image = try dataset.image(at: 0, camera: Self.camera)
      #expect(Array(block.pixels.prefix(image.pixels.count)) == image.pixels)
      let loader = try WindowLoader(
        dataset, windows: [Self.camera: [0]], batchSize: 1, order: .sequential)
      let batch = try #require(try loader.next())
      #expect(batch.pictures[Self.camera]?.pixels == image.pixels)
      pictures.append(image.pixels)
    }
    // 0.3 m: 4095 · log(3.8 / 3.51) / log(13.5 / 3.51) = 241.3, and 241 / 16 = 15.
    #expect(pictures.map { Array($0.prefix(3)) } == Array(repeating: [15, 15, 15], count: 3))
    #expect(pictures[0] == pictures[1] && pictures[1] == pictures[2])
  }

  /// One a millimetre, in 16 bits.
  @Test func asPNG() throws {
    let map = try open("millimetres").depthMap(at: 0, camera: Self.camera)
    let png = try map.png()
    #expect(png[24] == 16 && png[25] == 0)  // bits a sample; grey
    try withCopy(of: fixtures.appending(path: "depth/millimetres")) { folder in
      let path = folder.url("depth.png").path
      try Data(png).write(to: URL(filePath: path))
      let again = try png.withUnsafeBytes { try DepthMap($0, DepthEncoding(), name: path) }
      #expect(again == map)
    }
  }

  /// Statistics that a source lacks are in the unit that depth was recorded in, one channel.
  @Test(arguments: names) func statisticsOfCopies(name: String) throws {
    try withCopy(of: fixtures.appending(path: "depth/\(name)")) { folder in
      let wanted = try JSON(path: folder.url("meta/stats.json").path)[Self.camera]
      let dataset = try Dataset(folder: folder.path)
      try withFolder("old") { old in
        try DatasetCopy(dataset.copies).write(to: old.path, version: .v21)
        try FileManager.default.removeItem(at: old.url("meta/episodes_stats.jsonl"))
        try withFolder("new") { new in
          try DatasetCopy(Dataset(folder: old.path).copies).write(to: new.path, version: .v30)
          let found = try JSON(path: new.url("meta/stats.json").path)[Self.camera]
          for key in ["min", "max", "mean", "std"] {
            let (a, b) = (try #require(found?[key]?.text()), try #require(wanted?[key]?.text()))
            #expect(a.hasPrefix("[[[") && b.hasPrefix("[[["))
            let (x, y) = (
              Double(a.filter { !"[] ".contains($0) }), Double(b.filter { !"[] \n".contains($0) })
            )
            // A video holds codes, LeRobot's statistics what was recorded.
            #expect(abs(try #require(x) - #require(y)) <= (name == "video" ? 1.5 : 1e-3))
          }
        }
      }
    }
  }

  @Test func whatIsNoDepth() throws {
    try withCopy(of: fixtures.appending(path: "depth/video")) { folder in
      try folder.edit("meta/info.json") {
        $0.replacingOccurrences(of: #""video.shift": 3.5"#, with: #""video.shift": -3.5"#)
      }
      let dataset = try Dataset(folder: folder.path)
      #expect(
        message { _ = try dataset.depthMap(at: 0, camera: Self.camera) }.contains(
          "depth from 0.01 to 10 m with a shift of -3.5 m cannot be computed"))
    }
    let colours = try Dataset(folder: pusht.path)
    #expect(
      message { _ = try colours.depthMap(at: 0, camera: colours.cameras[0]) }.contains(
        "has no depth map"))
    let rgb = try Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6]).png()
    #expect(
      message { _ = try rgb.withUnsafeBytes { try DepthMap($0, DepthEncoding(), name: "a.png") } }
        == "a.png: is a picture in colour, depth is wanted: one number a pixel, of 16 bits say")
  }

  // MARK: Arrays

  /// Pictures in columns of numbers, which LeRobot loads as they are.
  @Test(arguments: [false, true]) func pictureArrays(channelsFirst: Bool) throws {
    let camera = "observation.images.rgb"
    let (width, height) = (20, 16)
    let shape = channelsFirst ? [3, height, width] : [height, width, 3]
    func pixel(_ frame: Int, _ x: Int, _ y: Int, _ c: Int) -> Int {
      (7 * frame + x + 3 * y + 80 * c)
    }
    func pixels(_ frame: Int) -> [Int] {
      (0..<height).flatMap { y in
        (0..<width).flatMap { x in (0..<3).map { pixel(frame, x, y, $0) } }
      }
    }
    func stored(_ frame: Int) -> [Double] {
      guard channelsFirst else { return pixels(frame).map(Double.init) }
      return (0..<3).flatMap { c in
        (0..<height).flatMap { y in (0..<width).map { Double(pixel(frame, $0, y, c)) } }
      }
    }
    try withFolder("arrays") { folder in
      let writer = try DatasetWriter(
        folder: folder.path, version: .v30, fps: 10, robotType: "test",
        features: [
          .vector("action", count: 1), RecordedFeature(camera, dtype: "uint8", shape: shape),
        ])
      for frame in 0..<3 {
        try writer.add(["action": .numbers([0]), camera: .numbers(stored(frame))])
      }
      try writer.endEpisode(task: "push", type: nil, success: nil)
      try writer.finish()
      let dataset = try Dataset(folder: folder.path)
      #expect(dataset.cameras == [camera])
      #expect(DatasetSummary(dataset).cameras[0].coding == "arrays in Parquet")
      #expect(DatasetCheck(folder: folder.path).problems.isEmpty)
      for dataset in [dataset, try copy(dataset)] {
        let source = FrameSource(episode: dataset.episodes[0], camera: camera)
        let block = try #require(try FrameStream(dataset, sources: [source]).next())
        #expect((block.width, block.height) == (width, height))
        #expect(block.pixels.map(Int.init) == (0..<3).flatMap(pixels))
        let loader = try WindowLoader(
          dataset, windows: [camera: [0]], batchSize: 3, order: .sequential)
        let pictures = try #require(try loader.next()?.pictures[camera])
        #expect(pictures.pixels == block.pixels)
        #expect(try dataset.image(at: 1, camera: camera).pixels.map(Int.init) == pixels(1))
      }
    }
  }

  private func copy(_ dataset: Dataset) throws -> Dataset {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copy-\(UUID().uuidString)")
    try DatasetCopy(dataset.copies).write(to: folder.path, version: .v21)
    return try Dataset(folder: folder.path)
  }
}
