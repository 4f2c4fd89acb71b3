import Encoders
import Testing
import Torch

@Suite struct BERTTests {
  @Test func everyHiddenStateMatchesPyTorch() throws {
    let model = try Text.load(Fixture.path("bert-plain"), seed: 0).model
    let numbers = try Fixture.tensors("bert")
    let ids = try #require(numbers["input.input_ids"])
    let mask = try #require(numbers["input.attention_mask"])
    let output = model(ids, mask: mask, hiddenStates: true)
    #expect(output.hiddenStates.count == 3)
    for (index, state) in output.hiddenStates.enumerated() {
      expectClose(state, try #require(numbers["hidden.\(index)"]), "hidden state \(index)")
    }
    expectClose(output.lastHiddenState, try #require(numbers["last_hidden_state"]), "last")
    let pooled = try #require(numbers["pooled"])
    expectClose(try #require(output.pooled), pooled, "pooled")
    expectClose(model.features(ids, mask: mask), pooled, "features")
  }

  @Test func gradientsMatchPyTorch() throws {
    let model = try Text.load(Fixture.path("bert-prefixed"), seed: 0).model
    let numbers = try Fixture.tensors("bert")
    let output = model(
      try #require(numbers["input.input_ids"]), mask: numbers["input.attention_mask"])
    try loss(output.lastHiddenState, try #require(output.pooled), numbers).backward()
    let gradients = try Fixture.tensors("bert-gradients")
    let parameters = model.namedParameters()
    #expect(parameters.count == gradients.count)
    for (name, parameter) in parameters {
      expectClose(try #require(parameter.grad), try #require(gradients[name]), name)
    }
  }

  @Test func spellingsAgree() throws {
    let plain = try Text.load(Fixture.path("bert-plain"), seed: 0).model.namedParameters()
    let prefixed = try Text.load(Fixture.path("bert-prefixed"), seed: 0).model.namedParameters()
    let headless = try Text.load(Fixture.path("bert-headless"), seed: 0).model.namedParameters()
    #expect(plain.map(\.name) == prefixed.map(\.name))
    #expect(plain.map(\.name).dropLast(2) == headless.map(\.name)[...])
    for (x, y) in zip(plain, prefixed) { #expect(x.tensor.floats == y.tensor.floats, "\(x.name)") }
    for (x, y) in zip(plain, headless) { #expect(x.tensor.floats == y.tensor.floats, "\(x.name)") }
  }

  /// Without a pooler, a text's features are the mean of its tokens, padding left out.
  @Test func featuresWithoutPoolerAreTheMaskedMean() throws {
    let model = try Text.load(Fixture.path("bert-headless"), seed: 0).model
    let numbers = try Fixture.tensors("bert")
    let ids = try #require(numbers["input.input_ids"])
    let mask = try #require(numbers["input.attention_mask"])
    let features = model.features(ids, mask: mask)
    let last = try #require(numbers["last_hidden_state"])
    for (row, length) in [6, 8, 2].enumerated() {
      let expected = last[row].narrow(dim: 0, start: 0, length: length).mean(dim: 0)
      expectClose(features[row], expected, "text \(row)")
    }
  }

  /// Padding changes nothing for the tokens before it.
  @Test func paddingIsMasked() throws {
    let model = try Text.load(Fixture.path("bert-plain"), seed: 0).model
    let short = Tensor([2, 11, 5, 3] as [Int64], shape: [1, 4])
    let padded = Tensor([2, 11, 5, 3, 0, 0, 0] as [Int64], shape: [1, 7])
    let mask = Tensor([1, 1, 1, 1, 0, 0, 0] as [Int64], shape: [1, 7])
    let expected = model(short).lastHiddenState
    let ours = model(padded, mask: mask).lastHiddenState.narrow(dim: 1, start: 0, length: 4)
    expectClose(ours, expected)
  }

  @Test func parametersAreInRegistrationOrder() throws {
    let model = try Text.load(Fixture.path("bert-plain"), seed: 0).model
    let names = model.namedParameters().map(\.name)
    #expect(
      Array(names.prefix(13)) == [
        "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight",
        "embeddings.token_type_embeddings.weight", "embeddings.LayerNorm.weight",
        "embeddings.LayerNorm.bias", "encoder.layer.0.attention.self.query.weight",
        "encoder.layer.0.attention.self.query.bias", "encoder.layer.0.attention.self.key.weight",
        "encoder.layer.0.attention.self.key.bias", "encoder.layer.0.attention.self.value.weight",
        "encoder.layer.0.attention.self.value.bias",
        "encoder.layer.0.attention.output.dense.weight",
        "encoder.layer.0.attention.output.dense.bias",
      ])
    #expect(Array(names.suffix(2)) == ["pooler.dense.weight", "pooler.dense.bias"])
  }

  @Test func initialValuesFollowTransformers() throws {
    var configuration = BERTConfiguration()
    configuration.layerCount = 1
    let model = BERTModel(configuration, generator: Generator(seed: 3))
    for (name, tensor) in model.namedParameters() {
      let values = tensor.detach()
      if name.hasSuffix("LayerNorm.weight") {
        #expect(values.floats.allSatisfy { $0 == 1 }, "\(name)")
      } else if name.hasSuffix("bias") {
        #expect(values.floats.allSatisfy { $0 == 0 }, "\(name)")
      } else {
        let tolerance = 4 / Double(2 * values.count).squareRoot() + 1e-4
        #expect(abs(values.std().item() / 0.02 - 1) < tolerance, "\(name)")
      }
    }
    let words = try #require(model.namedParameters().first).tensor.detach()
    #expect(words[0].floats.allSatisfy { $0 == 0 })  // padding
    #expect(words[1].floats.contains { $0 != 0 })
  }
}
