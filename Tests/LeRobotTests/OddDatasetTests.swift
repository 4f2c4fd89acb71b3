import Foundation
import LeRobot
import Testing

/// Datasets as third parties write them; `odd/make_fixtures.py` says what is odd about each, and by
/// what formulas their values can be computed.
@Suite struct OddDatasetTests {
  static let names = ["v20_minimal", "v21_gaps", "v21_pictures", "v30_files", "v30_sparse"]

  func open(_ name: String) throws -> Dataset {
    try Dataset(folder: fixtures.appending(path: "odd/\(name)").path)
  }

  static let golden = try! JSONDecoder().decode(
    [String: [String]].self,
    from: Data(contentsOf: fixtures.appending(path: "odd/golden.json")))

  /// action = [e + t / 10, -t], state = [t, e, 0.5], to the precision of their columns.
  func expectValues(_ dataset: Dataset, state: String? = "observation.state") throws {
    for episode in dataset.episodes {
      let data = try dataset.read(episode, columns: ColumnSelection(actionWidth: 2, state: state))
      let e = Double(episode.index)
      for t in 0..<episode.length {
        #expect(data.actions[2 * t] == Float(e + Double(t) / 10))
        #expect(data.actions[2 * t + 1] == -Float(t))
        if data.stateWidth == 3 {
          #expect(Array(data.states[3 * t..<3 * t + 3]) == [Float(t), Float(e), 0.5])
        }
        #expect(abs(data.timestamps[t] - Double(t) / dataset.info.fps) < 1e-6)
      }
    }
  }

  func sample(_ dataset: Dataset, _ index: Int, cameras: [String] = []) throws -> JSON {
    try dataset.sample(at: index, cameras: cameras)
  }

  @Test(arguments: names) func everythingCanBeReadInOrder(_ name: String) throws {
    let dataset = try open(name)
    for camera in dataset.cameras {
      let stream = FrameStream(
        dataset, sources: dataset.episodes.map { FrameSource(episode: $0, camera: camera) })
      var frames = 0
      while let block = try stream.next() { frames += block.frameCount }
      #expect(frames == dataset.frameCount)
    }
    for index in 0..<dataset.frameCount {
      _ = try sample(dataset, index, cameras: index % 5 == 0 ? dataset.cameras : [])
    }
    for key in ["action", "observation.state", "state"] where dataset.info.features[key] != nil {
      #expect(try dataset.statistics(for: key).count == dataset.frameCount)
    }
  }

  @Test func withoutAnythingButActions() throws {
    let dataset = try open("v20_minimal")
    #expect(dataset.info.fps == 29.97 && dataset.info.version == "v2.0")
    #expect(dataset.info.features["observation.state"]?.names == ["a", "b", "g"])
    #expect(dataset.info.features["action"]?.shape == [2])
    #expect(dataset.episodes.map(\.length) == [4, 3])
    #expect(dataset.episodes[0].tasks == ["pick up the 杯子 — schnell!"])
    try expectValues(dataset)
    #expect(
      try dataset.read(dataset.episodes[1]).texts == dataset.episodes[1].tasks
        + dataset.episodes[1].tasks + dataset.episodes[1].tasks)
    let row = try sample(dataset, 5)
    #expect(row["episode_index"] == .number(1) && row["frame_index"] == .number(1))
    #expect(row["index"] == .number(5) && row["task"] == .string("pick up the 杯子 — schnell!"))
  }

  @Test func gapsAndOtherTypes() throws {
    let dataset = try open("v21_gaps")
    let camera = "observation.images.Top View"
    #expect(dataset.cameras == [camera])
    #expect(dataset.episodes.map(\.index) == [3, 4, 9])
    #expect(dataset.episodes.map(\.length) == [6, 30, 5])
    #expect(dataset.episodes.map(\.success) == [true, false, nil])
    #expect(dataset.tasks == [7: "b", 2: "a"])
    #expect(dataset.info.features["action"]?.names == ["y", "x"])
    #expect(dataset.info.features[camera]?.frameSize?.width == 64)
    try expectValues(dataset)
    let data = try dataset.read(dataset.episodes[2])
    #expect(data.success == true && data.rewards == [0, 0, 0, 0, 1])
    #expect(data.texts == ["a", "a", "a", "a", "a"])
    #expect(try dataset.read(dataset.episodes[1]).texts.allSatisfy { $0 == "b" })
    // B-frames and key frames 250 apart: any frame by itself, in any order.
    for (position, episode) in dataset.episodes.enumerated() {
      let golden = try #require(Self.golden["v21_gaps \(episode.index)"])
      let first = dataset.firstFrame(ofEpisodeAt: position)
      for frame in stride(from: episode.length - 1, through: 0, by: -4) {
        let image = try dataset.image(at: first + frame, camera: camera)
        #expect(image.width == 64 && image.height == 48)
        #expect(sha256(image.pixels) == golden[frame], "episode \(episode.index) frame \(frame)")
      }
    }
    let row = try sample(dataset, 2)
    #expect(row["recorder_note"] == .null)
    #expect(row["next.success"] == .bool(false) || row["next.success"] == .array([.bool(false)]))
  }

  @Test func picturesAndShapes() throws {
    let dataset = try open("v21_pictures")
    #expect(dataset.cameras == ["images.grey", "images.jpeg", "images.png"])
    #expect(dataset.info.features["images.png"]?.frameSize?.height == 24)
    try expectValues(dataset)
    for t in 0..<3 {
      let png = try dataset.image(at: t, camera: "images.png")
      #expect(Array(png.pixels.prefix(3)) == [UInt8(t), UInt8(2 * t), 200])
      #expect(png.width == 32 && png.height == 24)
      let gray = try dataset.image(at: t, camera: "images.grey")
      #expect(gray.pixels.allSatisfy { $0 == UInt8(60 + t) })
      let jpeg = try dataset.image(at: t, camera: "images.jpeg")
      #expect(zip(jpeg.pixels, png.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
    }
    #expect(try dataset.read(dataset.episodes[1]).texts == ["step 0 ✓", "step 1 ✓"])
    let row = try sample(dataset, 4)  // episode 1, frame 1
    #expect(row["grid2"] == .array([numbers([1, 2, 3]), numbers([4, 5, 6])]))
    guard case .array(let outer)? = row["grid5"], case .array(let inner) = outer[1] else {
      Issue.record("grid5 is \(String(describing: row["grid5"]))")
      return
    }
    #expect(outer.count == 2 && inner.count == 3)
    #expect(
      inner[2]
        == .array([
          .array([numbers([41, 42]), numbers([43, 44])]),
          .array([numbers([45, 46]), numbers([47, 48])]),
        ]))
    #expect(row["byte"]?.asDouble == 254 && row["half"]?.asDouble == 0.5)
    #expect(row["note"] == .string("odd"))
  }

  @Test func severalFilesOfEachKind() throws {
    let dataset = try open("v30_files")
    let camera = "observation.images.cam"
    #expect(dataset.episodes.map(\.index) == [0, 1, 2, 3])
    #expect(dataset.episodes.map(\.length) == [4, 6, 5, 3])
    #expect(dataset.episodes.map(\.success) == [true, false, true, false])
    #expect(dataset.tasks == [0: "eins", 1: "zwei"])  // by position, not by task_index
    try expectValues(dataset)
    #expect(
      try dataset.read(dataset.episodes[1]).texts == ["zwei", "zwei"]
        + Array(repeating: "eins", count: 4))
    #expect(try dataset.read(dataset.episodes[3]).dones == [false, false, true])
    let places = try dataset.episodes.map { try dataset.video(of: $0, camera: camera) }
    #expect(
      places.map { Int(($0.start * dataset.info.fps).rounded()) } == [0, 4, 10, 0])
    #expect(
      places.map { $0.path.suffix(12) } == [
        "file-000.mp4", "file-000.mp4", "file-000.mp4", "file-001.mp4",
      ])
    let golden = try Self.golden["v30_files 0"]! + #require(Self.golden["v30_files 1"])
    for index in (0..<18).reversed() {
      #expect(sha256(try dataset.image(at: index, camera: camera).pixels) == golden[index])
    }
    let row = try sample(dataset, 11)  // episode 2, frame 1
    #expect(
      row["language_events"]
        == .array([
          .object([
            "role": .string("user"), "content": .string("go 1"), "style": .string("interjection"),
          ])
        ]))
  }

  @Test func someEpisodesOfALargerDataset() throws {
    let dataset = try open("v30_sparse")
    #expect(dataset.episodes.map(\.index) == [5, 8])
    #expect(dataset.episodes.map(\.success) == [true, nil])
    #expect(dataset.info.fps == 12.5 && dataset.frameCount == 7)
    try expectValues(dataset, state: "state")
    #expect(try dataset.read(dataset.episodes[1]).texts == ["wipe", "wipe", "wipe", "wipe"])
    let image = try dataset.image(at: 4, camera: "image")  // episode 8, frame 1
    #expect(Array(image.pixels.prefix(3)) == [81, 2, 200])
    #expect(try sample(dataset, 4)["state"]?.asDouble == 1)
  }

  private func numbers(_ values: [Double]) -> JSON { .array(values.map { .number($0) }) }

  /// LeRobot loads rows whose columns are those that info.json declares, in its types, and no others.
  @Test(arguments: names, [DatasetVersion.v21, .v30])
  func copiesHaveTheDeclaredTypes(_ name: String, _ version: DatasetVersion) throws {
    if name == "v30_files", version == .v21 { return }  // its videos cannot be cut
    let original = try open(name)
    try withFolder("typed-\(name)-\(version)") { folder in
      let copy = folder.url("copy").path
      let remarks = try DatasetCopy(original.copies).write(to: copy, version: version)
      let dataset = try Dataset(folder: copy)
      if name == "v21_gaps" {
        #expect(remarks.contains { $0.contains("column 'wall_clock'") && $0.contains("left out") })
        #expect(remarks.contains { $0.contains("column 'lengths'") && $0.contains("left out") })
        #expect(remarks.contains { $0.contains("column 'recorder_note' has nulls") })
      }
      let columns = dataset.info.features.filter { $0.value.dtype != "video" }
      for episode in dataset.episodes {
        let file = try ParquetFile(dataset.rows(of: episode).path)
        #expect(Set(file.columnNames) == Set(columns.keys))
        for (key, feature) in columns where !["image", "language"].contains(feature.dtype) {
          let depth = feature.shape == [1] ? 0 : feature.shape.count
          let type = try #require(file.typeName(of: key))
          let leaf = type.replacing(/list<|>(\[[0-9]+\])?/, with: "")
          #expect(type.count { $0 == "<" } == depth && leaf == feature.dtype, "\(key): \(type)")
        }
      }
      for index in 0..<original.frameCount {
        let (before, after) = (try sample(original, index), try sample(dataset, index))
        for key in ["action", "observation.state", "next.reward", "grid3", "note", "byte", "task"] {
          guard let value = after[key] else { continue }
          #expect(flat(value) == flat(before[key] ?? .null), "frame \(index) \(key)")
        }
      }
    }
  }

  /// The leaves of lists; numbers in single precision.
  private func flat(_ value: JSON) -> [String] {
    value.elements.map { $0.flatMap(flat) }
      ?? [value.asDouble.map { "\(Float($0))" } ?? value.text()]
  }
}
