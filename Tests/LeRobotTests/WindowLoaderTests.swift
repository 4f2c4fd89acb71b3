import Foundation
import LeRobot
import Platform
import Testing

@Suite struct WindowLoaderTests {
  static let windows: NameDictionary<[Double]> = [
    "observation.image": [-0.1, 0.0], "observation.state": [-0.1, 0.0],
    "action": [
      0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001,
    ],
    "next.reward": [0], "next.success": [0], "timestamp": [0],
  ]

  func batches(_ loader: WindowLoader) throws -> [WindowBatch] {
    var all: [WindowBatch] = []
    while let batch = try loader.next() { all.append(batch) }
    return all
  }

  /// Every window of a dataset against what LeRobot 0.6.1 gives for the same index.
  func compare(_ batches: [WindowBatch], with golden: JSON) throws -> Int {
    let items = Dictionary(
      uniqueKeysWithValues: try #require(golden["items"]?.elements).map {
        ($0["index"]!.whole!, $0)
      })
    var compared = 0
    for batch in batches {
      for (b, index) in batch.indices.enumerated() {
        guard let item = items[index] else { continue }
        compared += 1
        #expect(batch.episodes[b] == item["episode_index"]?.whole)
        #expect(batch.frames[b] == item["frame_index"]?.whole)
        #expect(batch.tasks[b] == item["task"]?.text)
        for (key, values) in batch.values {
          let size = values.window * values.width
          let found = Array(values.numbers[b * size..<(b + 1) * size])
          let wanted = try #require(item[key]).numbers.map { Float($0) }
          #expect(found == wanted, "\(key) of \(index)")
          guard let isPad = item["\(key)_is_pad"]?.elements else { continue }
          #expect(
            values.isPad[b * values.window..<(b + 1) * values.window].map { JSON.bool($0) }
              == isPad, "\(key) of \(index)")
        }
        for (key, pictures) in batch.pictures {
          let size = pictures.width * pictures.height * 3
          let hashes = (b * pictures.window..<(b + 1) * pictures.window).map {
            JSON.string(sha256(pictures.pixels[$0 * size..<($0 + 1) * size]))
          }
          #expect(hashes == item[key]?["frame_sha256_pyav_hwc"]?.elements, "\(key) of \(index)")
          #expect(
            pictures.isPad[b * pictures.window..<(b + 1) * pictures.window].map { JSON.bool($0) }
              == item["\(key)_is_pad"]?.elements)
        }
      }
    }
    return compared
  }

  @Test(arguments: ["pusht_v30_av1", "pusht_v30_h264", "pusht_v30_images"], WindowOrder.allCases)
  func windowsAreLeRobots(name: String, order: WindowOrder) throws {
    let folder = fixtures.appending(path: name)
    let golden = try JSON(path: folder.appending(path: "golden.json").path)
    let loader = try WindowLoader(
      Dataset(folder: folder.path), windows: Self.windows, batchSize: 23, order: order, workers: 2)
    let batches = try batches(loader)
    #expect(loader.frameCount == 322 && batches.count == 14)
    #expect(batches.flatMap(\.indices).sorted() == Array(0..<322))
    if order == .sequential { #expect(batches.flatMap(\.indices) == Array(0..<322)) }
    #expect(try compare(batches, with: golden) == golden["items"]?.elements?.count)
  }

  /// Opt-in: RECAP_GOLDEN_DATASETS names a folder of datasets with `_golden/golden.json` in each.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECAP_GOLDEN_DATASETS"] != nil))
  func windowsOfOtherDatasets() throws {
    let folder = ProcessInfo.processInfo.environment["RECAP_GOLDEN_DATASETS"]!
    for name in files(in: folder) {
      guard let golden = try? JSON(path: "\(folder)/\(name)/_golden/golden.json") else { continue }
      let windows = try #require(golden["delta_timestamps"]?.members)
      let loader = try WindowLoader(
        Dataset(folder: "\(folder)/\(name)"),
        windows: NameDictionary(windows.map { ($0.key, $0.value.numbers) }),
        batchSize: 16, workers: 2)
      var compared = 0
      while let batch = try loader.next() { compared += try compare([batch], with: golden) }
      #expect(compared == golden["items"]?.elements?.count)
      print("\(name): \(compared) windows as LeRobot gives them")
    }
  }

  /// One file an episode or one for all: the same.
  @Test func versionsAgree() throws {
    let old = try WindowLoader(
      Dataset(folder: pusht.path), windows: ["action": [0, 0.5], "observation.image": [0.2]],
      batchSize: 50, seed: 5)
    let new = try WindowLoader(
      Dataset(folder: fixtures.appending(path: "pusht_v30_av1").path),
      windows: ["action": [0, 0.5], "observation.image": [0.2]],
      batchSize: 50, seed: 5)
    for (a, b) in zip(try batches(old), try batches(new)) {
      #expect(a.indices == b.indices && a.frames == b.frames)
      #expect(a.values["action"]?.numbers == b.values["action"]?.numbers)
      // The same pictures, encoded twice.
      let pixels = try [a, b].map { try #require($0.pictures["observation.image"]).pixels }
      #expect(meanDifference(pixels[0], pixels[1]) < 2)
    }
  }

  @Test func theOrderDependsOnSeedAndEpochAlone() throws {
    let dataset = try Dataset(folder: pusht.path)
    func indices(
      seed: Int, workers: Int, epoch: Int = 0, place: Int = 0, memoryLimit: Int = 1 << 30
    ) throws -> [[Int]] {
      try batches(
        WindowLoader(
          dataset, windows: ["action": [0], "observation.image": [0]], batchSize: 32, seed: seed,
          epoch: epoch, place: place, epochs: 2, workers: workers, memoryLimit: memoryLimit)
      ).map(\.indices)
    }
    let all = try indices(seed: 1, workers: 1)
    #expect(all.count == 22)
    #expect(all[..<11].joined().sorted() == Array(0..<322))
    #expect(all[11...].joined().sorted() == Array(0..<322))
    #expect(all[0] != all[11])
    for workers in [2, 5] { #expect(try indices(seed: 1, workers: workers) == all) }
    #expect(try indices(seed: 1, workers: 3, memoryLimit: 1) == all)
    #expect(try indices(seed: 2, workers: 2) != all)
    // What another loader would have gone on with.
    #expect(try indices(seed: 1, workers: 2, place: 96).prefix(19) == all[3...])
    #expect(try indices(seed: 1, workers: 2, epoch: 1, place: 320).first == all[21])
    #expect(try indices(seed: 1, workers: 2, place: 322).first == all[11])
  }

  @Test func someEpisodes() throws {
    let dataset = try Dataset(folder: pusht.path)
    let chosen = [dataset.episodes[5], dataset.episodes[2]]
    let loader = try WindowLoader(
      dataset, windows: ["action": [-0.1, 0]], episodes: chosen, batchSize: 20, order: .sequential)
    let batches = try batches(loader)
    #expect(loader.frameCount == chosen[0].length + chosen[1].length)
    #expect(Set(batches.flatMap(\.episodes)) == [2, 5])
    #expect(batches[0].episodes[0] == 5 && batches[0].frames[0] == 0)
    #expect(batches[0].indices[0] == dataset.firstFrame(ofEpisodeAt: 5))
    #expect(batches[0].values["action"]?.isPad.prefix(4) == [true, false, false, false])
    #expect(batches[0].pictures.isEmpty && batches[0].tasks[0] == dataset.episodes[5].tasks[0])
  }

  @Test func endlessLoadersEndWhenTold() throws {
    let dataset = try Dataset(folder: pusht.path)
    for _ in 0..<5 {
      let loader = try WindowLoader(
        dataset, windows: ["observation.image": [0]], batchSize: 100, epochs: nil, workers: 3,
        memoryLimit: 1)
      for number in 0..<5 {
        let batch = try #require(try loader.next())
        #expect(batch.epoch == number / 4)
        #expect(batch.places == number % 4 * 100..<min(number % 4 * 100 + 100, 322))
      }
      loader.cancel()
      #expect(try loader.next() == nil)
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    try withCopy(of: pusht) { folder in
      let dataset = try Dataset(folder: folder.path)
      func text(_ windows: NameDictionary<[Double]>) -> String {
        message { _ = try WindowLoader(dataset, windows: windows, batchSize: 4) }
      }
      #expect(text(["action": [0.05]]).hasPrefix("action: a window's time of 0.05 s"))
      #expect(
        text(["actions": [0]]).contains(
          "episode_000000.parquet: has no column 'actions' for a window; the dataset's features are "
        ))
      // An error comes in its turn, and again.
      let video = "videos/chunk-000/observation.image/episode_000002.mp4"
      try folder.truncate(video, to: 0.5)
      let loader = try WindowLoader(
        dataset, windows: ["observation.image": [0]], batchSize: 36, order: .sequential, workers: 3)
      #expect(try loader.next()?.frames.count == 36)
      let problem = message { while try loader.next() != nil {} }
      #expect(problem.hasPrefix("\(folder.path)/\(video): "))
      #expect(message { _ = try loader.next() } == problem)
    }
  }

  /// Opt-in: RECAP_WINDOW_DATASET names a dataset whose random windows are timed.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECAP_WINDOW_DATASET"] != nil))
  func speed() throws {
    let dataset = try Dataset(folder: ProcessInfo.processInfo.environment["RECAP_WINDOW_DATASET"]!)
    let camera = try #require(dataset.cameras.first)
    for workers in [1, 2] {
      let loader = try WindowLoader(
        dataset,
        windows: ["action": (0..<16).map { Double($0) / dataset.info.fps }, camera: [0]],
        batchSize: 16, epochs: nil, workers: workers)
      _ = try loader.next()
      let start = ContinuousClock.now
      let used = clock()
      var count = 0
      while count < 640 { count += try loader.next()!.indices.count }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let cpu = Double(clock() - used) / Double(CLOCKS_PER_SEC) / Double(count) * 1000
      print(
        "\(dataset.folder), \(workers) workers: \(Double(count) / seconds) windows a second, \(cpu) ms of processor time each"
      )
    }
  }
}

extension JSON {
  fileprivate var whole: Int? { if case .integer(let value) = self { value } else { nil } }
  fileprivate var text: String? { if case .string(let value) = self { value } else { nil } }

  /// The numbers of nested lists, laid flat; true is 1.
  fileprivate var numbers: [Double] {
    switch self {
    case .array(let elements): elements.flatMap(\.numbers)
    case .bool(let value): [value ? 1 : 0]
    case .integer(let value): [Double(value)]
    case .number(let value): [value]
    default: []
    }
  }
}
