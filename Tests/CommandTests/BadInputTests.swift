import Foundation
import Testing
import Torch

/// Each fault is one line that names the file, the key and what was wanted, exit status 1, and nothing is
/// left behind.
@Suite struct BadInputTests {
  /// Runs a training that must fail before it starts; returns the one error.
  private func refusal(
    _ arguments: [String] = [], leaving folder: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ damage: (Workplace) throws -> Void = { _ in }
  ) throws -> String {
    let place = try Workplace()
    try damage(place)
    let before = place.files()
    let result = try Command.run(
      ["train", "--config", "recap.yaml", "--device", "cpu"] + arguments, in: place)
    #expect(result.status == 1, sourceLocation: sourceLocation)
    #expect(result.output == "", sourceLocation: sourceLocation)
    let errors = result.errorLines.filter { $0.hasPrefix("recap: error: ") }
    #expect(errors.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errorLines.last == errors.last, sourceLocation: sourceLocation)
    let left = place.files().subtracting(before)
    #expect(left.allSatisfy { $0.hasPrefix(folder ?? "none") }, sourceLocation: sourceLocation)
    #expect(!left.contains { $0.contains("partial") }, sourceLocation: sourceLocation)
    return String((errors.first ?? "").dropFirst("recap: error: ".count))
      .replacing(place.path + "/", with: "")
  }

  private let rows = "data/data/chunk-000/episode_000003.parquet"
  private let video = "data/videos/chunk-000/observation.image/episode_000003.mp4"

  @Test func everyProblemOfAConfigurationAtOnce() throws {
    let place = try Workplace()
    try place.edit("recap.yaml") {
      $0.replacing("hidden_dim: 12", with: "hiden_dim: 12")
        .replacing("demo_epochs: 3", with: "demo_epochs: many")
    }
    let before = place.files()
    let result = try place.train("--set", "training.learning_rat=1")
    #expect(result.status == 1 && result.output == "")
    #expect(
      result.errorLines == [
        "recap: error: recap.yaml:5: unknown key 'model.hiden_dim'; did you mean 'model.hidden_dim'?",
        "recap: error: recap.yaml:14: training.demo_epochs is 'many'; wanted a whole number, 0 or more",
        "recap: error: --set training.learning_rat: unknown key 'training.learning_rat'; did you mean "
          + "'training.learning_rate'?",
      ])
    #expect(place.files() == before)
  }

  @Test func missingConfigurationOrDataset() throws {
    #expect(
      try refusal { try $0.remove("recap.yaml") }
        == "recap.yaml: cannot be read: no such file or directory; wanted a YAML file")
    #expect(
      try refusal { try $0.remove("data/meta/info.json") }
        == "data: is not a LeRobot dataset: it has no meta/info.json")
    let absent = try refusal(["--dataset_path", "lerobot/nothing"])
    #expect(absent.hasPrefix("Dataset lerobot/nothing is neither a folder here nor in "))
    #expect(absent.contains("recap download lerobot/nothing --dataset"))
  }

  @Test func aModelThatIsNotThereCanBeGot() throws {
    let text = try refusal(["--set", "model.vision_model_name=openai/clip-vit-base-patch32"])
    #expect(text.hasPrefix("Model openai/clip-vit-base-patch32 is neither a folder here nor in "))
    #expect(text.contains("or run `recap download openai/clip-vit-base-patch32`"))
  }

  @Test func missingOrTruncatedRows() throws {
    #expect(
      try refusal { try $0.remove(rows) }
        == "\(rows): there is no such file (the rows of episode 3)")
    #expect(
      try refusal { try $0.truncate(rows, to: 0.6) }.hasPrefix(
        "\(rows): is not a complete Parquet file: "))
  }

  @Test func missingVideoOrCamera() throws {
    #expect(
      try refusal { try $0.remove(video) }
        == "\(video): there is no such file (camera 'observation.image' of episode 3)")
    #expect(
      try refusal(["--set", "dataset.image_keys=[observation.images.wrist]"])
        == "data/meta/info.json: has no camera 'observation.images.wrist' (dataset.image_keys); its "
        + "cameras are observation.image")
  }

  @Test func countsAndWidthsThatDisagree() throws {
    #expect(
      try refusal {
        try $0.edit("data/meta/episodes.jsonl") {
          $0.replacing("\"length\": 47", with: "\"length\": 46")
        }
      }
        == "\(rows): holds 47 rows, but meta/episodes.jsonl says length 46 for episode 3")
    #expect(
      try refusal {
        try $0.remove(video)
        try FileManager.default.copyItem(
          at: $0.url(video.replacing("3.mp4", with: "2.mp4")), to: $0.url(video))
      } == "\(video): camera 'observation.image' has 36 frames, but episode 3 has length 47")
    #expect(
      try refusal(["--set", "model.action_dim=7"])
        == "data/data/chunk-000/episode_000000.parquet: column 'action' has 2 values a row, "
        + "model.action_dim is 7")
  }

  /// Frame by frame, so that only encoding finds it: episodes that came before keep their features.
  @Test(arguments: [true, false])
  func truncatedVideo(isFrozen: Bool) throws {
    let text = try refusal(
      ["--set", "model.freeze_vision=\(isFrozen)"], leaving: isFrozen ? "data/.recap" : nil
    ) { try $0.truncate(video, to: 0.7) }
    #expect(text.hasPrefix("\(video): "))
  }

  @Test func damagedEncoder() throws {
    #expect(
      try refusal { try $0.truncate("vision/model.safetensors", to: 0.5) }
        .hasPrefix("vision/model.safetensors: "))
    #expect(
      try refusal {
        try $0.edit("vision/config.json") {
          $0.replacing("\"hidden_size\": 12", with: "\"hidden_size\": 24")
        }
      }
      .contains("vision: "))
  }

  @Test func missingOrDamagedCheckpoint() throws {
    let place = try Workplace()
    #expect(try place.train("--set", "training.autonomous_epochs=1").status == 0)
    let file = "run/checkpoint_demo.pt"
    let last = try Data(contentsOf: place.url("run/checkpoint_final.pt"))
    func error(_ checkpoint: String) throws -> String {
      let before = place.files()
      let result = try place.train("--checkpoint", checkpoint)
      #expect(result.status == 1)
      #expect(result.errorLines.count == 1, "\(result.errors)")
      #expect(place.files() == before)
      return result.errorLines.last ?? ""
    }
    #expect(try error("nowhere.pt").hasPrefix("recap: error: nowhere.pt: "))
    try FileManager.default.createDirectory(
      at: place.url("empty"), withIntermediateDirectories: true)
    #expect(
      try error("empty")
        == "recap: error: empty: no checkpoint in this folder; wanted checkpoint_*.pt of `recap train`, "
        + "or a run of `recap iterate`"
    )
    try place.truncate(file, to: 0.7)
    #expect(try error(file).hasPrefix("recap: error: \(file): "))
    #expect(
      try error("recap.yaml")
        == "recap: error: recap.yaml: is no PyTorch checkpoint; wanted a file that torch.save wrote"
    )
    #expect(try Data(contentsOf: place.url("run/checkpoint_final.pt")) == last)
  }

  @Test func aLossThatIsNotANumberStops() throws {
    let place = try Workplace()
    #expect(try place.train("--set", "training.train_autonomous=false").status == 0)
    let kept = try Data(contentsOf: place.url("run/checkpoint_correction.pt"))
    let result = try place.train(
      "--checkpoint", "run", "--set", "training.learning_rate=1e30", "--set",
      "training.autonomous_epochs=3")
    #expect(result.status == 1)
    let wanted =
      /recap: error: (train\/[a-z_]+|weight [a-z_.0-9]+) is (nan|-nan|inf|-inf|not finite) .*; the last good checkpoint is run\/checkpoint_correction.pt; try a lower training.learning_rate or .*/
    #expect(result.errorLines.last?.wholeMatch(of: wanted) != nil, "\(result.errors)")
    #expect(result.errorLines.count { $0.hasPrefix("recap: error: ") } == 1)
    #expect(try Data(contentsOf: place.url("run/checkpoint_correction.pt")) == kept)
    #expect(
      try place.runFiles() == ["checkpoint_correction.pt", "checkpoint_demo.pt", "metrics.jsonl"])
  }

  /// Weights that were saved before their loss was known to be no number are not called good.
  @Test func aCheckpointThatGivesNoNumberIsNotGood() throws {
    let place = try Workplace()
    let result = try place.train(
      "--set", "training.learning_rate=1e30", "--set", "training.save_every_steps=1")
    #expect(result.status == 1)
    #expect(result.errors.contains("; no good checkpoint was written; try a lower"))
  }

  /// A limit on the size of files fails writes as a full disk does, whoever runs the tests.
  @Test func noSpaceForACheckpoint() throws {
    let place = try Workplace()
    #expect(
      try place.train(
        "--set", "training.train_corrections=false", "--set", "training.train_autonomous=false"
      ).status == 0)
    let kept = try Data(contentsOf: place.url("run/checkpoint_demo.pt"))
    let before = place.files()
    let result = try place.train("--resume", shell: "trap '' XFSZ; ulimit -f 800")
    #expect(result.status == 1)
    #expect(
      result.errorLines.last
        == "recap: error: run/checkpoint_correction.pt: cannot be written: file too large")
    #expect(place.files() == before)
    #expect(try Data(contentsOf: place.url("run/checkpoint_demo.pt")) == kept)
  }

  @Test func noSpaceOnTheDisk() throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(at: place.url("run"), withIntermediateDirectories: true)
    let folder = place.path + "/run"
    guard shell("mount -t tmpfs -o size=1m tmpfs '\(folder)' 2> /dev/null") == 0 else {
      print("noSpaceOnTheDisk: not permitted to mount a small disk; left to noSpaceForACheckpoint")
      return
    }
    defer { _ = shell("umount '\(folder)'") }
    let result = try place.train()
    #expect(result.status == 1)
    #expect(
      result.errorLines.last
        == "recap: error: run/checkpoint_demo.pt: cannot be written: no space left on device")
    #expect(try place.runFiles() == ["metrics.jsonl"])
  }

  private func shell(_ line: String) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func foldersThatCannotBeMade() throws {
    let text = try refusal(["--set", "training.checkpoint_dir=recap.yaml/run"])
    #expect(
      text == "recap.yaml/run: cannot be made a folder to write in: recap.yaml is a file; "
        + "set training.checkpoint_dir to another")
    let cache = try refusal(["--set", "dataset.feature_cache=recap.yaml"])
    #expect(
      cache == "recap.yaml: cannot be made a folder to write in: recap.yaml is a file; "
        + "set dataset.feature_cache to another")
  }

  @Test func picturesThatTheEncoderCannotTake() throws {
    let text = try refusal {
      try $0.edit("vision/preprocessor_config.json") {
        $0.replacing("\"height\": 12", with: "\"height\": 3")
      }
    }
    #expect(
      text.contains(
        "vision: image processing makes frames of 96x96 into 12x3, but the model's patches are 4x4")
    )
  }

  @Test func badArguments() throws {
    let place = try Workplace()
    let device = try Command.run(["train", "--config", "recap.yaml", "--device", "tpu"], in: place)
    #expect(device.status == 1)
    #expect(device.errorLines.count == 1 && device.errors.hasPrefix("recap: error: "))
    if !Device.isCUDAAvailable() {
      let cuda = try Command.run(
        ["train", "--config", "recap.yaml", "--device", "cuda"], in: place)
      #expect(cuda.status == 1)
      #expect(cuda.errors.hasPrefix("recap: error: device 'cuda': no CUDA device can be used here"))
    }
    let flag = try Command.run(["train", "--confg", "recap.yaml"], in: place)
    #expect(flag.status == 64)
    #expect(flag.errors.contains("Usage: recap train"))
  }
}
