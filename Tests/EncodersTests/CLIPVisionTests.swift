import Encoders
import Testing
import Torch

@Suite struct CLIPVisionTests {
  @Test(arguments: ["clip-a", "clip-b"])
  func everyHiddenStateMatchesPyTorch(name: String) throws {
    let model = try Vision.load(Fixture.path(name), seed: 0).model
    let numbers = try Fixture.tensors(name)
    let pixels = try #require(numbers["input.pixel_values"])
    let output = model(pixels, hiddenStates: true)
    #expect(output.hiddenStates.count == numbers.keys.count { $0.hasPrefix("hidden.") })
    for (index, state) in output.hiddenStates.enumerated() {
      expectClose(state, try #require(numbers["hidden.\(index)"]), "hidden state \(index)")
    }
    expectClose(output.lastHiddenState, try #require(numbers["last_hidden_state"]), "last")
    expectClose(output.pooled, try #require(numbers["pooled"]), "pooled")
    expectClose(model.features(pixels), output.lastHiddenState.select(dim: 1, index: 0), "features")
  }

  @Test(arguments: ["clip-a", "clip-b"])
  func gradientsMatchPyTorch(name: String) throws {
    let model = try Vision.load(Fixture.path(name), seed: 0).model
    let numbers = try Fixture.tensors(name)
    let output = model(try #require(numbers["input.pixel_values"]))
    try loss(output.lastHiddenState, output.pooled, numbers).backward()
    let gradients = try Fixture.tensors(name + "-gradients")
    let parameters = model.namedParameters()
    #expect(parameters.count == gradients.count)
    for (name, parameter) in parameters {
      expectClose(try #require(parameter.grad), try #require(gradients[name]), name)
    }
  }

  @Test func gradientsOfFeaturesAreThoseOfTheClassToken() throws {
    let (a, b) = (
      try Vision.load(Fixture.path("clip-a"), seed: 0).model,
      try Vision.load(Fixture.path("clip-a"), seed: 0).model
    )
    let pixels = try #require(try Fixture.tensors("clip-a")["input.pixel_values"])
    a.features(pixels).pow(2).mean().backward()
    b(pixels).lastHiddenState.select(dim: 1, index: 0).pow(2).mean().backward()
    for (x, y) in zip(a.namedParameters(), b.namedParameters()) {
      guard let wanted = y.tensor.grad else { continue }  // post_layernorm
      expectClose(try #require(x.tensor.grad), wanted, x.name)
    }
  }

  /// All spellings of the same weights give the same model.
  @Test(arguments: [("clip-a", "clip-a-leveled"), ("clip-b", "clip-b-whole")])
  func spellingsAgree(plain: String, other: String) throws {
    let a = try Vision.load(Fixture.path(plain), seed: 0).model.namedParameters()
    let b = try Vision.load(Fixture.path(other), seed: 0).model.namedParameters()
    #expect(a.map(\.name) == b.map(\.name))
    for (x, y) in zip(a, b) { #expect(x.tensor.floats == y.tensor.floats, "\(x.name)") }
  }

  /// The optimizer's state is keyed by this order.
  @Test func parametersAreInRegistrationOrder() throws {
    let model = try Vision.load(Fixture.path("clip-b"), seed: 0).model
    let layer = { (index: Int) in
      ["self_attn.k_proj", "self_attn.v_proj", "self_attn.q_proj", "self_attn.out_proj"]
        .flatMap { ["\($0).weight", "\($0).bias"] }
        + ["layer_norm1.weight", "layer_norm1.bias"]
        + ["mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"]
        + ["layer_norm2.weight", "layer_norm2.bias"]
    }
    let expected =
      [
        "embeddings.class_embedding", "embeddings.patch_embedding.weight",
        "embeddings.position_embedding.weight", "pre_layrnorm.weight", "pre_layrnorm.bias",
      ]
      + (0..<2).flatMap { index in layer(index).map { "encoder.layers.\(index).\($0)" } }
      + ["post_layernorm.weight", "post_layernorm.bias"]
    #expect(model.namedParameters().map(\.name) == expected)
  }

  @Test func namesAreSpelledForBothReleases() {
    let name = "encoder.layers.0.mlp.fc1.weight"
    #expect(CLIPVisionModel.spell(name, .transformers4) == "vision_model." + name)
    #expect(CLIPVisionModel.spell(name, .transformers5) == name)
    for spelling in Spelling.allCases {
      #expect(CLIPVisionModel.resolve(CLIPVisionModel.spell(name, spelling)) == .parameter(name))
    }
    #expect(CLIPVisionModel.resolve("vision_model.embeddings.position_ids") == .ignored)
    #expect(CLIPVisionModel.resolve("text_model.final_layer_norm.bias") == .ignored)
    #expect(CLIPVisionModel.resolve("decoder.bias") == .parameter("decoder.bias"))
  }

  /// ViT-B/32 by transformers' rules: factor 1, hidden size 768, 12 layers.
  @Test func initialValuesFollowTransformers() {
    var configuration = CLIPVisionConfiguration()
    configuration.layerCount = 2
    let model = CLIPVisionModel(configuration, generator: Generator(seed: 7))
    let deviations = [
      "embeddings.class_embedding": 0.036084,  // 768^-½
      "embeddings.patch_embedding.weight": 0.02,
      "embeddings.position_embedding.weight": 0.02,
      "encoder.layers.1.self_attn.q_proj.weight": 0.018042,  // 768^-½ · (2 · 2)^-½
      "encoder.layers.1.self_attn.out_proj.weight": 0.036084,
      "encoder.layers.1.mlp.fc1.weight": 0.025516,  // (2 · 768)^-½
      "encoder.layers.1.mlp.fc2.weight": 0.018042,
    ]
    let parameters = Dictionary(
      uniqueKeysWithValues: model.namedParameters().map { ($0.name, $0.tensor.detach()) })
    for (name, expected) in deviations {
      let values = parameters[name]!
      let deviation = values.std().item()
      let tolerance = 4 / Double(2 * values.count).squareRoot()  // four standard errors
      #expect(abs(deviation / expected - 1) < tolerance, "\(name): \(deviation)")
    }
    for (name, tensor) in parameters where name.contains("norm") || name.hasSuffix("bias") {
      let value: Float = name.hasSuffix("bias") ? 0 : 1
      #expect(tensor.floats.allSatisfy { $0 == value }, "\(name)")
    }
  }
}

/// sum(c · last) + sum(c' · pooled), the loss whose gradients the fixtures hold.
func loss(_ last: Tensor, _ pooled: Tensor, _ numbers: StateDictionary) throws -> Tensor {
  let ours =
    (last * (try #require(numbers["cotangent.last_hidden_state"]))).sum()
    + (pooled * (try #require(numbers["cotangent.pooled"]))).sum()
  expectClose(ours, try #require(numbers["loss"]), "loss")
  return ours
}
