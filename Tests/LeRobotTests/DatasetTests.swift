import Foundation
import LeRobot
import Testing

@Suite struct DatasetTests {
  @Test func metadataOfPushT() throws {
    let dataset = try Dataset(folder: pusht.path)
    #expect(dataset.info.version == "v2.1")
    #expect(dataset.info.fps == 10)
    #expect(dataset.info.robotType == "pusht_sim")
    #expect(dataset.cameras == ["observation.image"])
    #expect(dataset.info.features["action"]?.width == 2)
    #expect(dataset.info.features["action"]?.names == ["x", "y"])
    #expect(dataset.tasks == [0: "Push the T block.", 1: "Push the grey T block away."])
    #expect(dataset.episodes.map(\.index) == Array(0..<8))
    #expect(dataset.episodes.map(\.length) == [36, 36, 36, 47, 59, 36, 36, 36])
    #expect(
      dataset.episodes.map(\.type) == [
        .demo, .demo, .autonomous, .autonomous, .autonomous, .correction, .correction, .demo,
      ])
    #expect(
      dataset.episodes.map(\.success) == [true, true, true, false, false, true, true, true])
    try dataset.verifyFiles(of: dataset.episodes, cameras: dataset.cameras)
  }

  @Test func rowsOfPushT() throws {
    let dataset = try Dataset(folder: pusht.path)
    let data = try dataset.read(
      dataset.episodes[5], columns: ColumnSelection(actionWidth: 2, state: "observation.state"))
    #expect(data.frameCount == 36)
    #expect(data.actions.count == 72 && data.actionWidth == 2)
    #expect(data.states.count == 72 && data.stateWidth == 2)
    #expect(data.rewards.last == 1 && data.dones.last == true && data.dones.first == false)
    #expect(data.texts == Array(repeating: "Push the grey T block away.", count: 36))
    #expect(data.interventions?.filter { $0 }.count == 17)
    #expect(data.success == true)
    #expect(abs(data.timestamps[35] - 3.5) < 1e-6)
    #expect(
      data.rules
        == LabelRules(
          text: "task_index through meta/tasks", reward: "column next.reward",
          done: "column next.done", success: "success in meta/episodes",
          intervention: "column complementary_info.is_intervention", source: "unlabelled",
          type: "episode_type in meta/episodes"))
    #expect(dataset.warnings.isEmpty)
  }

  /// Scalars as doubles, indices as doubles, no labels: written by a JavaScript recorder.
  @Test func anotherRecordersColumns() throws {
    let dataset = try Dataset(folder: fixtures.appending(path: "ioai_h264").path)
    let data = try dataset.read(
      dataset.episodes[0], columns: ColumnSelection(state: "observation.state"))
    #expect(data.actionWidth == 1 && data.actions.count == 3)
    #expect(data.texts == ["pick cube", "pick cube", "pick cube"])
    #expect(data.rewards == [0, 0, 0] && data.dones == [false, false, true])
    #expect(data.success == nil && data.interventions == nil)
    _ = try dataset.read(dataset.episodes[1])
    #expect(
      dataset.warnings == [
        "no column 'reward' or 'next.reward' and no success label: rewards are 0 in such episodes"
      ])
  }

  @Test func successGivesRewardWhereNoColumnDoes() throws {
    try withCopy(of: fixtures.appending(path: "ioai_h264")) { folder in
      try folder.edit("meta/episodes.jsonl") {
        $0.replacingOccurrences(of: "\"length\":3", with: "\"length\":3,\"success\":true")
      }
      let dataset = try Dataset(folder: folder.path)
      let data = try dataset.read(dataset.episodes[0])
      #expect(data.rewards == [0, 0, 1])
      #expect(
        data.rules.reward == "1 at the last frame of a success (success in meta/episodes)")
      #expect(dataset.warnings.isEmpty)
    }
  }

  @Test func statisticsAggregatedAndComputedAgree() throws {
    let dataset = try Dataset(folder: pusht.path)
    let stored = try dataset.statistics(for: "action")
    #expect(stored.source == "meta/episodes_stats.jsonl")
    try withCopy(of: pusht) { folder in
      try folder.remove("meta/episodes_stats.jsonl")
      let computed = try Dataset(folder: folder.path).statistics(for: "action")
      #expect(computed.source == "computed")
      #expect(computed.count == 322 && stored.count == 322)
      for (a, b) in zip(
        stored.mean + stored.std + stored.min + stored.max,
        computed.mean + computed.std + computed.min + computed.max)
      {
        #expect(abs(a - b) <= 1e-4 + 1e-5 * abs(b))
      }
    }
  }

  @Test func statisticsByHand() throws {
    let a = FeatureStatistics(rows: [1, 10, 3, 20], width: 2)
    #expect(a.mean == [2, 15] && a.std == [1, 5] && a.min == [1, 10] && a.max == [3, 20])
    let b = FeatureStatistics(rows: [8, 0], width: 2)
    let both = try #require(FeatureStatistics(aggregating: [a, b]))
    #expect(both.mean == [4, 10] && both.count == 3)
    // Deviations of 1, 3, 8 from 4: 9 + 1 + 16 = 26; of 10, 20, 0 from 10: 200.
    #expect(abs(both.std[0] - (26.0 / 3).squareRoot()) < 1e-12)
    #expect(abs(both.std[1] - (200.0 / 3).squareRoot()) < 1e-12)
  }

  @Test func filesInOtherLayoutsAreFound() throws {
    try withCopy(of: fixtures.appending(path: "ioai_h264")) { folder in
      try folder.move(
        "videos/chunk-000/observation.images.cam", to: "videos/observation.images.cam/chunk-000")
      try folder.move(
        "data/chunk-000/episode_000001.parquet", to: "data/chunk-000/file-001.parquet")
      let dataset = try Dataset(folder: folder.path + "/", chunkID: "chunk-000")
      #expect(dataset.episodes.count == 2)
      try dataset.verifyFiles(of: dataset.episodes, cameras: dataset.cameras)
      #expect(
        try dataset.rows(of: dataset.episodes[1]).path.hasSuffix("data/chunk-000/file-001.parquet"))
    }
  }

  @Test func oneChunkAlone() throws {
    try withCopy(of: fixtures.appending(path: "ioai_h264")) { folder in
      try folder.edit("meta/info.json") {
        $0.replacingOccurrences(of: "\"chunks_size\": 1000", with: "\"chunks_size\": 1")
      }
      for path in [
        "data/chunk-00%/episode_000001.parquet",
        "videos/chunk-00%/observation.images.cam/episode_000001.mp4",
      ] {
        try folder.move(
          path.replacingOccurrences(of: "%", with: "0"),
          to: path.replacingOccurrences(of: "%", with: "1"))
      }
      #expect(try Dataset(folder: folder.path).episodes.map(\.index) == [0, 1])
      let first = try Dataset(folder: folder.path, chunkID: "chunk-000")
      #expect(first.episodes.map(\.index) == [0])
      try first.verifyFiles(of: first.episodes, cameras: first.cameras)
      #expect(try Dataset(folder: folder.path, chunkID: "chunk-001").episodes.map(\.index) == [1])
      #expect(
        message { _ = try Dataset(folder: folder.path, chunkID: "chunk-007") }
          == "\(folder.path)/data: has no chunk 'chunk-007' (dataset.chunk_id); its chunks are chunk-000, chunk-001"
      )
    }
  }

  @Test(arguments: [
    ("demonstration", EpisodeType.demo), ("Expert", .demo), ("rollout", .autonomous),
    ("policy", .autonomous), ("intervention", .correction), ("corrected", .correction),
  ])
  func otherRecordersWordsForTypes(word: String, type: EpisodeType) {
    #expect(EpisodeType(recorded: word) == type)
  }

  @Test func templatesOfBothKinds() {
    let template = PathTemplate(
      "videos/chunk-{chunk_index:03d}/{video_key}/episode_{episode_index:06d}.mp4")
    #expect(
      template.path(episode: 1234, chunk: 1, camera: "cam")
        == "videos/chunk-001/cam/episode_001234.mp4")
    #expect(PathTemplate("data/{unknown}").path(episode: 0, chunk: 0) == nil)
    #expect(PathTemplate("../{episode_index}").path(episode: 0, chunk: 0) == nil)
    #expect(PathTemplate("/etc/{episode_index}").path(episode: 0, chunk: 0) == nil)
  }

  @Test func jsonAsPythonWritesIt() throws {
    let text = #"{"a": [NaN, -Infinity, 1e-3], "b": "é\n\ud83d\ude00", "c": {"d": null}}"#
    let json = try JSON(Array(text.utf8), file: "x")
    #expect(json["b"] == .string("é\n😀"))
    #expect(json["c"]?["d"] == .null)
    guard case .array(let numbers) = json["a"], case .number(let first) = numbers[0] else {
      Issue.record("not an array of numbers")
      return
    }
    #expect(first.isNaN && numbers[1] == .number(-.infinity) && numbers[2] == .number(0.001))
    for bad in ["", "{", "[1,]", "{\"a\" 1}", "nul", "1 2", "\"\\u12\"", "+1"] {
      #expect(
        message { _ = try JSON(Array(bad.utf8), file: "x") }.hasPrefix("x: is not valid JSON"))
    }
    let deep = String(repeating: "[", count: 100_000)
    #expect(message { _ = try JSON(Array(deep.utf8), file: "x") }.contains("128 levels"))
  }
}
