import Foundation
import Hub
import LeRobot
import Testing

@Suite struct DatasetCopyTests {
  /// Everything that a dataset says of its episodes, as text that can be compared: labels, tasks,
  /// every column of every row, the hash of every frame.
  func contents(_ dataset: Dataset, _ episodes: [Episode]? = nil) throws -> [String] {
    var lines: [String] = []
    for episode in episodes ?? dataset.episodes {
      let first = dataset.firstFrame(ofEpisodeAt: dataset.position(ofEpisode: episode.index)!)
      lines.append(
        "\(episode.length) \(episode.tasks) \(episode.type?.rawValue ?? "-") \(episode.success.map { "\($0)" } ?? "-")"
      )
      for frame in 0..<episode.length {
        var sample = try dataset.sample(at: first + frame, cameras: dataset.cameras).object!
        for key in ["index", "episode_index", "task_index"] { sample[key] = nil }
        lines.append(JSON.object(JSONObject(sample.sorted { $0.key < $1.key })).text())
      }
    }
    return lines
  }

  func json(_ folder: Folder, _ file: String) throws -> JSON {
    try JSON(path: folder.url(file).path)
  }

  func lines(_ folder: Folder, _ file: String) throws -> [JSON] {
    var lines: [JSON] = []
    try JSON.lines(of: folder.url(file).path) { json, _ in lines.append(json) }
    return lines
  }

  static let sources: [(String, URL)] = [
    ("pusht", pusht), ("h264", fixtures.appending(path: "ioai_h264")),
    ("image", fixtures.appending(path: "ioai_image")),
  ]

  /// v2.1 → v3.0 → v2.1: every value, frame, statistic, label and key is what it was.
  @Test(arguments: sources.map(\.0)) func thereAndBackLosesNothing(_ name: String) throws {
    let url = DatasetCopyTests.sources.first { $0.0 == name }!.1
    try withFolder("there-\(name)") { there in
      try withFolder("back-\(name)") { back in
        try withCopy(of: url) { source in
          try source.edit("meta/info.json") {
            $0.replacingOccurrences(
              of: "\"fps\"",
              with: "\"license\": \"MIT\", \"extra\": {\"b\": 1.5, \"a\": [1]}, \"fps\"")
          }
          try "text".write(to: source.url("NOTES.md"), atomically: true, encoding: .utf8)
          try "1,2".write(to: source.url("meta/more.csv"), atomically: true, encoding: .utf8)
          let dataset = try Dataset(folder: source.path)
          try DatasetCopy(dataset.copies).write(to: there.path, version: .v30)
          let middle = try Dataset(folder: there.path)
          #expect(middle.info.version == "v3.0")
          #expect(try contents(middle) == contents(dataset))
          try DatasetCopy(middle.copies).write(to: back.path, version: .v21)
          let end = try Dataset(folder: back.path)
          #expect(try contents(end) == contents(dataset))
          #expect(end.tasks == dataset.tasks)
          let episodes = try lines(source, "meta/episodes.jsonl")
          #expect(try lines(back, "meta/episodes.jsonl") == episodes)
          // Statistics that were there are as they were; those that were missing are there now.
          let statistics = try lines(back, "meta/episodes_stats.jsonl")
          for (old, new) in zip(try lines(source, "meta/episodes_stats.jsonl"), statistics) {
            for (feature, values) in old["stats"]!.object! {
              #expect(new["stats"]?[feature] == values, "\(feature)")
            }
            for key in end.info.features.keys {
              #expect(new["stats"]?[key] != nil || end.info.features[key]!.dtype == "string")
            }
          }
          let info = try json(source, "meta/info.json").object!
          let infoBack = try json(back, "meta/info.json")
          for (key, value) in info where key != "features" {
            #expect(infoBack[key] == value, "\(key)")
          }
          #expect(end.info.featureKeys.starts(with: dataset.info.featureKeys))
          for file in ["NOTES.md", "meta/more.csv"] {
            #expect(try Data(contentsOf: back.url(file)) == Data(contentsOf: source.url(file)))
          }
        }
      }
    }
  }

  /// Files that Parquet or MP4 readers open next to what they held before, byte for byte.
  @Test func videosAreCopiedAsTheyAre() throws {
    try withFolder("bytes") { there in
      try withFolder("bytes-back") { back in
        let dataset = try Dataset(folder: pusht.path)
        try DatasetCopy(dataset.copies).write(to: there.path, version: .v30)
        let joined = try VideoPackets(
          path: there.url("videos/observation.image/chunk-000/file-000.mp4").path)
        var all: [[UInt8]] = []
        for episode in dataset.episodes {
          let path = try dataset.video(of: episode, camera: "observation.image").path
          all += try VideoPackets(path: path).bytes()
        }
        #expect(try joined.bytes() == all)
        let middle = try Dataset(folder: there.path)
        try DatasetCopy(middle.copies).write(to: back.path, version: .v21)
        let end = try Dataset(folder: back.path)
        for episode in dataset.episodes {
          func packets(_ dataset: Dataset) throws -> [[UInt8]] {
            try VideoPackets(
              path: dataset.video(of: episode, camera: "observation.image").path
            ).bytes()
          }
          #expect(try packets(end) == packets(dataset))
        }
      }
    }
  }

  @Test(arguments: DatasetVersion.allCases)
  func someEpisodesOfOneDataset(version: DatasetVersion) throws {
    try withFolder("some-\(version)") { folder in
      let dataset = try Dataset(folder: pusht.path)
      let some = [5, 1, 2].map { EpisodeCopy(dataset, dataset.episodes[$0]) }
      var steps: [Int] = []
      try DatasetCopy(some).write(to: folder.path, version: version) { steps.append($0.episodes) }
      #expect(steps == [1, 2, 3])
      let copy = try Dataset(folder: folder.path)
      #expect(try contents(copy) == contents(dataset, some.map(\.episode)))
      #expect(copy.episodes.map(\.index) == [0, 1, 2])
      let total = copy.frameCount
      #expect(try json(folder, "meta/info.json")["total_frames"] == .integer(total))
      #expect(try copy.statistics(for: "index").max == [Double(total - 1)])
      #expect(try copy.statistics(for: "episode_index").max == [2])
      #expect(try copy.statistics(for: "action").count == total)
      // From v3.0, where episodes share files.
      try withFolder("some-of-some-\(version)") { again in
        try DatasetCopy([copy.copies[2], copy.copies[0]]).write(to: again.path, version: version)
        let last = try Dataset(folder: again.path)
        #expect(try contents(last) == contents(dataset, [some[2].episode, some[0].episode]))
      }
    }
  }

  @Test func datasetsBecomeOne() throws {
    try withFolder("merged") { folder in
      try withCopy(of: pusht) { other in
        try other.edit("meta/tasks.jsonl") {
          $0.replacingOccurrences(of: "Push", with: "Shove").replacingOccurrences(
            of: "push", with: "shove")
        }
        let a = try Dataset(folder: pusht.path), b = try Dataset(folder: other.path)
        try DatasetCopy(a.copies + b.copies).write(to: folder.path, version: .v30)
        let merged = try Dataset(folder: folder.path)
        #expect(merged.episodes.count == 16 && merged.frameCount == 644)
        #expect(try contents(merged) == contents(a) + contents(b))
        #expect(Set(merged.tasks.values) == Set(a.tasks.values).union(b.tasks.values))
      }
    }
  }

  @Test func allDifferencesAreNamed() throws {
    try withCopy(of: pusht) { other in
      try other.edit("meta/info.json") {
        $0.replacingOccurrences(of: "\"fps\": 10,", with: "\"fps\": 20,")
          .replacingOccurrences(of: "\"next.reward\"", with: "\"reward\"")
      }
      let a = try Dataset(folder: pusht.path), b = try Dataset(folder: other.path)
      let text = message {
        try DatasetCopy(a.copies + b.copies).write(to: "/nowhere/merged", version: .v21)
      }
      #expect(
        text
          == "\(pusht.path): cannot be merged with others: \(other.path): fps is 20.0, not 10.0; \(other.path): feature 'next.reward' is missing; \(other.path): feature 'reward' is new"
      )
    }
  }

  @Test func labelsAreChanged() throws {
    try withFolder("relabelled") { folder in
      let dataset = try Dataset(folder: pusht.path)
      var copies = dataset.copies
      copies[0].type = .set(.autonomous)
      copies[0].success = .set(false)
      copies[0].source = .set("policy-3")
      copies[1].type = .remove
      copies[1].success = .remove
      copies[2].task = "Do something else"
      try DatasetCopy(copies).write(to: folder.path, version: .v21)
      let copy = try Dataset(folder: folder.path)
      #expect(copy.episodes[0].type == .autonomous && copy.episodes[0].success == false)
      #expect(copy.episodes[0].source == "policy-3")
      #expect(copy.episodes[1].type == nil && copy.episodes[1].success == nil)
      #expect(copy.episodes[2].tasks == ["Do something else"])
      #expect(copy.episodes[3...].map(\.type) == dataset.episodes[3...].map(\.type))
      let first = copy.firstFrame(ofEpisodeAt: 2)
      #expect(
        try copy.sample(at: first, cameras: [])["task"] == .string("Do something else"))
    }
  }

  /// A sidecar keyed by episode follows its episodes; what cannot be followed is left out and named.
  @Test func sidecarsFollowTheirEpisodes() throws {
    try withFolder("sidecar") { folder in
      try withCopy(of: pusht) { source in
        try ParquetWriter.write(
          source.url("meta/values.parquet").path,
          columns: [
            ("episode_index", .int64([0, 0, 1, 2, 2, 5])),
            ("frame_index", .int64([0, 1, 0, 0, 1, 0])),
            ("value", .float32([0.5, 1, 2, 3, 4, 5])),
          ])
        try "{}".write(to: source.url("meta/keyed.json"), atomically: true, encoding: .utf8)
        let dataset = try Dataset(folder: source.path)
        let chosen = [5, 2].map { EpisodeCopy(dataset, dataset.episodes[$0]) }
        let remarks = try DatasetCopy(chosen).write(to: folder.path, version: .v30)
        #expect(remarks.contains { $0.hasPrefix("meta/keyed.json") })
        let values = try ParquetFile(folder.url("meta/values.parquet").path)
        #expect(try values.numbers("episode_index", as: Int.self).values == [1, 1, 0])
        #expect(try values.numbers("value", as: Float.self).values == [3, 4, 5])
      }
    }
  }

  @Test func nothingAppearsWhereSomethingIsOrFails() throws {
    let dataset = try Dataset(folder: pusht.path)
    try withFolder("occupied") { folder in
      try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
      try "x".write(to: folder.url("x"), atomically: true, encoding: .utf8)
      #expect(
        message { try DatasetCopy(dataset.copies).write(to: folder.path, version: .v30) }
          == "\(folder.path): is there already; wanted a new or an empty folder")
    }
    #expect(
      message { try DatasetCopy([]).write(to: "/nowhere", version: .v30) }
        == "/nowhere: would have no episodes: none was chosen")
    try withCopy(of: pusht) { source in
      try source.truncate("data/chunk-000/episode_000006.parquet", to: 0.5)
      let broken = try Dataset(folder: source.path)
      let target = source.url.path + "-copy"
      #expect(
        message { try DatasetCopy(broken.copies).write(to: target, version: .v30) }
          .contains("episode_000006.parquet: is not a complete Parquet file"))
      let beside = try FileManager.default.contentsOfDirectory(
        atPath: source.url.deletingLastPathComponent().path)
      #expect(!beside.contains { $0.contains("\(source.url.lastPathComponent)-copy") })
    }
  }

  /// v2.0 has no statistics of episodes: they are computed, of cameras too.
  @Test func statisticsThatAreMissingAreComputed() throws {
    try withFolder("v20") { folder in
      try withCopy(of: pusht) { source in
        try source.edit("meta/info.json") { $0.replacingOccurrences(of: "v2.1", with: "v2.0") }
        let known = try lines(source, "meta/episodes_stats.jsonl")
        try source.remove("meta/episodes_stats.jsonl")
        let dataset = try Dataset(folder: source.path)
        try DatasetCopy(dataset.copies).write(to: folder.path, version: .v21)
        let found = try lines(folder, "meta/episodes_stats.jsonl")
        for (old, new) in zip(known, found) {
          for (feature, values) in old["stats"]!.object! {
            for name in ["min", "max", "mean", "std", "count"] {
              let a = numbers(values[name]!), b = numbers(new["stats"]![feature]![name]!)
              #expect(a.count == b.count)
              // Frames come back from a codec here, LeRobot took them before it.
              let isSum = name == "mean" || name == "std"
              let tolerance = feature == "observation.image" ? isSum ? 0.03 : 0.2 : 1e-5
              for (x, y) in zip(a, b) {
                #expect(abs(x - y) <= tolerance * max(1, abs(x)), "\(feature) \(name)")
              }
            }
          }
        }
      }
    }
  }

  private func numbers(_ json: JSON) -> [Double] {
    switch json {
    case .integer(let value): [Double(value)]
    case .number(let value): [value]
    case .bool(let value): [value ? 1 : 0]
    case .array(let elements): elements.flatMap(numbers)
    default: []
    }
  }
}

@Suite struct EpisodeSelectionTests {
  @Test func conditions() {
    let episode = Episode(index: 3, length: 20, tasks: ["a", "b"], type: .demo, success: true)
    func contains(_ selection: EpisodeSelection, _ episode: Episode) -> Bool {
      selection.contains(episode, type: episode.type, success: episode.success)
    }
    var selection = EpisodeSelection()
    #expect(contains(selection, episode))
    selection.lengths = 20...30
    selection.tasks = ["b"]
    selection.types = [.demo, .correction]
    selection.outcome = .success
    selection.indices = [3]
    #expect(contains(selection, episode))
    for change: (inout EpisodeSelection) -> Void in [
      { $0.lengths = 21...30 }, { $0.tasks = ["c"] }, { $0.types = [.autonomous] },
      { $0.outcome = .failure }, { $0.outcome = .unlabelled }, { $0.indices = [2] },
    ] {
      var other = selection
      change(&other)
      #expect(!contains(other, episode))
    }
    let unlabelled = Episode(index: 3, length: 20, tasks: ["b"])
    #expect(!contains(selection, unlabelled))
    selection.types = nil
    selection.outcome = .unlabelled
    #expect(contains(selection, unlabelled))
  }

  /// Push-T says in its metadata which of its eight episodes succeeded; without that its columns do.
  @Test func outcomesComeFromTheLabels() throws {
    try withCopy(of: pusht) { folder in
      var selection = EpisodeSelection()
      selection.outcome = .success
      let known = try Dataset(folder: folder.path).copies(selection).map(\.episode.index)
      #expect(!known.isEmpty && known.count < 8)
      try folder.edit("meta/episodes.jsonl") {
        $0.replacingOccurrences(of: "episode_success", with: "unknown")
      }
      let found = try Dataset(folder: folder.path).copies(selection).map(\.episode.index)
      #expect(found == known)
    }
  }

  @Test func partsAreDrawnOnce() {
    let parts = EpisodeSelection.split(10, fractions: [0.75, 0.25], seed: 1)
    #expect(parts.map(\.count) == [8, 2])
    #expect(Set(parts.joined()) == Set(0..<10))
    #expect(parts.allSatisfy { $0 == $0.sorted() })
    #expect(parts == EpisodeSelection.split(10, fractions: [0.75, 0.25], seed: 1))
    #expect(parts != EpisodeSelection.split(10, fractions: [0.75, 0.25], seed: 2))
    #expect(EpisodeSelection.split(5, counts: [2, 1], seed: 0).map(\.count) == [2, 1])
    #expect(EpisodeSelection.split(3, fractions: [0.99, 0.01], seed: 0).map(\.count) == [3, 0])
  }
}
