import Foundation
import LeRobot
import Recap
import Testing

/// What a run uses of its data, and what it does not, is said; a key that names nothing is an error.
@Suite struct ColumnChoiceTests {
  private func header(_ configuration: Configuration) throws -> [String: String] {
    var rows: [String: String] = [:]
    _ = try TrainingRun(configuration: configuration, device: .cpu, existing: .overwrite) {
      if case .overview(let found) = $0 { for (name, value) in found { rows[name] = value } }
    }
    return rows
  }

  @Test func theHeaderListsWhatIsUsed() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let folder = try scratch.copy(ClassicFixture.path("vision"), to: "plain")
    #expect(
      try header(scratch.configuration("model.vision_model_name=\(folder)"))["vision"]
        == "\(folder) (frozen)")
    try FileManager.default.removeItem(atPath: folder + "/preprocessor_config.json")
    #expect(
      try header(scratch.configuration("model.vision_model_name=\(folder)"))["vision"]
        == "\(folder) (frozen); no preprocessor_config.json: pictures are processed as models of this family do "
        + "(tokenizer.vision_model_name names another's)")
    let classic = try header(scratch.configuration())
    #expect(classic["cameras"] == "observation.image")
    #expect(classic["state"] == "none: 'observation.state' is not used (model.use_state)")
    #expect(classic["action"] == "action, 2 numbers")
    #expect(
      try header(scratch.configuration("model.use_state=true"))["state"]
        == "observation.state, 2 numbers")
    // No camera on purpose: a flow policy acts by the state alone, a classic one cannot.
    let blind = try header(scratch.configuration("policy.type=flow", "dataset.image_keys=[]"))
    #expect(
      blind["cameras"] == "none; not used: observation.image (dataset.image_keys)"
        && blind["state"] == "observation.state, 2 numbers")
    let refused = message { _ = try header(scratch.configuration("dataset.image_keys=[]")) }
    #expect(
      refused.contains("dataset.image_keys names none; wanted one: only policy.type flow acts"))
  }

  /// Depth is trained on where it is asked for, as grey pictures.
  @Test func depthIsNotTakenForPictures() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    try scratch.edit("data/meta/info.json") {
      $0.replacing("\"video.is_depth_map\": false", with: "\"video.is_depth_map\": true")
    }
    let refused = message { _ = try header(scratch.configuration()) }
    #expect(
      refused.hasSuffix(
        "has no camera but depth maps: dataset.image_keys=[observation.image] trains on them as grey pictures, "
          + "dataset.image_keys=[] on none"), "\(refused)")
    let asked = try header(scratch.configuration("dataset.image_keys=[observation.image]"))
    #expect(asked["cameras"] == "observation.image (depth, as grey pictures)")
    let blind = try header(scratch.configuration("policy.type=flow", "dataset.image_keys=[]"))
    #expect(
      blind["cameras"]
        == "none; not used: observation.image (depth; dataset.image_keys takes it as grey pictures)"
    )
  }

  @Test func aStateOfAnotherNameIsNotUsedInSilence() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    try scratch.edit("data/meta/info.json") {
      $0.replacing("\"observation.state\"", with: "\"observation.joints\"")
    }
    let rows = try header(scratch.configuration("policy.type=flow"))
    #expect(
      rows["state"]
        == "none: there is no column 'observation.state' (dataset.state_key); not used: observation.joints"
    )
  }

  @Test(arguments: [
    ("dataset.action_key=actoin", "actoin", "dataset.action_key", "action"),
    (
      "dataset.state_key=observation.stat", "observation.stat", "dataset.state_key",
      "observation.state"
    ),
  ])
  func aKeyThatNamesNothing(_ set: String, _ key: String, _ setting: String, _ near: String) throws
  {
    let scratch = try TrainingScratch(episodes: [0, 2])
    for type in ["classic", "flow"] {
      let text = message { _ = try header(scratch.configuration("policy.type=\(type)", set)) }
      #expect(
        text.hasSuffix(
          "data/meta/info.json: has no column '\(key)' (\(setting)); did you mean '\(near)'; its columns of "
            + "several numbers are action, observation.state"), "\(type): \(text)")
    }
  }

  /// One chunk of two: what is left out is said, and a video in another chunk is there.
  @Test func oneChunkAlone() throws {
    let scratch = try TrainingScratch(episodes: [0, 1, 2])
    let data = scratch.dataset + "/data"
    try FileManager.default.createDirectory(
      atPath: data + "/chunk-001", withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: data + "/chunk-000/episode_000002.parquet",
      toPath: data + "/chunk-001/episode_000002.parquet")
    let all = try Dataset(folder: scratch.dataset)
    #expect(all.episodes.count == 3 && all.warnings.isEmpty)
    let one = try Dataset(folder: scratch.dataset, chunkID: "chunk-001")
    #expect(one.episodes.map(\.index) == [2])
    #expect(
      one.warnings == [
        "dataset.chunk_id is chunk-001: 1 of 3 episodes are read; null reads all"
      ])
    #expect(
      try one.video(of: one.episodes[0], camera: TrainingScratch.camera).path
        .hasSuffix("chunk-000/observation.image/episode_000002.mp4"))
    // The shipped configuration reads all of it.
    let file =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path + "/configs/recap_config.yaml"
    let shipped = try Configuration(file: file, assignments: ["model.action_dim=2"])
    #expect(shipped.dataset.chunkID == nil)
  }

  /// A clone without Git LFS has pointers in the place of files.
  @Test(arguments: [
    "data/meta/info.json", "data/meta/episodes.jsonl", "data/data/chunk-000/episode_000000.parquet",
    "data/videos/chunk-000/observation.image/episode_000000.mp4",
  ])
  func aPointerInThePlaceOfAFile(_ file: String) throws {
    let scratch = try TrainingScratch(episodes: [0])
    try "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n".write(
      toFile: "\(scratch.path)/\(file)", atomically: true, encoding: .utf8)
    let text = message { _ = try train(scratch.configuration()) }
    #expect(
      text.hasSuffix(
        "\(file): is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
      "\(text)")
  }

  @Test(arguments: ["text/tokenizer.json", "text/config.json", "text/model.safetensors"])
  func aPointerOfAnEncoder(_ file: String) throws {
    let scratch = try TrainingScratch(episodes: [0])
    _ = try scratch.copy(ClassicFixture.path("text"), to: "text")
    try "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n".write(
      toFile: "\(scratch.path)/\(file)", atomically: true, encoding: .utf8)
    let text = message {
      _ = try train(scratch.configuration("model.text_model_name=\(scratch.path)/text"))
    }
    #expect(text.contains("\(file): is a Git LFS pointer"), "\(text)")
  }

  /// Beside LeRobot's folders, and with other programs' names.
  @Test func strayFilesInMetaEpisodes() throws {
    let data = try StateDataset()
    try data.record("data", (0..<3).map { .init(success: true, seed: $0) })
    let folder = data.path + "/data/meta/episodes"
    let file = folder + "/chunk-000/file-000.parquet"
    try FileManager.default.copyItem(atPath: file, toPath: folder + "/old.parquet")
    for name in ["._file-000.parquet", "chunk-000/._file-000.parquet"] {
      try Data([0, 5, 22, 7]).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    let dataset = try Dataset(folder: data.path + "/data")
    #expect(dataset.episodes.count == 3)
    #expect(
      dataset.warnings == [
        "meta/episodes: old.parquet is not read, as LeRobot reads its folders alone"
      ])
  }
}
