import Foundation
import Recap
import Testing
import Torch

/// The same losses, gradients and samples as PyTorch: Fixtures/flow/make_fixtures.py.
@Suite struct FlowParityTests {
  static let cases = ["full", "state", "insulated"]

  struct Fixture {
    let tensors: StateDictionary
    let policy: FlowPolicy
    let value: ValueNetwork
    let input: PrefixInput
    let tags: TagFeatures
    let batch: FlowBatch

    init(_ name: String) throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/flow").path
      let tensors = try Safetensors.load("\(folder)/\(name).safetensors")
      self.tensors = tensors
      let shape = PrefixShape(
        visionWidth: tensors["input.vision"] == nil ? nil : 5,
        cameras: tensors["policy.prefix.camera_embedding"]?.shape[0] ?? 0,
        languageWidth: tensors["input.language"] == nil ? nil : 6,
        stateWidth: tensors["input.state"] == nil ? nil : 3)
      var sizes = FlowSizes()
      sizes.width = 8
      sizes.expertWidth = 12
      sizes.layers = 2
      sizes.heads = 2
      sizes.headWidth = 3
      sizes.chunkLength = 4
      sizes.indicatorModulation = name != "insulated"
      sizes.knowledgeInsulation = name == "insulated"
      policy = FlowPolicy(sizes, prefix: shape, actionWidth: 2, generator: Generator(seed: 0))
      var valueSizes = ValueSizes()
      valueSizes.width = 8
      valueSizes.heads = 2
      valueSizes.bins = 11
      value = ValueNetwork(valueSizes, prefix: shape, generator: Generator(seed: 0))
      // Strict: the twin has every parameter and no other.
      try policy.load(tensors.filter { $0.key.hasPrefix("policy.") }, prefix: "policy.")
      try value.load(tensors.filter { $0.key.hasPrefix("value.") }, prefix: "value.")
      input = PrefixInput(
        vision: tensors["input.vision"], language: tensors["input.language"],
        languageMask: tensors["input.language_mask"]?.floats.map { $0 == 1 },
        state: tensors["input.state"])
      let mask = tensors["tag_mask"]!.floats.map { $0 == 1 }
      tags = TagFeatures(tokens: tensors["tags"]!, mask: [Array(mask[..<3]), Array(mask[3...])])
      batch = FlowBatch(
        prefix: input, actions: tensors["actions"]!, isValid: tensors["valid"]!,
        indicators: tensors["indicators"]!.int64s.map { Indicator(rawValue: Int($0))! },
        weights: tensors["weights"]!)
    }

    func used(_ tags: TagFeatures) -> TagFeatures? { input.language == nil ? nil : tags }

    func expectGradients(_ prefix: String, _ network: some Module) {
      for (name, parameter) in network.namedParameters() {
        guard let wanted = tensors["\(prefix)_grad.\(name)"] else {
          #expect(parameter.grad.map { $0.abs().max().item() } ?? 0 == 0, "\(name) has a gradient")
          continue
        }
        expectClose(parameter.grad ?? .zeros(wanted.shape), wanted, name)
      }
    }
  }

  @Test(arguments: cases) func lossAndGradients(_ name: String) throws {
    let fixture = try Fixture(name)
    let loss = fixture.policy.loss(
      fixture.batch, tags: fixture.used(fixture.tags), noise: fixture.tensors["noise"]!,
      eta: fixture.tensors["eta"]!)
    expectClose(loss.reshape(1), fixture.tensors["loss"]!, "loss")
    loss.backward()
    fixture.expectGradients("policy", fixture.policy)
  }

  @Test(arguments: cases) func samples(_ name: String) throws {
    let fixture = try Fixture(name)
    for (key, indicator, guidance, steps) in [
      ("sample1", Indicator.positive, 1.0, 5), ("sample2", .positive, 2.0, 5),
      ("sample0", .none, 1.0, 3),
    ] {
      let actions = withoutGradient {
        fixture.policy.sample(
          fixture.input, tags: fixture.used(fixture.tags), indicator: indicator, guidance: guidance,
          steps: steps, noise: fixture.tensors["noise"]!)
      }
      expectClose(actions, fixture.tensors[key]!, key)
    }
  }

  @Test(arguments: cases) func valueAndGradients(_ name: String) throws {
    let fixture = try Fixture(name)
    let logits = fixture.value(fixture.input)
    expectClose(logits, fixture.tensors["logits"]!, "logits")
    let lower = fixture.tensors["lower"]!.unsqueeze(1)
    let share = fixture.tensors["share"]!.unsqueeze(1)
    let loss = twoHotCrossEntropy(logits, lower: lower, upperShare: share)
    expectClose(loss.reshape(1), fixture.tensors["value_loss"]!, "loss")
    loss.backward()
    fixture.expectGradients("value", fixture.value)
  }

  /// The tag is seen by the expert alone: what comes before it does not change with it, and dropping it
  /// leaves exactly the unconditioned policy.
  @Test func tagsReachTheActionsAlone() throws {
    let fixture = try Fixture("full")
    func sample(_ indicator: Indicator, _ tags: TagFeatures) -> Tensor {
      withoutGradient {
        fixture.policy.sample(
          fixture.input, tags: tags, indicator: indicator, steps: 2,
          noise: fixture.tensors["noise"]!)
      }
    }
    let other = TagFeatures(tokens: fixture.tags.tokens * 3, mask: fixture.tags.mask)
    #expect(sample(.none, fixture.tags).equal(sample(.none, other)))
    #expect(!sample(.positive, fixture.tags).equal(sample(.positive, other)))
    #expect(!sample(.positive, fixture.tags).equal(sample(.negative, fixture.tags)))
  }
}

/// |a − b| ≤ 1e-5 + 1e-4 |b|, element by element.
private func expectClose(_ a: Tensor, _ b: Tensor, _ name: String) {
  guard a.shape == b.shape else {
    Issue.record("\(name): \(a.shape) is not \(b.shape)")
    return
  }
  let bad = zip(a.floats, b.floats).filter { abs($0 - $1) > 1e-5 + 1e-4 * abs($1) }
  #expect(bad.isEmpty, "\(name): \(bad.prefix(3))")
}
