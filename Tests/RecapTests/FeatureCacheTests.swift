import Foundation
import Recap
import Testing
import Torch

/// Frozen encoders see every frame once; what they made of it is found again by all it depends on.
@Suite struct FeatureCacheTests {
  @Test func theSecondRunEncodesNothing() throws {
    let scratch = try TrainingScratch()
    let first = try train(scratch.configuration())
    #expect(first.encoded == 4 * 36 + 47)
    let files = try scratch.features()
    #expect(files.count == 5 + 2)  // episodes and texts
    let second = try train(scratch.configuration())
    #expect(second.encoded == 0)
    #expect(try scratch.features() == files)
    #expect(second.lines() == first.lines())
  }

  @Test func lossesAreThoseWithoutIt() throws {
    let scratch = try TrainingScratch()
    let drawn = try [
      "model.vision_model_name=\(scratch.copy(example("vision"), to: "vision"))",
      "model.text_model_name=\(scratch.copy(example("text"), to: "text"))",
    ]
    let cached = try train(scratch.configuration(drawn[0], drawn[1]))
    let uncached = try train(scratch.configuration(drawn[0], drawn[1]), usesCache: false)
    #expect(uncached.encoded == 0)
    #expect(cached.metrics.map(\.key) == uncached.metrics.map(\.key))
    for (a, b) in zip(cached.metrics, uncached.metrics) {
      #expect(
        abs(a.value - b.value) <= 1e-5 + 1e-5 * abs(b.value), "\(a.key): \(a.value), \(b.value)")
    }
  }

  @Test func whateverFeaturesDependOnIsInTheirName() throws {
    let scratch = try TrainingScratch(episodes: [0, 1])
    let drawn = try scratch.copy(example("vision"), to: "vision")
    _ = try scratch.copy(example("text"), to: "text")
    func encoded(_ more: String...) throws -> Int {
      let configuration = try scratch.configuration(
        "model.vision_model_name=\(drawn)", "model.text_model_name=\(scratch.path)/text",
        "training.train_corrections=false", "training.train_autonomous=false",
        "training.demo_epochs=1")
      return try train(
        Configuration(yaml: configuration.yaml, file: "test.yaml", assignments: more)
      ).encoded
    }
    #expect(try encoded() == 72)
    #expect(try encoded() == 0)
    #expect(try encoded("training.seed=1") == 72)
    #expect(try encoded("model.hidden_dim=16", "training.learning_rate=1") == 0)
    try scratch.edit("vision/preprocessor_config.json") {
      $0.replacing("0.48145466", with: "0.5")
    }
    #expect(try encoded() == 72)
    try scratch.edit("vision/config.json") { $0.replacing("quick_gelu", with: "gelu") }
    #expect(try encoded() == 72)
    #expect(try encoded("model.vision_model_name=\(ClassicFixture.path("vision"))") == 72)
    #expect(try encoded("model.vision_model_name=\(scratch.otherEncoder("vision"))") == 72)

    // Another video of the same length in the place of episode 1's.
    let videos = "\(scratch.dataset)/videos/chunk-000/\(TrainingScratch.camera)/episode_00000"
    _ = try scratch.copy(
      videos + "2.mp4",
      to: "data/videos/chunk-000/\(TrainingScratch.camera)/episode_000001.mp4")
    #expect(try encoded() == 36)

    let before = try scratch.features().count
    try scratch.edit("data/meta/tasks.jsonl") { $0.replacing("grey", with: "big red") }
    #expect(try encoded() == 0)
    #expect(try scratch.features().count == before + 1)
  }

  @Test func damagedFilesAreMadeAnew() throws {
    let scratch = try TrainingScratch()
    let first = try train(scratch.configuration())
    let files = try scratch.features().keys.sorted()
    let contents = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    let damages: [(Data) -> Data] = [
      { $0.prefix($0.count / 2) }, { _ in Data() }, { $0.prefix(7) },
      { Data(repeating: 0xff, count: $0.count) },
    ]
    for (index, file) in files.enumerated() {
      try damages[index % damages.count](contents[index]).write(to: URL(fileURLWithPath: file))
    }
    // A file that is whole, but of another shape.
    try Safetensors.save([("features", Tensor.zeros([2, 12]))], to: files[0])
    let second = try train(scratch.configuration())
    #expect(second.encoded == first.encoded)
    #expect(second.lines() == first.lines())
    #expect(try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == contents)
  }

  @Test func itLiesWhereItIsAskedFor() throws {
    let scratch = try TrainingScratch(episodes: [0, 1])
    _ = try train(scratch.configuration("dataset.feature_cache=\(scratch.path)/elsewhere"))
    #expect(try scratch.features().isEmpty)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/elsewhere")
    #expect(names.count == 2 + 2 + 1 && names.contains(".gitignore"))
  }

  @Test func trainedEncodersHaveNone() throws {
    let scratch = try TrainingScratch(episodes: [0])
    let told = try train(
      scratch.configuration(
        "model.freeze_vision=false", "model.freeze_text=false", "training.demo_epochs=1",
        "training.train_corrections=false", "training.train_autonomous=false"))
    #expect(told.encoded == 0)
    #expect(!FileManager.default.fileExists(atPath: scratch.dataset + "/.recap"))
  }

  private func example(_ kind: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Examples/encoders/\(kind)").path
  }
}
