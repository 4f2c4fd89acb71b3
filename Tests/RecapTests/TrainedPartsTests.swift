import Foundation
import Recap
import Testing
import Torch

/// `model.freeze` and `model.lora`, from configuration to checkpoint and export.
@Suite struct TrainedPartsTests {
  private static let flow = [
    "policy.type=flow", "model.action_dim=null", "policy.width=16", "policy.expert_width=16",
    "policy.layers=1", "policy.heads=2", "policy.head_width=8", "policy.chunk_length=4",
    "policy.execution_horizon=3", "value_function.width=16", "value_function.layers=1",
    "value_function.heads=2", "training.batch_frames=8", "training.demo_steps=4",
    "training.value_steps=4", "dataset.normalize_actions=null", "training.learning_rate=1e-2",
    "training.train_corrections=false", "training.train_autonomous=false",
  ]
  private static let lora = [
    "model.freeze=[trunk.*, \"*.embeddings.*\"]", "model.lora=[\"language_encoder.*.query\"]",
    "model.lora_rank=2",
  ]

  private func weights(_ file: String) throws -> [String: Tensor] {
    try #require(try CheckpointFile.load(file)["model_state_dict"]?.stateDictionary)
  }

  private func configuration(
    _ scratch: TrainingScratch, _ folder: String, _ more: [String]
  ) throws -> Configuration {
    try Configuration(
      yaml: scratch.configuration().yaml, file: "test.yaml",
      assignments: Self.flow + ["training.checkpoint_dir=\(scratch.path)/\(folder)"] + more)
  }

  @Test func onlyWhatIsNamedIsTrained() throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    _ = try train(configuration(scratch, "start", ["training.demo_steps=1"] + Self.lora))
    _ = try train(configuration(scratch, "run", Self.lora))
    let start = try weights(scratch.path + "/start/checkpoint_demo.pt")
    let end = try weights(scratch.path + "/run/checkpoint_demo.pt")
    #expect(start.keys.sorted() == end.keys.sorted())
    let changed = start.keys.filter { !start[$0]!.equal(end[$0]!) }
    let adapters = end.keys.filter { $0.contains(".lora_") }
    // The text encoder is frozen but for its adapters, which makes it one that is trained and saved.
    #expect(!adapters.isEmpty && adapters.allSatisfy { $0.hasPrefix("language_encoder.") })
    #expect(Set(changed.filter { $0.hasPrefix("language_encoder.") }) == Set(adapters))
    #expect(!changed.contains { $0.hasPrefix("trunk.") })
    #expect(changed.contains { $0.hasPrefix("expert.") })
    #expect(!end.keys.contains { $0.hasPrefix("vision_encoder.") })
  }

  @Test func adaptersAreMergedOnExport() throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    _ = try train(configuration(scratch, "run", Self.lora))
    let file = scratch.path + "/run/checkpoint_demo.pt"
    let output = scratch.path + "/policy.safetensors"
    try ClassicCheckpoint(path: file).exportSafetensors(to: output)
    let exported = try Safetensors.load(output)
    #expect(!exported.keys.contains { $0.contains(".lora_") })
    let saved = try weights(file)
    let name = try #require(saved.keys.first { $0.hasSuffix(".query.lora_A.weight") })
    let layer = name.dropLast(".lora_A.weight".count)
    let (weight, b) = (saved[layer + ".weight"]!, saved[layer + ".lora_B.weight"]!)
    let merged = weight + b.matmul(saved[name]!) * 8  // 16 / 2
    #expect(
      zip(exported["policy.\(layer).weight"]!.floats, merged.floats).allSatisfy {
        abs($0 - $1) < 1e-6
      })
    #expect(!merged.equal(weight))
  }

  @Test func adaptersStartOnACheckpointWithoutAny() throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    _ = try train(configuration(scratch, "whole", ["model.freeze_text=false"]))
    let whole = scratch.path + "/whole/checkpoint_demo.pt"
    let told = try train(
      configuration(
        scratch, "tuned",
        ["training.train_corrections=true", "training.correction_steps=4"] + Self.lora),
      checkpoint: whole)
    #expect(told.saved.contains { $0.hasSuffix("checkpoint_correction.pt") })
    let (before, after) = (
      try weights(whole), try weights(scratch.path + "/tuned/checkpoint_correction.pt")
    )
    let query = try #require(
      before.keys.first { $0.hasPrefix("language_encoder.") && $0.hasSuffix(".query.weight") })
    #expect(before[query]!.equal(after[query]!))
  }

  @Test func patternsThatFitNothingAreErrors() throws {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    let wrong = try configuration(
      scratch, "run", ["model.freeze=[trunc.*]", "model.lora=[\"*.querry\"]"])
    let error = #expect(throws: ConfigurationError.self) { try train(wrong) }
    let message = error?.description ?? ""
    #expect(
      message.hasPrefix(
        "model.freeze: 'trunc.*' fits no parameter; model.lora: '*.querry' fits no Linear; names begin with"
      ), "\(message)")
  }

  @Test func theClassicPolicyToo() throws {
    let scratch = try TrainingScratch()
    let configuration = try Configuration(
      yaml: scratch.configuration().yaml, file: "test.yaml",
      assignments: [
        "model.lora=[\"vision_encoder.vision_model.*.q_proj\"]", "training.demo_epochs=1",
        "training.train_corrections=false", "training.train_autonomous=false",
      ])
    _ = try train(configuration)
    let file = scratch.path + "/run/checkpoint_demo.pt"
    let saved = try weights(file)
    #expect(saved.keys.contains { $0.hasSuffix(".q_proj.lora_B.weight") })
    let classic = scratch.path + "/classic.pt"
    try ClassicCheckpoint(path: file).exportClassic(to: classic)
    let exported = try CheckpointFile.load(classic)
    #expect(exported["optimizer_state_dict"] == nil)
    #expect(
      exported["model_state_dict"]?.stateDictionary?.keys.contains { $0.contains("lora") } == false)
  }

  /// Frozen encoders in bfloat16 give other features, which are kept apart from those in float32.
  @Test(arguments: ["flow", "classic"]) func frozenEncodersComputeInBfloat16(policy: String) throws
  {
    let scratch = try TrainingScratch(episodes: [0, 2, 5])
    func losses(_ dtype: String) throws -> [Double] {
      let more = ["model.frozen_dtype=\(dtype)"]
      let told =
        policy == "flow"
        ? try train(configuration(scratch, dtype, more))
        : try train(
          Configuration(
            yaml: scratch.configuration().yaml, file: "test.yaml",
            assignments: more + ["training.checkpoint_dir=\(scratch.path)/\(dtype)"]))
      return told.values(policy == "flow" ? "train/flow_loss" : "train/policy_loss")
    }
    let (full, half) = (try losses("float32"), try losses("bfloat16"))
    #expect(!full.isEmpty && full.count == half.count && full != half)
    #expect(zip(full, half).allSatisfy { abs($0 - $1) < 0.05 * max(1, abs($0)) })
    let cached = try scratch.features().count
    #expect(try losses("float32") == full)
    #expect(try scratch.features().count == cached)
  }
}
