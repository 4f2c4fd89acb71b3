import Foundation
import LeRobot
import Platform
import Testing

/// LeRobot itself reads what is written here, and the other way round, every value and frame.
///
/// Runs where `RECAP_LEROBOT_033` and `RECAP_LEROBOT_061` name Pythons with LeRobot 0.3.3 (v2.1) and
/// 0.6.1 (v3.0).
@Suite(.serialized) struct LeRobotInterchangeTests {
  static let isThere = LeRobotPeer.allCases.allSatisfy { $0.python != nil }
  static let comment: Comment =
    "set RECAP_LEROBOT_033 and RECAP_LEROBOT_061 to Pythons with LeRobot"

  @Test(
    .enabled(if: isThere, comment),
    arguments: LeRobotPeer.allCases, ["av1", "h264", "images"])
  func readsWhatLeRobotRecorded(_ peer: LeRobotPeer, _ kind: String) throws {
    try withFolder("recorded") { folder in
      try peer.run("record_with_lerobot.py", folder.path, "--kind", kind)
      let dump = try peer.dump(folder)
      let dataset = try Dataset(folder: folder.path)
      #expect(dataset.frameCount == 24 && dataset.info.version == peer.version.rawValue)
      try compare(dataset, dump)
      try compareStatistics(dataset, dump)
      #expect(DatasetCheck(folder: folder.path).problems.isEmpty)
    }
  }

  @Test(.enabled(if: isThere, comment), arguments: LeRobotPeer.allCases)
  func leRobotReadsWhatIsRecorded(_ peer: LeRobotPeer) throws {
    try withFolder("sketch") { folder in
      let writer = try Sketch.writer(folder, peer.version)
      try Sketch.record(writer, 0..<3)
      try writer.finish()
      let dump = try peer.dump(folder)
      let dataset = try Dataset(folder: folder.path)
      #expect(dataset.frameCount == 16)
      try compare(dataset, dump)
      try compareStatistics(dataset, dump)
    }
  }

  /// Push-T from v2.1 to v3.0 and back: LeRobot reads each, and nothing is lost.
  @Test(.enabled(if: isThere, comment)) func leRobotReadsConversions() throws {
    try withFolder("converted") { folder in
      let original = try Dataset(folder: pusht.path)
      try DatasetCopy(original.copies).write(to: folder.path + "/new", version: .v30)
      let new = try Dataset(folder: folder.path + "/new")
      try compare(new, try LeRobotPeer.writesV30.dump(Folder(url: folder.url("new"))))
      try DatasetCopy(new.copies).write(to: folder.path + "/old", version: .v21)
      let old = try Dataset(folder: folder.path + "/old")
      try compare(old, try LeRobotPeer.writesV21.dump(Folder(url: folder.url("old"))))
      for index in 0..<original.frameCount {
        let sample = try original.sample(at: index, cameras: original.cameras)
        #expect(try old.sample(at: index, cameras: original.cameras) == sample)
      }
    }
  }

  /// What LeRobot itself cannot load, third parties' datasets, it can when they are converted.
  @Test(.enabled(if: isThere, comment), arguments: OddDatasetTests.names, LeRobotPeer.allCases)
  func leRobotReadsOddDatasetsConverted(_ name: String, _ peer: LeRobotPeer) throws {
    try withFolder("converted-\(name)-\(peer.version)") { folder in
      let original = try Dataset(folder: fixtures.appending(path: "odd/\(name)").path)
      let copy = Folder(url: folder.url("copy"))
      if name == "v30_files", peer == .writesV21 {
        // Key frames twelve apart: an episode's first frame need not be one.
        let problem = message {
          try DatasetCopy(original.copies).write(to: copy.path, version: peer.version)
        }
        #expect(problem.contains("cannot be cut without encoding it anew"))
        return
      }
      try DatasetCopy(original.copies).write(to: copy.path, version: peer.version)
      let dataset = try Dataset(folder: copy.path)
      try compare(dataset, try peer.dump(copy))
      for index in 0..<original.frameCount where !original.cameras.isEmpty {
        let camera = original.cameras[0]
        let image = try original.image(at: index, camera: camera)
        #expect(try dataset.image(at: index, camera: camera) == image)
      }
    }
  }

  static let timed: [(name: String, dataset: TimedDataset)] = [
    ("two frames a row", TimedDataset(videoRate: 20, frames: 48)),
    (
      "late",
      TimedDataset(fps: 20, time: { _, row in 0.05 + Double(row) / 20 }, videoRate: 20, frames: 30)
    ),
    ("turned", TimedDataset(matrix: [0, 1, -1, 0])),
    ("upside down", TimedDataset(matrix: [-1, 0, 0, -1])),
    ("irregular", TimedDataset(time: { _, row in Double(row) / 10 + (row % 3 == 1 ? 0.02 : 0) })),
  ]

  /// Why some of them cannot become v2.1.
  static let refusals = [
    "two frames a row":
      "cannot be cut without encoding it anew: its frames are found by the times of the rows",
    "late": "--rewrite-times lets them begin at 0",
  ]

  /// Frames by time, turned, and of times that LeRobot refuses: those of LeRobot, in copies as well.
  @Test(.enabled(if: isThere, comment), arguments: timed.indices)
  func leRobotShowsTheSameFrames(_ number: Int) throws {
    let (name, timed) = Self.timed[number]
    try withFolder("timed-\(number)") { folder in
      let dataset = try timed.write(to: Folder(url: folder.url("source")))
      let isRefused = name == "irregular"
      if isRefused {
        #expect(
          message { _ = try LeRobotPeer.writesV30.dump(Folder(url: folder.url("source"))) }
            .contains("FrameTimestampError"))
      } else {
        try compare(dataset, try LeRobotPeer.writesV30.dump(Folder(url: folder.url("source"))))
      }
      for peer in LeRobotPeer.allCases {
        let copy = Folder(url: folder.url("copy-\(peer)"))
        let copying = DatasetCopy(dataset.copies, rewritesTimes: isRefused)
        if peer == .writesV21, let reason = Self.refusals[name] {
          #expect(
            message { try copying.write(to: copy.path, version: .v21) }.contains(reason))
          continue
        }
        try copying.write(to: copy.path, version: peer.version)
        let copied = try Dataset(folder: copy.path)
        try compare(copied, try peer.dump(copy))
        for index in 0..<dataset.frameCount {
          #expect(
            try copied.image(at: index, camera: TimedDataset.camera)
              == dataset.image(at: index, camera: TimedDataset.camera))
        }
      }
    }
  }

  /// Depth in millimetres, and names that look alike, after conversions there and back.
  @Test(.enabled(if: isThere, comment)) func leRobotReadsDepthAndNames() throws {
    func expect(_ dataset: Dataset) throws {
      try withFolder("converted") { folder in
        let copies = Folder(url: folder.url("old"))
        try DatasetCopy(dataset.copies).write(to: copies.path, version: .v21)
        let back = Folder(url: folder.url("new"))
        try DatasetCopy(Dataset(folder: copies.path).copies).write(to: back.path, version: .v30)
        for folder in [Folder(url: URL(filePath: dataset.folder)), back] {
          try compare(Dataset(folder: folder.path), try LeRobotPeer.writesV30.dump(folder))
        }
      }
    }
    for name in DepthTests.names {
      try expect(Dataset(folder: fixtures.appending(path: "depth/\(name)").path))
    }
    try withFolder("names") { folder in try expect(ByteNameTests().record(folder)) }
  }

  /// Windows with their padding, at episodes' ends and inside.
  @Test(.enabled(if: isThere, comment), arguments: LeRobotPeer.allCases)
  func windowsAreLeRobots(_ peer: LeRobotPeer) throws {
    try withFolder("windows") { folder in
      try peer.run("record_with_lerobot.py", folder.path)
      let dataset = try Dataset(folder: folder.path)
      let windows: NameDictionary<[Double]> = [
        "action": [-0.1, 0, 0.1, 0.2, 0.5], "observation.images.front": [-0.2, -0.1, 0],
        "observation.state": [-0.3, 0],
      ]
      let deltas = JSON.object(
        JSONObject(
          windows.map { (key: $0.key, value: JSON.array($0.value.map(JSON.number))) }))
      let dump = try peer.dump(
        folder, "--deltas", deltas.text(), "--at",
        (0..<dataset.frameCount).map(String.init).joined(separator: ","))
      let loader = try WindowLoader(
        dataset, windows: windows, batchSize: 1, order: .sequential, workers: 1)
      for item in try #require(dump["windows"]?.elements) {
        let batch = try #require(try loader.next())
        #expect(item["index"] == .integer(batch.indices[0]))
        for key in ["action", "observation.state"] {
          let values = try #require(batch.values[key])
          let theirs = try #require(item["values"]?[key]?.elements).flatMap { $0.elements ?? [] }
          #expect(theirs.map { Float($0.asDouble!) } == values.numbers)
          #expect(item["is_pad"]?[key] == .array(values.isPad.map(JSON.bool)))
        }
        for (key, pictures) in batch.pictures {
          let frames = try #require(item["cameras"]?[key]?.elements)
          let size = pictures.width * pictures.height * 3
          for (i, frame) in frames.enumerated() {
            let hash = sha256(pictures.pixels[i * size..<(i + 1) * size])
            #expect(frame["sha256"] == .string(hash), "frame \(batch.indices[0]) \(key) \(i)")
          }
          #expect(item["is_pad"]?[key] == .array(pictures.isPad.map(JSON.bool)))
        }
      }
      #expect(try loader.next() == nil)
    }
  }

  /// Every value, task and frame of LeRobot's dump against ours.
  private func compare(_ dataset: Dataset, _ dump: JSON) throws {
    let items = try #require(dump["items"]?.elements)
    #expect(items.count == dataset.frameCount)
    for item in items {
      let index = Int(try #require(item["index"]?.asDouble))
      let sample = try dataset.sample(at: index, cameras: dataset.cameras)
      #expect(sample["task"] == item["task"], "frame \(index)")
      for (key, value) in try #require(item["values"]?.members) {
        let isFloat = dataset.info.features[key]?.dtype == "float32"
        let ours = try #require(sample[key], "frame \(index) has no \(key)")
        #expect(isSame(ours, value, inSingle: isFloat), "frame \(index) \(key): \(ours), \(value)")
      }
      // Of a grey picture LeRobot has one channel.
      for (camera, frame) in try #require(item["cameras"]?.members) where camera != "images.grey" {
        #expect(sample[camera] == frame, "frame \(index) \(camera)")
      }
    }
    for (episode, theirs) in zip(dataset.episodes, try #require(dump["episodes"]?.elements)) {
      #expect(theirs["episode_index"] == .number(Double(episode.index)))
      #expect(theirs["length"] == .number(Double(episode.length)))
      let tasks = try #require(theirs["tasks"]?.elements)
      #expect(tasks.count == episode.tasks.count)
      #expect(episode.tasks.allSatisfy { tasks.contains(.string($0)) })
    }
  }

  /// Means, deviations and extremes as LeRobot aggregates them.
  private func compareStatistics(_ dataset: Dataset, _ dump: JSON) throws {
    for key in ["action", "observation.state"] {
      let ours = try dataset.statistics(for: key)
      let theirs = try #require(dump["stats"]?[key])
      for (name, values) in [
        ("mean", ours.mean), ("std", ours.std), ("min", ours.min), ("max", ours.max),
      ] {
        let wanted = try #require(theirs[name]?.elements)
        #expect(wanted.count == values.count)
        for (a, b) in zip(values, wanted) {
          let b = try #require(b.asDouble)
          #expect(abs(a - b) <= 1e-6 + 1e-5 * abs(b), "\(key) \(name)")
        }
      }
    }
  }

  /// Scalars and lists of one are the same; float32 compares as such.
  private func isSame(_ a: JSON, _ b: JSON, inSingle: Bool) -> Bool {
    if let x = a.asDouble, let y = b.asDouble { return inSingle ? Float(x) == Float(y) : x == y }
    if let x = a.object, let y = b.object {
      // LeRobot's structs have all of its members, null where there is nothing.
      return Set(x.keys + y.keys).allSatisfy {
        isSame(x[$0] ?? .null, y[$0] ?? .null, inSingle: inSingle)
      }
    }
    guard let x = a.elements, let y = b.elements else { return a == b }
    return x.count == y.count && zip(x, y).allSatisfy { isSame($0, $1, inSingle: inSingle) }
  }
}

/// A Python with LeRobot.
enum LeRobotPeer: String, CaseIterable {
  case writesV21 = "033"
  case writesV30 = "061"

  var version: DatasetVersion { self == .writesV21 ? .v21 : .v30 }
  var python: String? { ProcessInfo.processInfo.environment["RECAP_LEROBOT_\(rawValue)"] }

  /// What LeRobot reads of a dataset: Benchmarks/peer/check_with_lerobot.py says how.
  func dump(_ folder: Folder, _ more: String...) throws -> JSON {
    let file = FileManager.default.temporaryDirectory.appending(path: "dump-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try run(["check_with_lerobot.py", folder.path, "--frames", "--dump", file.path] + more)
    return try JSON(path: file.path)
  }

  func run(_ arguments: String...) throws { try run(arguments) }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(python))
    let scripts = fixtures.appending(path: "../../../Benchmarks/peer").standardized.path
    process.arguments = ["\(scripts)/\(arguments[0])"] + arguments.dropFirst()
    let log = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }
    let output = try FileHandle(forWritingTo: log)
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    process.waitUntilExit()
    let tail = try String(contentsOf: log, encoding: .utf8).suffix(1500)
    guard process.terminationStatus == 0 else {
      throw PeerFailed(description: "\(arguments.joined(separator: " ")): \(tail)")
    }
  }
}

/// What LeRobot printed when it failed.
private struct PeerFailed: Error, CustomStringConvertible { let description: String }
