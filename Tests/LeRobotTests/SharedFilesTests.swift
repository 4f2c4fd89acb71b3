import Foundation
import LeRobot
import Testing

/// v3.0 datasets, whose episodes share files, against what LeRobot 0.6.1 reads from them
/// (`golden.json` beside each).
@Suite struct SharedFilesTests {
  private struct GoldenItems: Decodable {
    var items: [Item]

    struct Item: Decodable {
      struct Frames: Decodable { var frame_sha256_pyav_hwc: [String] }
      var index, frame_index, episode_index: Int
      var timestamp: Double
      var task: String
      var action: [[Float]]
      var frames: Frames
      var reward: Float
      var success: Bool
      var intervention: Bool

      enum CodingKeys: String, CodingKey {
        case index, frame_index, episode_index, timestamp, task, action, intervention
        case frames = "observation.image"
        case reward = "next.reward"
        case success = "next.success"
      }
    }
  }

  @Test(arguments: ["pusht_v30_av1", "pusht_v30_h264", "pusht_v30_images"])
  func goldenFrames(_ name: String) throws {
    let folder = fixtures.appending(path: name)
    let golden = try JSONDecoder().decode(
      GoldenItems.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
    let dataset = try Dataset(folder: folder.path)
    #expect(dataset.frameCount == 322 && dataset.episodes.count == 8)
    for item in golden.items {
      let (position, frame) = dataset.position(ofFrame: item.index)
      let episode = dataset.episodes[position]
      #expect(episode.index == item.episode_index && frame == item.frame_index)
      #expect(dataset.firstFrame(ofEpisodeAt: position) == item.index - frame)
      let data = try dataset.read(episode)
      #expect(data.texts[frame] == item.task)
      #expect(abs(data.timestamps[frame] - item.timestamp) < 1e-6)
      #expect(Array(data.actions[frame * 2..<frame * 2 + 2]) == item.action[0])
      #expect(data.rewards[frame] == item.reward)
      #expect(data.interventions?[frame] == item.intervention)

      let stream = FrameStream(
        dataset, sources: [FrameSource(episode: episode, camera: "observation.image")],
        framesPerBlock: 7)
      var found = ""
      while let block = try stream.next() {
        let bytes = block.width * block.height * 3
        if (block.firstFrame..<block.firstFrame + block.frameCount).contains(frame) {
          let start = (frame - block.firstFrame) * bytes
          found = sha256(block.pixels[start..<start + bytes])
        }
      }
      #expect(found == item.frames.frame_sha256_pyav_hwc.last)
    }
  }

  /// The same rollouts in v2.1, written by LeRobot 0.3.3.
  @Test func rowsAsInOneFileAnEpisode() throws {
    let shared = try Dataset(folder: fixtures.appending(path: "pusht_v30_av1").path)
    let alone = try Dataset(folder: pusht.path)
    #expect(shared.episodes.map(\.length) == alone.episodes.map(\.length))
    for (a, b) in zip(shared.episodes, alone.episodes).reversed() {
      let (a, b) = (try shared.read(a), try alone.read(b))
      #expect(a.actions == b.actions && a.texts == b.texts && a.dones == b.dones)
      #expect(a.timestamps == b.timestamps)
    }
    #expect(
      shared.episodes.map(\.success) == [true, true, true, false, false, true, true, true])
    #expect(shared.position(ofEpisode: 7) == 7 && shared.position(ofEpisode: 8) == nil)
  }

  @Test func metadataThatDoesNotFit() throws {
    try withCopy(of: fixtures.appending(path: "pusht_v30_h264")) { folder in
      try folder.truncate("meta/episodes/chunk-000/file-000.parquet", to: 0.5)
      #expect(throws: DatasetError.self) { try Dataset(folder: folder.path) }
      try FileManager.default.removeItem(at: folder.url("meta/episodes"))
      #expect(
        throws: DatasetError("\(folder.path)/meta/episodes", "holds no Parquet files")
      ) { try Dataset(folder: folder.path) }
    }
    try withCopy(of: fixtures.appending(path: "pusht_v30_h264")) { folder in
      try FileManager.default.removeItem(at: folder.url("videos"))
      let dataset = try Dataset(folder: folder.path)
      #expect(
        throws: DatasetError(
          "\(folder.path)/videos/observation.image/chunk-000/file-000.mp4",
          "there is no such file (camera 'observation.image' of episode 0)")
      ) { try dataset.verifyFiles(of: dataset.episodes, cameras: dataset.cameras) }
    }
  }

  @Test func oneChunkAlone() throws {
    let path = fixtures.appending(path: "pusht_v30_h264").path
    #expect(try Dataset(folder: path, chunkID: "chunk-000").episodes.count == 8)
    #expect(throws: DatasetError.self) { try Dataset(folder: path, chunkID: "chunk-001") }
  }
}
