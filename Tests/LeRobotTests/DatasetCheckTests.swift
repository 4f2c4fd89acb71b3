import Foundation
import LeRobot
import Testing

@Suite struct DatasetCheckTests {
  private func problems(_ dataset: URL, _ damage: (Folder) throws -> Void = { _ in }) throws
    -> [String]
  {
    try withCopy(of: dataset) { folder in
      try damage(folder)
      return DatasetCheck(folder: folder.path).problems.map {
        $0.description.replacingOccurrences(of: folder.path + "/", with: "")
      }
    }
  }

  private var shared: URL { fixtures.appending(path: "pusht_v30_h264") }

  @Test func soundDatasetsHaveNoProblems() throws {
    for name in ["pusht_v30_h264", "pusht_v30_images", "ioai_image"] {
      let check = DatasetCheck(folder: fixtures.appending(path: name).path)
      #expect(check.problems == [], "\(name)")
      #expect(check.frames > 0)
    }
    #expect(try problems(pusht) == [])
  }

  @Test func everyProblemIsReported() throws {
    let found = try problems(pusht) { folder in
      try folder.truncate("videos/chunk-000/observation.image/episode_000001.mp4", to: 0.7)
      try FileManager.default.removeItem(at: folder.url("data/chunk-000/episode_000002.parquet"))
      try folder.edit("meta/info.json") {
        $0.replacingOccurrences(of: "\"total_frames\": 322", with: "\"total_frames\": 321")
      }
      try folder.edit("meta/episodes.jsonl") {
        $0.replacingOccurrences(of: "\"length\": 36", with: "\"length\": 37")
      }
    }
    #expect(found.contains { $0.hasPrefix("data/chunk-000/episode_000002.parquet: there is no") })
    #expect(
      found.contains { $0.hasPrefix("videos/chunk-000/observation.image/episode_000001.mp4") })
    #expect(found.contains { $0.contains("meta/info.json: key 'total_frames' is 321") })
    #expect(found.contains { $0.contains("episode_000000.parquet: holds 36 rows") })
  }

  @Test func rowsOfAnotherEpisode() throws {
    // Both files are whole, but each holds the other's rows.
    let found = try problems(pusht) { folder in
      try folder.move("data/chunk-000/episode_000003.parquet", to: "data/x")
      try folder.move(
        "data/chunk-000/episode_000004.parquet", to: "data/chunk-000/episode_000003.parquet")
      try folder.move("data/x", to: "data/chunk-000/episode_000004.parquet")
    }
    #expect(found.contains { $0.contains("episode_000003.parquet") })
    #expect(found.contains { $0.contains("episode_000004.parquet") })
  }

  @Test func everyLineThatIsNoJSON() throws {
    let found = try problems(pusht) { folder in
      try folder.edit("meta/episodes.jsonl") { text in
        var lines = text.split(separator: "\n").map(String.init)
        lines[1] = "{"
        lines[4] = "nonsense"
        return lines.joined(separator: "\n")
      }
    }
    #expect(
      found.map { String($0.prefix(22)) } == ["meta/episodes.jsonl:2:", "meta/episodes.jsonl:5:"])
  }

  @Test func videoThatEndsEarly() throws {
    let found = try problems(shared) { folder in
      try folder.truncate("videos/observation.image/chunk-000/file-000.mp4", to: 0.9)
    }
    #expect(
      found.count == 1 && found[0].hasPrefix("videos/observation.image/chunk-000/file-000.mp4"))
  }
}
