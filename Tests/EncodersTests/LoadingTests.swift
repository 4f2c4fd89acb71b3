import Encoders
import Foundation
import Testing
import Torch

@Suite struct LoadingTests {
  @Test func aFolderWithoutWeightsIsDrawnFromTheSeed() throws {
    let path = Fixture.path("clip-b-random")
    let (a, b) = (try Vision.load(path, seed: 1), try Vision.load(path, seed: 1))
    let c = try Vision.load(path, seed: 2)
    let values = { (loaded: LoadedVision) in loaded.model.parameters().flatMap(\.floats) }
    #expect(values(a) == values(b))
    #expect(values(a) != values(c))
    #expect(a.weightsIdentity == "seed:1")
    #expect(a.identity == b.identity && a.identity != c.identity)
    #expect(a.model.parameters().allSatisfy { $0.requiresGrad })
  }

  @Test func identityFollowsWeightsConfigurationAndProcessing() throws {
    let original = try Vision.load(Fixture.path("clip-a"), seed: 0)
    #expect(original.weightsIdentity.hasPrefix("sha256:"))
    #expect(original.identity.contains(original.weightsIdentity))
    try Fixture.withFolder(copying: "clip-a") { folder in
      #expect(try Vision.load(folder.path, seed: 5).identity == original.identity)
      try Data(#"{"size": 32, "crop_size": 32, "resample": 2}"#.utf8)
        .write(to: folder.appendingPathComponent("preprocessor_config.json"))
      let processed = try Vision.load(folder.path, seed: 0)
      #expect(processed.identity != original.identity)
      #expect(processed.weightsIdentity == original.weightsIdentity)
    }
    let other = try Text.load(Fixture.path("bert-plain"), seed: 0)
    #expect(other.identity != (try Text.load(Fixture.path("bert-prefixed"), seed: 0)).identity)
  }

  @Test(arguments: [DType.float16, .bfloat16, .float64])
  func otherPrecisionsBecomeFloat32(dtype: DType) throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      let state = try Safetensors.load(file).mapValues { $0.to(dtype) }
      let tensors = state.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      try FileManager.default.removeItem(atPath: file)
      try Safetensors.save(tensors, metadata: [:], to: file)
      for (name, tensor) in try Vision.load(folder.path, seed: 0).model.namedParameters() {
        #expect(tensor.dtype == .float32)
        #expect(tensor.floats == state[name]?.floats, "\(name)")
      }
    }
  }

  @Test func shardsAreReadTogether() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors")
      let state = try Safetensors.load(file.path).mapValues { $0.clone() }
      let names = state.keys.sorted()
      var map: [String: String] = [:]
      for (index, part) in [names.prefix(9), names.dropFirst(9)].enumerated() {
        let shard = "model-0000\(index + 1)-of-00002.safetensors"
        try Safetensors.save(
          part.map { ($0, state[$0]!) }, metadata: [:],
          to: folder.appendingPathComponent(shard).path)
        for name in part { map[name] = shard }
      }
      try FileManager.default.removeItem(at: file)
      try JSONSerialization.data(withJSONObject: ["weight_map": map])
        .write(to: folder.appendingPathComponent("model.safetensors.index.json"))
      for (name, tensor) in try Vision.load(folder.path, seed: 0).model.namedParameters() {
        #expect(tensor.floats == state[name]?.floats, "\(name)")
      }
    }
  }

  /// One error names everything that does not fit.
  @Test func whatDoesNotFitIsListed() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      var state = try Safetensors.load(file).mapValues { $0.clone() }
      state["pre_layrnorm.bias"] = nil
      state["encoder.layers.0.mlp.fc1.bias"] = Tensor.zeros([3])
      state["surplus"] = Tensor.zeros([1])
      try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      for part in [folder.path, "pre_layrnorm.bias", "layers.0.mlp.fc1.bias", "surplus", "[3]"] {
        #expect(text.contains(part), "\(part) in: \(text)")
      }
      #expect(!text.contains("\n"))
    }
  }

  @Test func twoSpellingsOfOneParameterAreAnError() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      var state = try Safetensors.load(file).mapValues { $0.clone() }
      state["vision_model.pre_layrnorm.bias"] = state["pre_layrnorm.bias"]
      try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      #expect(text.contains("pre_layrnorm.bias in two spellings"), "\(text)")
    }
  }

  @Test func quantisedWeightsAreRefused() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      var state = try Safetensors.load(file).mapValues { $0.clone() }
      state["pre_layrnorm.bias"] = state["pre_layrnorm.bias"]?.to(.int8)
      try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      #expect(text.contains("pre_layrnorm.bias is int8, wanted floating point"), "\(text)")
      #expect(text.contains("before quantisation"), "\(text)")
    }
  }

  /// A tensor of a dtype that is not read stands in the way of a model that wants it, and of no other:
  /// another tower's is dropped, and one that fits nothing is named as any other is.
  @Test func onlyWantedTensorsNeedADTypeThatIsRead() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      let whole = try Safetensors.load(file).mapValues { $0.clone() }
      func load(_ name: String, _ tensor: Tensor, dtype: String) throws {
        var state = whole
        state[name] = tensor
        try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
        // As wide as int16, of which there is one.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let place = try #require(bytes.firstRange(of: Data("\"I16\"".utf8)))
        bytes.replaceSubrange(place, with: Data("\"\(dtype)\"".utf8))
        try bytes.write(to: URL(fileURLWithPath: file))
        _ = try Vision.load(folder.path, seed: 0)
      }
      let other = Tensor.zeros([2], dtype: .int16)
      try load("text_model.scale", other, dtype: "U16")
      let surplus = message { try load("surplus", other, dtype: "U16") }
      #expect(surplus.contains("1 unexpected: surplus"), "\(surplus)")
      let wanted = message {
        try load("pre_layrnorm.bias", whole["pre_layrnorm.bias"]!.to(.int16), dtype: "U16")
      }
      #expect(wanted.contains("pre_layrnorm.bias is U16, wanted floating point"), "\(wanted)")
    }
  }

  /// Names that differ in their bytes alone are two tensors.
  @Test func namesThatLookAlikeAreListed() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      var state = try Safetensors.load(file).mapValues { $0.clone() }
      state["caf\u{E9}"] = .zeros([1])
      state["cafe\u{301}"] = .zeros([1])
      try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      #expect(text.contains("2 unexpected: "), "\(text)")
    }
  }

  /// What a wrapper puts before every name is said.
  @Test(arguments: ["module.", "_orig_mod.", "model.", "module._orig_mod.", "policy.vision."])
  func prefixesAreNamed(prefix: String) throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      let state = try Safetensors.load(file).mapValues { $0.clone() }
      for level in ["", "vision_model."] {
        try Safetensors.save(
          state.map { (prefix + level + $0.key, $0.value) }, metadata: [:], to: file)
        let text = message { _ = try Vision.load(folder.path, seed: 0) }
        #expect(text.contains("unexpected names begin with '\(prefix)"), "\(text)")
        #expect(!text.contains("\n"))
      }
    }
  }

  /// What is wrong with the weights' file is said of it, not of config.json.
  @Test func aWeightFileThatIsCutIsNamed() throws {
    try Fixture.withFolder(copying: "clip-b") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      let state = try Safetensors.load(file).mapValues { $0.clone() }
      try FileManager.default.removeItem(atPath: file)
      let pickled = folder.appendingPathComponent("pytorch_model.bin")
      try CheckpointFile.save(
        .stateDictionary(state.map { ($0.key, $0.value) }), to: pickled.path)
      _ = try Vision.load(folder.path, seed: 0)
      try Data(contentsOf: pickled).dropLast(100).write(to: pickled)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      #expect(text.contains("pytorch_model.bin: is no complete PyTorch file"), "\(text)")
    }
  }

  @Test(arguments: [
    (
      #"{"model_type": "resnet"}"#,
      "model_type is \"resnet\"; vision encoders are of type altclip, "
    ),
    (#"{}"#, "model_type is absent"),
    (#"{"model_type": "clip_vision_model", "hidden_act": "mish"}"#, "hidden_act is \"mish\""),
    (
      #"{"model_type": "clip", "vision_config": {"hidden_size": 10, "image_size": "x"}}"#,
      "vision_config.image_size is \"x\", wanted an integer, at least 1; vision_config.hidden_size"
    ),
    (#"[1, 2]"#, "is not a JSON object"),
  ])
  func configurationsThatCannotBe(json: String, expected: String) throws {
    try Fixture.withFolder { folder in
      try Data(json.utf8).write(to: folder.appendingPathComponent("config.json"))
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      #expect(text.contains(expected) && text.contains("config.json"), "\(text)")
      #expect(!text.contains("\n"))
    }
  }

  @Test func textConfigurationsThatCannotBe() throws {
    try Fixture.withFolder { folder in
      let json = #"{"model_type": "bert", "position_embedding_type": "relative_key"}"#
      try Data(json.utf8).write(to: folder.appendingPathComponent("config.json"))
      let text = message { _ = try Text.load(folder.path, seed: 0) }
      #expect(text.contains("position_embedding_type is \"relative_key\", wanted \"absolute\""))
    }
  }

  @Test func processedFramesMayHaveAnySizeOfAPatchOrMore() throws {
    try Fixture.withFolder(copying: "clip-a") { folder in
      try Data(#"{"size": 40, "do_center_crop": false}"#.utf8)
        .write(to: folder.appendingPathComponent("preprocessor_config.json"))
      let vision = try Vision.load(folder.path, seed: 0)
      #expect(try vision.processedSize(frameHeight: 20, frameWidth: 30) == (40, 60))
      let output = vision.model(vision.processor(Tensor.zeros([2, 20, 30, 3], dtype: .uint8)))
      #expect(output.lastHiddenState.shape == [2, 1 + 5 * 7, 24])
      let own = try Vision.load(Fixture.path("clip-b"), seed: 0)
      let other = try Vision.load(Fixture.path("clip-b"), seed: 0, processorName: folder.path)
      #expect(own.processor.configuration.size == .shortestEdge(30))
      #expect(other.processor == vision.processor && other.identity != own.identity)
    }
    let vision = try Vision.load(Fixture.path("clip-a"), seed: 0)
    #expect(try vision.processedSize(frameHeight: 480, frameWidth: 640) == (32, 32))
    try Fixture.withFolder(copying: "clip-a") { folder in
      try Data(#"{"do_resize": false, "do_center_crop": false}"#.utf8)
        .write(to: folder.appendingPathComponent("preprocessor_config.json"))
      let small = try Vision.load(folder.path, seed: 0)
      let text = message { _ = try small.processedSize(frameHeight: 7, frameWidth: 30) }
      #expect(text.contains("makes frames of 30x7 into 30x7, but the model's patches are 8x8"))
    }
  }
}
