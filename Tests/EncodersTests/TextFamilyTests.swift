import Encoders
import Foundation
import Testing
import Torch

/// Models of every family against `transformers`: Fixtures/make_text_fixtures.py tells what they
/// are and what their expected.safetensors holds. Padding, to which no meaning is given, is left
/// out.
@Suite struct TextFamilyTests {
  static let names = try! FileManager.default.contentsOfDirectory(atPath: Fixture.path("text"))
    .sorted()

  @Test(arguments: names)
  func everyHiddenStateMatchesPyTorch(name: String) throws {
    let (model, numbers) = try load(name)
    let (ids, mask) = (numbers["input.ids"]!, numbers["input.mask"]!)
    let output = model(ids, mask: mask, hiddenStates: true)
    #expect(output.hiddenStates.count == numbers.keys.count { $0.hasPrefix("hidden.") })
    for (index, state) in output.hiddenStates.enumerated() {
      let expected = try #require(numbers["hidden.\(index)"])
      expectClose(state * text(mask), expected * text(mask), "hidden state \(index)")
    }
    let last = numbers["last_hidden_state"]!
    expectClose(output.lastHiddenState * text(mask), last * text(mask), "last")
    expectClose(model.features(ids, mask: mask), numbers["features"]!, "features")
    if let pooled = numbers["pooled"], !name.hasPrefix("sentence") {
      expectClose(try #require(output.pooled), pooled, "pooled")
    }
    #expect(last.shape[2] == model.tokenWidth && numbers["features"]!.shape[1] == model.width)
  }

  @Test(arguments: names)
  func gradientsMatchPyTorch(name: String) throws {
    let (model, numbers) = try load(name)
    let (ids, mask) = (numbers["input.ids"]!, numbers["input.mask"]!)
    let last = model(ids, mask: mask).lastHiddenState
    let loss =
      (last * numbers["cotangent.last_hidden_state"]!).sum()
      + (model.features(ids, mask: mask) * numbers["cotangent.features"]!).sum()
    loss.backward()
    var expected = numbers.filter { $0.key.hasPrefix("gradient.") }
    for (parameter, tensor) in model.namedParameters() {
      let name = "gradient." + inTransformers(parameter)
      guard let wanted = expected[name] else {
        #expect(tensor.grad == nil, "\(parameter)")
        continue
      }
      expected[name] = nil
      expectClose(try #require(tensor.grad, "\(parameter)"), wanted, tolerance: 1e-4, parameter)
    }
    #expect(expected.isEmpty)
  }

  /// `.to(.bfloat16)` computes as `transformers` does in bfloat16.
  @Test(arguments: names)
  func bfloat16MatchesPyTorch(name: String) throws {
    let (model, numbers) = try load(name)
    model.to(.bfloat16)
    let (ids, mask) = (numbers["input.ids"]!, numbers["input.mask"]!)
    let last = withoutGradient { model(ids, mask: mask).lastHiddenState }
    let features = withoutGradient { model.features(ids, mask: mask) }
    #expect(last.dtype == .bfloat16 && features.dtype == .bfloat16)
    func check(_ ours: Tensor, _ theirs: Tensor, _ what: String) {
      let (ours, theirs) = (ours.to(.float32), theirs.to(.float32))
      let error = (ours - theirs).abs().max().item() / theirs.abs().max().item()
      #expect(error < 2e-2, "\(what) is off by \(error) of its largest element")
    }
    check(last * text(mask), numbers["bfloat16.last_hidden_state"]! * text(mask), "last")
    check(features, numbers["bfloat16.features"]!, "features")
  }

  /// The tokens of a text are the same whatever it shares a batch with.
  @Test(arguments: names)
  func paddingAfterATextChangesNothing(name: String) throws {
    let (model, numbers) = try load(name)
    let (ids, mask) = (numbers["input.ids"]!, numbers["input.mask"]!)
    let length = mask[0].sum().item()
    let alone = ids.narrow(dim: 0, start: 0, length: 1)
      .narrow(dim: 1, start: 0, length: Int(length))
    let padded = model(ids, mask: mask).lastHiddenState.narrow(dim: 0, start: 0, length: 1)
    expectClose(
      model(alone).lastHiddenState, padded.narrow(dim: 1, start: 0, length: Int(length)))
    let features = model.features(ids, mask: mask).narrow(dim: 0, start: 0, length: 1)
    expectClose(model.features(alone, mask: Tensor.ones(alone.shape)), features)
  }

  /// A folder without weights: all values from the seed, spread as the family has it.
  @Test(arguments: names.filter { !$0.hasPrefix("sentence") })
  func initialValuesAreDrawnFromTheSeed(name: String) throws {
    try Fixture.withFolder { folder in
      let file = "config.json"
      try FileManager.default.copyItem(
        atPath: Fixture.path("text/\(name)/\(file)"),
        toPath: folder.appendingPathComponent(file).path)
      let draws = try [5, 5, 6].map { try Text.load(folder.path, seed: $0).model.namedParameters() }
      let values = draws.map { $0.flatMap(\.tensor.floats) }
      #expect(values[0] == values[1] && values[0] != values[2])
      #expect(values[0].allSatisfy { $0.isFinite && abs($0) < 10 })
      for (parameter, tensor) in draws[0] where tensor.rank == 2 && tensor.count > 60 {
        let deviation = tensor.detach().std().item()
        #expect(deviation > 0.005 && deviation < 1.2, "\(parameter): \(deviation)")
      }
      for (parameter, tensor) in draws[0] where tensor.rank == 1 {
        #expect(Set(tensor.floats).count == 1, "\(parameter)")
      }
    }
  }

  /// The optimizer's state is keyed by this order.
  @Test(arguments: names)
  func parametersAreInRegistrationOrder(name: String) throws {
    let (model, _) = try load(name)
    let file = Fixture.path("text/\(name)/expected.safetensors")
    let order = try Safetensors.metadata(file)["order"].map { $0.split(separator: " ") } ?? []
    let names = model.namedParameters().map { inTransformers($0.name) }
    #expect(names == order.map(String.init))
  }

  private func load(_ name: String) throws -> (any TextEncoder, StateDictionary) {
    let folder = Fixture.path("text/\(name)")
    return (
      try Text.load(folder, seed: 0).model,
      try Safetensors.load(folder + "/expected.safetensors")
    )
  }

  /// [B, L] -> [B, L, 1]
  private func text(_ mask: Tensor) -> Tensor { mask.to(.float32).unsqueeze(2) }

  /// The dense layers of a sentence encoder are `sentence.N.linear` in the fixtures.
  private func inTransformers(_ name: String) -> String {
    let parts = name.split(separator: ".")
    guard parts[0] == "dense" else { return name }
    return "sentence.\(parts[1]).linear.\(parts[2])"
  }
}
