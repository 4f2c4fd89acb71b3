import Encoders
import Foundation
import Testing
import Torch

/// Every vision family against `transformers`: a new one is a folder of Fixtures/vision, and its name here.
@Suite struct VisionFamilyTests {
  static let names = [
    "siglip", "siglip-whole", "dinov2", "dinov2-classifier", "registers", "registers-giant", "vit",
    "vit-classifier", "metaclip2",
  ]

  /// A model, its images and what `transformers` computed.
  static func load(
    _ name: String
  ) throws -> (model: any VisionEncoder, pixels: Tensor, numbers: StateDictionary) {
    let model = try Vision.load(Fixture.path("vision/\(name)"), seed: 0).model
    let numbers = try Fixture.tensors("vision/\(name)/expected")
    return (model, try #require(numbers["input"]), numbers)
  }

  @Test(arguments: names) func everyHiddenStateMatchesPyTorch(name: String) throws {
    let (model, pixels, numbers) = try Self.load(name)
    let output = model(pixels.to(.float32), hiddenStates: true)
    #expect(output.hiddenStates.count == numbers.keys.count { $0.hasPrefix("hidden.") })
    for (index, state) in output.hiddenStates.enumerated() {
      expectClose(state, try #require(numbers["hidden.\(index)"]), "hidden state \(index)")
    }
    let last = try #require(numbers["last_hidden_state"])
    expectClose(output.lastHiddenState, last, "last")
    expectClose(output.pooled, try #require(numbers["pooled"]), "pooled")
    let features = model.features(pixels.to(.float32))
    expectClose(features, try #require(numbers["features"]), "features")
    #expect(features.shape == [2, model.width])
    let patches = model.patchTokens(pixels.to(.float32))
    let count = pixels.shape[2] / model.patchSize * (pixels.shape[3] / model.patchSize)
    #expect(patches.shape[1] == count)
    expectClose(
      patches, last.narrow(dim: 1, start: last.shape[1] - count, length: count), "patches")
  }

  /// Of all parameters; what is not used has none on both sides.
  @Test(arguments: names) func gradientsMatchPyTorch(name: String) throws {
    let (model, pixels, numbers) = try Self.load(name)
    let output = model(pixels.to(.float32))
    try loss(output.lastHiddenState, output.pooled, numbers).backward()
    for (name, parameter) in model.namedParameters() {
      let gradient = parameter.grad
      let expected = numbers["gradient.\(name)"]
      #expect((gradient == nil) == (expected == nil), "\(name)")
      if let gradient, let expected { expectClose(gradient, expected, tolerance: 1e-4, name) }
    }
  }

  @Test(arguments: names) func gradientsOfFeaturesAreThoseOfTheOutput(name: String) throws {
    let (a, pixels, _) = try Self.load(name)
    let (b, _, _) = try Self.load(name)
    a.features(pixels.to(.float32)).pow(2).sum().backward()
    let output = b(pixels.to(.float32))
    let classToken = output.lastHiddenState.select(dim: 1, index: 0)
    (name.hasPrefix("siglip") ? output.pooled : classToken).pow(2).sum().backward()
    for (x, y) in zip(a.namedParameters(), b.namedParameters()) {
      guard let wanted = y.tensor.grad else { continue }
      expectClose(try #require(x.tensor.grad), wanted, x.name)
    }
  }

  /// Weights and pixels in bfloat16, against `transformers` in bfloat16.
  @Test(arguments: names) func bfloat16MatchesPyTorch(name: String) throws {
    let (model, pixels, numbers) = try Self.load(name)
    model.to(.bfloat16)
    let output = withoutGradient { model(pixels) }
    let features = withoutGradient { model.features(pixels) }
    for (what, ours) in [
      ("last_hidden_state", output.lastHiddenState), ("pooled", output.pooled),
      ("features", features),
    ] {
      let theirs = try #require(numbers["bfloat16.\(what)"])
      #expect(ours.dtype == .bfloat16 && ours.shape == theirs.shape)
      let largest = theirs.to(.float32).abs().max().item()
      let off = (ours.to(.float32) - theirs.to(.float32)).abs().max().item() / largest
      #expect(off < 2e-2, "\(what): off by \(off) of the largest")
    }
    // Pixels are converted to the weights' precision.
    let converted = withoutGradient { model(pixels.to(.float32)).pooled }
    #expect(converted.floats == output.pooled.floats)
  }

  /// The optimizer's state is keyed by this order.
  @Test(arguments: names) func parametersAreInRegistrationOrder(name: String) throws {
    let (model, _, _) = try Self.load(name)
    let data = try Data(
      contentsOf: URL(fileURLWithPath: Fixture.path("vision/\(name)/parameters.json")))
    let expected = try JSONDecoder().decode([String].self, from: data)
    #expect(model.namedParameters().map(\.name) == expected)
    #expect(model.parameters().allSatisfy { $0.dtype == .float32 && $0.requiresGrad })
  }

  @Test(arguments: names) func namesOfBothReleasesAreRead(name: String) throws {
    let (model, _, _) = try Self.load(name)
    let family = type(of: model)
    for (name, _) in model.namedParameters() {
      #expect(family.spell(name, .transformers5) == name)
      for spelling in Spelling.allCases {
        switch family.resolve(family.spell(name, spelling)) {
        case .parameter(let own): #expect(own == name)
        case .parts(let parts): #expect(parts.contains(name))
        case .ignored, .copy: Issue.record("\(name) is not read")
        }
      }
    }
    #expect(family.resolve("surplus.weight") == .parameter("surplus.weight"))
  }

  @Test func namesAreSpelledForRelease4() {
    let names: [(any Encoder.Type, String, String)] = [
      (
        SigLIPVisionModel.self, "head.attention.in_proj_weight",
        "vision_model.head.attention.in_proj_weight"
      ),
      (
        DINOv2Model.self, "encoder.layer.1.attention.o_proj.bias",
        "encoder.layer.1.attention.output.dense.bias"
      ),
      (
        DINOv2Model.self, "encoder.layer.1.mlp.up_proj.weight",
        "encoder.layer.1.mlp.weights_in.weight"
      ),
      (
        ViTModel.self, "layers.0.attention.k_proj.bias",
        "encoder.layer.0.attention.attention.key.bias"
      ),
      (
        ViTModel.self, "layers.0.attention.o_proj.bias",
        "encoder.layer.0.attention.output.dense.bias"
      ),
      (ViTModel.self, "layers.0.mlp.fc2.weight", "encoder.layer.0.output.dense.weight"),
    ]
    for (family, ours, theirs) in names {
      #expect(family.spell(ours, .transformers4) == theirs)
    }
  }

  /// One error names all that is missing, unexpected and of another shape.
  @Test(arguments: ["siglip", "dinov2", "registers", "vit"])
  func whatDoesNotFitIsListed(name: String) throws {
    try Fixture.withFolder(copying: "vision/\(name)") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      var state = try Safetensors.load(file).mapValues { $0.clone() }
      let names = state.keys.sorted()
      state[names[0]] = nil
      state[names[5]] = Tensor.zeros([3, 1])
      state["head.surplus"] = Tensor.zeros([])
      try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      for part in [folder.path, "1 missing", "1 unexpected: head.surplus", "has shape [3, 1]"] {
        #expect(text.contains(part), "\(part) in: \(text)")
      }
      #expect(!text.contains("\n"))
    }
  }

  @Test func rowsThatDoNotComeOutEvenAreAnError() throws {
    try Fixture.withFolder(copying: "vision/dinov2-classifier") { folder in
      let file = folder.appendingPathComponent("model.safetensors").path
      var state = try Safetensors.load(file).mapValues { $0.clone() }
      state["dinov2.encoder.layer.0.mlp.weights_in.bias"] = Tensor.zeros([15])
      state["dinov2.encoder.layer.1.mlp.weights_in.bias"] = Tensor.zeros([])
      try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      for part in [
        "1 missing: encoder.layer.1.mlp.up_proj.bias", "layer.1.mlp.gate_proj.bias has shape []",
        "layer.0.mlp.up_proj.bias has shape [7], expected [8]",
      ] {
        #expect(text.contains(part), "\(part) in: \(text)")
      }
    }
  }

  @Test(arguments: [
    (
      #"{"model_type": "siglip_vision_model", "hidden_act": "mish", "vision_use_head": 1}"#,
      ["hidden_act is \"mish\"", "vision_use_head is 1, wanted true or false"]
    ),
    (
      #"{"model_type": "siglip", "vision_config": {"patch_size": [16, 8], "num_channels": 1}}"#,
      ["vision_config.patch_size is [16, 8]", "vision_config.num_channels is 1, wanted 3"]
    ),
    (
      #"{"model_type": "dinov2", "hidden_size": 10, "use_swiglu_ffn": "yes"}"#,
      ["use_swiglu_ffn is \"yes\"", "hidden_size is 10, wanted a multiple of num_attention_heads"]
    ),
    (
      #"{"model_type": "dinov2_with_registers", "num_register_tokens": -1, "image_size": 8}"#,
      ["num_register_tokens is -1", "patch_size is absent, wanted at most image_size, which is 8"]
    ),
    (
      #"{"model_type": "vit", "pooler_act": "relu", "qkv_bias": null, "image_size": [224, 112]}"#,
      ["pooler_act is \"relu\", wanted \"tanh\"", "image_size is [224, 112]"]
    ),
    (
      #"{"model_type": "siglip2"}"#,
      ["the NaFlex models of SigLIP 2 are not read", "model_type is siglip"]
    ),
    (
      #"{"model_type": "siglip2_vision_model"}"#,
      ["the NaFlex models of SigLIP 2 are not read"]
    ),
    (
      #"{"model_type": "deit"}"#,
      [
        "chinese_clip_vision_model, clip, clip_vision_model, dinov2, dinov2_with_registers, ",
        "vit.",
      ]
    ),
  ])
  func configurationsThatCannotBe(json: String, expected: [String]) throws {
    try Fixture.withFolder { folder in
      try Data(json.utf8).write(to: folder.appendingPathComponent("config.json"))
      let text = message { _ = try Vision.load(folder.path, seed: 0) }
      for part in expected + ["config.json"] {
        #expect(text.contains(part), "\(part) in: \(text)")
      }
      #expect(!text.contains("\n"))
    }
  }

  /// Models that are built like CLIP are read as CLIP is.
  @Test(arguments: [
    "clip_vision_model", "metaclip_2_vision_model", "altclip_vision_model",
    "chinese_clip_vision_model",
  ])
  func kinOfCLIP(type: String) throws {
    let (model, pixels, _) = try Self.load("metaclip2")
    try Fixture.withFolder(copying: "vision/metaclip2") { folder in
      let file = folder.appendingPathComponent("config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
        .replacingOccurrences(of: "metaclip_2_vision_model", with: type)
      try Data(text.utf8).write(to: file)
      let other = try Vision.load(folder.path, seed: 0).model
      let (a, b) = (model(pixels).pooled, other(pixels).pooled)
      #expect(a.floats == b.floats)
    }
  }

  /// A folder without weights: drawn from the seed, by the rules of `transformers`.
  @Test(arguments: ["siglip", "dinov2", "dinov2-classifier", "registers", "vit"])
  func withoutWeightsASeedDrawsThem(name: String) throws {
    try Fixture.withFolder { folder in
      try FileManager.default.copyItem(
        at: Fixture.folder.appendingPathComponent("vision/\(name)/config.json"),
        to: folder.appendingPathComponent("config.json"))
      let (a, b) = (
        try Vision.load(folder.path, seed: 1).model, try Vision.load(folder.path, seed: 1).model
      )
      let c = try Vision.load(folder.path, seed: 2).model
      let values = { (model: any VisionEncoder) in model.parameters().flatMap(\.floats) }
      #expect(values(a) == values(b))
      #expect(values(a) != values(c))
      #expect(values(a).allSatisfy { $0.isFinite })
    }
  }

  @Test func initialValuesFollowTransformers() {
    var siglip = SigLIPVisionConfiguration()
    siglip.layerCount = 1
    var dino = DINOv2Configuration()
    (dino.layerCount, dino.registerCount, dino.layerScale) = (1, 4, 0.25)
    var vit = ViTConfiguration()
    vit.layerCount = 1
    let generator = Generator(seed: 11)
    let deviations: [(any VisionEncoder, [String: Double])] = [
      (
        SigLIPVisionModel(siglip, generator: generator),
        [
          "embeddings.patch_embedding.weight": 0.041022,  // (3 · 16²)^-½ / 0.87963
          "embeddings.position_embedding.weight": 0.036084,  // 768^-½
          "encoder.layers.0.self_attn.q_proj.weight": 0.036084,  // (2 / (768 + 768))^½
          "encoder.layers.0.mlp.fc1.weight": 0.022822,  // (2 / (768 + 3072))^½
          "encoder.layers.0.mlp.fc1.bias": 1e-6,
          "head.probe": 0.036084, "head.attention.in_proj_weight": 0.025516,
          "head.attention.out_proj.weight": 0.041022,
        ]
      ),
      (
        DINOv2Model(dino, generator: generator),
        [
          "embeddings.cls_token": 0.02, "embeddings.position_embeddings": 0.02,
          "embeddings.patch_embeddings.projection.weight": 0.02,
          "encoder.layer.0.attention.q_proj.weight": 0.02, "encoder.layer.0.mlp.fc1.weight": 0.02,
        ]
      ),
      (
        ViTModel(vit, generator: generator),
        [
          "embeddings.cls_token": 0.02, "layers.0.mlp.fc2.weight": 0.02,
          "pooler.dense.weight": 0.02,
        ]
      ),
    ]
    for (model, expected) in deviations {
      for (name, tensor) in model.namedParameters() {
        let values = tensor.detach()
        if let wanted = expected[name] {
          let deviation = values.std().item()
          let tolerance = 4 / Double(2 * values.count).squareRoot()  // four standard errors
          #expect(abs(deviation / wanted - 1) < tolerance, "\(name): \(deviation)")
        } else if name.contains("lambda1") {
          #expect(values.floats.allSatisfy { $0 == 0.25 }, "\(name)")
        } else if name.hasSuffix("norm.weight") || name.contains(/norm\d?(_before|_after)?\.weight/)
        {
          #expect(values.floats.allSatisfy { $0 == 1 }, "\(name)")
        } else if name.hasSuffix("bias") && !name.contains(/fc\d/) || name.contains("register")
          || name.contains("mask")
        {
          #expect(values.floats.allSatisfy { $0 == 0 }, "\(name)")
        }
      }
    }
  }
}
