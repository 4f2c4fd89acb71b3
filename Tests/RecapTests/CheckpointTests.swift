import Foundation
import Recap
import Testing
import Torch

/// Checkpoints of the PyTorch project and our own, and the frozen encoders they name or bring along.
@Suite struct CheckpointTests {
  @Test(arguments: ["classic_transformers5", "classic_transformers4"])
  func pyTorchsCheckpointGoesOn(name: String) throws {
    let fixture = try ClassicFixture()
    let settings = try ClassicFixture.json("runs")["resumed"] as! [String: Any]
    let training = try Training(fixture, settings)
    let checkpoint = try ClassicCheckpoint(path: ClassicFixture.path(name + ".pt"))
    try checkpoint.restore(policy: fixture.policy, valueFunction: fixture.valueFunction)
    try checkpoint.restore(
      policyOptimizer: training.optimizer, valueOptimizer: training.valueOptimizer)
    #expect(training.optimizer.state.values.contains { $0.step.item() == 6 })
    for (step, terms) in (settings["steps"] as! [[String: Any]]).enumerated() {
      try training.step(terms, "\(name), step \(step)")
    }
    let expected = try ClassicFixture.tensors("resumed")
    var compared = 0
    for (name, tensor) in fixture.parameters {
      guard let after = expected[name] else { continue }
      expectClose(tensor, after, name)
      compared += 1
    }
    #expect(compared == expected.count)
  }

  @Test func frozenEncodersAreNamedNotWritten() throws {
    let scratch = try TrainingScratch()
    _ = try train(scratch.configuration("training.full_checkpoints=false"))
    let contents = try CheckpointContents(scratch.path + "/run/checkpoint_final.pt")
    let names = contents.tensors(in: "model_state_dict").keys
    #expect(names.contains("vision_encoder.projection.weight"))
    #expect(!names.contains { $0.contains("vision_model.") || $0.contains("text_model.") })
    for kind in ["vision_encoder.vision_model.", "language_encoder.text_model."] {
      let place = "recap/frozen_encoders/\(kind)"
      #expect(
        contents.values[place + "/identity"]!.wholeMatch(of: /.*sha256:[0-9a-f]{64}.*/) != nil)
    }

    _ = try train(scratch.configuration("training.full_checkpoints=true"))
    let full = try CheckpointContents(scratch.path + "/run/checkpoint_final.pt")
    let folder = try Safetensors.load(ClassicFixture.path("vision/model.safetensors"))
    let prefix = "vision_encoder.vision_model."
    let written = full.tensors(in: "model_state_dict").filter { $0.key.hasPrefix(prefix) }
    #expect(written.count == folder.count)
    let name = "encoder.layers.1.mlp.fc1.weight"
    #expect(written[prefix + name]!.equal((folder[name] ?? folder["vision_model." + name])!))
    for (name, tensor) in contents.tensors {
      #expect(tensor.equal(full.tensors[name]!), "\(name)")
    }
  }

  /// What is exported in the spelling of either release of transformers is read again.
  @Test(arguments: [
    (
      #""dinov2", "use_swiglu_ffn": true, "mlp_ratio": 2"#, "mlp.weights_in.weight",
      "mlp.up_proj.weight"
    ),
    (#""vit", "intermediate_size": 16"#, "attention.attention.query.bias", "attention.q_proj.bias"),
    (#""siglip_vision_model", "intermediate_size": 16"#, "vision_model.head.probe", "head.probe"),
  ])
  func exportsOfEveryFamilyAreReadAgain(family: String, older: String, newer: String) throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let folder = try scratch.visionEncoder(
      "{\"model_type\": \(family), \"hidden_size\": 12, \"num_hidden_layers\": 2, "
        + "\"num_attention_heads\": 3, \"image_size\": 48, \"patch_size\": 16}",
      processing: #"{"size": {"height": 32, "width": 64}, "do_center_crop": false}"#)
    _ = try train(
      scratch.configuration(
        "model.vision_model_name=\(folder)", "model.freeze_vision=false", "training.demo_epochs=1",
        "training.correction_epochs=0", "training.autonomous_epochs=0"))
    let own = try ClassicCheckpoint(fileOrFolder: scratch.path + "/run")
    try own.exportSafetensors(to: scratch.path + "/own.safetensors")
    let expected = try Safetensors.load(scratch.path + "/own.safetensors")
    for (release, part) in [(4, older), (5, newer)] {
      let file = scratch.path + "/transformers\(release).pt"
      try own.exportClassic(to: file, transformers: release)
      #expect(
        try CheckpointContents(file).tensors(in: "model_state_dict").keys.contains {
          $0.hasSuffix(part)
        })
      try ClassicCheckpoint(path: file).exportSafetensors(to: scratch.path + "/again.safetensors")
      let again = try Safetensors.load(scratch.path + "/again.safetensors")
      #expect(again.keys.sorted() == expected.keys.sorted())
      for (name, tensor) in expected { #expect(again[name]?.equal(tensor) == true, "\(name)") }
    }
  }

  @Test func anotherEncoderIsRefused() throws {
    let scratch = try TrainingScratch()
    _ = try train(scratch.configuration())
    let other = try scratch.otherEncoder("vision")
    let text = message {
      _ = try train(
        scratch.configuration("model.vision_model_name=\(other)"),
        checkpoint: scratch.path + "/run/checkpoint_demo.pt")
    }
    let hash = "sha256:[0-9a-f]{12}"
    let wanted = try Regex(
      "^.*checkpoint_demo.pt was trained with the frozen encoder '.*/vision' \\(\(hash)\\), whose "
        + "weights are not in the file; '.*/other-vision' is another \\(\(hash)\\): give the one "
        + "it was trained with$")
    #expect(try wanted.wholeMatch(in: text) != nil, "\(text)")
  }

  /// Weights drawn from a seed have no file to hash: the seed and the configuration stand for them.
  @Test func anotherSeedIsAnotherEncoder() throws {
    let scratch = try TrainingScratch()
    let folder = try scratch.copy(ClassicFixture.path("vision"), to: "drawn")
    try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
    _ = try train(scratch.configuration("model.vision_model_name=\(folder)"))
    func resume(_ assignment: String) -> String {
      message {
        _ = try train(
          scratch.configuration("model.vision_model_name=\(folder)", assignment),
          checkpoint: scratch.path + "/run/checkpoint_demo.pt")
      }
    }
    #expect(resume("training.seed=1").contains("(seed:0 "))
    #expect(resume("training.seed=0") == "")
    try scratch.edit("drawn/config.json") {
      $0.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 1")
    }
    #expect(resume("training.seed=0").contains("give the one it was trained with"))
  }

  /// A PyTorch checkpoint holds the frozen encoders too, and they may not be the folder's.
  @Test func encodersOfTheFileAreTrainedWith() throws {
    let scratch = try TrainingScratch()
    let other = try scratch.otherEncoder("vision")
    let run = "training.checkpoint_dir=\(scratch.path)/"
    // What PyTorch would write: every weight, and nothing of ours.
    _ = try train(
      scratch.configuration(
        run + "first", "training.full_checkpoints=true", "training.train_corrections=false",
        "training.train_autonomous=false"))
    let file = scratch.path + "/pytorch.pt"
    let own = try CheckpointFile.load(scratch.path + "/first/checkpoint_demo.pt").dictionaryValue!
    try CheckpointFile.save(.dictionary(own.filter { $0.key.string != "recap" }), to: file)

    let expected = try train(scratch.configuration(run + "same"), checkpoint: file)
    let vision = "model.vision_model_name=\(other)"
    _ = try train(scratch.configuration(run + "warm", vision))  // fills the cache for the folder
    let found = try train(scratch.configuration(run + "other", vision), checkpoint: file)

    let start =
      "\(file) does not say how far training had come: starting with the first enabled stage"
    #expect(expected.messages == [start])
    #expect(found.messages.contains(start))
    #expect(
      found.messages.contains {
        $0.hasPrefix("\(file) has its own weights for the frozen encoder '\(other)'")
      })
    #expect(found.lines() == expected.lines())
    let (a, b) = try (
      CheckpointContents(scratch.path + "/same/checkpoint_final.pt"),
      CheckpointContents(scratch.path + "/other/checkpoint_final.pt")
    )
    for (name, tensor) in a.tensors { #expect(tensor.equal(b.tensors[name]!), "\(name)") }
    // They are in no folder, so they are in every checkpoint.
    let names = b.tensors(in: "model_state_dict").keys
    #expect(names.contains { $0.hasPrefix("vision_encoder.vision_model.") })
    #expect(!names.contains { $0.hasPrefix("language_encoder.text_model.") })

    // And they stay with the run when it goes on.
    let again = try train(
      scratch.configuration(run + "again", vision),
      checkpoint: scratch.path + "/other/checkpoint_demo.pt")
    #expect(again.encoded == 0)
    try expectSame(
      scratch.path + "/other/checkpoint_final.pt", scratch.path + "/again/checkpoint_final.pt")
  }

  @Test func aFrozenEncoderMayBeTrainedOn() throws {
    let scratch = try TrainingScratch()
    _ = try train(scratch.configuration())
    let told = try train(
      scratch.configuration("model.freeze_vision=false"),
      checkpoint: scratch.path + "/run/checkpoint_demo.pt")
    #expect(told.metrics.first!.key.hasPrefix("corrections"))
    let names = try CheckpointContents(scratch.path + "/run/checkpoint_final.pt").tensors.keys
    #expect(names.contains { $0.hasPrefix("model_state_dict/vision_encoder.vision_model.") })
  }

  @Test func whatDoesNotFitIsRefusedWhole() throws {
    let scratch = try TrainingScratch()
    _ = try train(scratch.configuration())
    let file = scratch.path + "/run/checkpoint_demo.pt"
    let wider = message {
      _ = try train(scratch.configuration("model.hidden_dim=16"), checkpoint: file)
    }
    #expect(wider.hasPrefix("\(file): the checkpoint does not fit the model"))
    #expect(wider.contains("fusion.0.weight has shape [12, 24], expected [16, 32]"))

    func saved(_ change: (inout [(key: PickleValue, value: PickleValue)]) -> Void) throws -> String
    {
      var entries = try CheckpointFile.load(file).dictionaryValue!
      change(&entries)
      try CheckpointFile.save(.dictionary(entries), to: scratch.path + "/changed.pt")
      return message {
        _ = try train(scratch.configuration(), checkpoint: scratch.path + "/changed.pt")
      }
    }
    let without = try saved { $0.removeAll { $0.key.string == "optimizer_state_dict" } }
    #expect(
      without.hasSuffix("changed.pt: no optimizer_state_dict, so training cannot go on from it"))
    let noWeights = try saved { $0.removeAll { $0.key.string == "model_state_dict" } }
    #expect(noWeights.contains("changed.pt: no model_state_dict with named tensors"))
    let badMoments = try saved { entries in
      let index = entries.firstIndex { $0.key.string == "optimizer_state_dict" }!
      let moments: PickleValue = .dictionary([
        ("step", .tensor(Tensor([1]))), ("exp_avg", .tensor(Tensor.zeros([3, 3]))),
        ("exp_avg_sq", .tensor(Tensor.zeros([3, 3]))),
      ])
      entries[index].value = .dictionary([("state", .dictionary([(.int(0), moments)]))])
    }
    #expect(badMoments.contains("optimizer_state_dict does not fit the model's"))
  }
}
