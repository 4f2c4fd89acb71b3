import Testing
import Torch

private struct Attention: Module {
  let qProj: Linear, outProj: Linear
}

private struct Layer: Module {
  let selfAttn: Attention
  let layerNorm1: LayerNorm
}

private struct Net: Module {
  let classEmbedding: Tensor
  let positions: Buffer
  let layers: [Layer]
  let head: Linear?
  let extra: Linear?
  let size = 4
  static let checkpointNames = ["layers": "encoder.layers"]

  init(layers: Int) {
    let generator = Generator(seed: 0)
    classEmbedding = Tensor.zeros([4]).parameter()
    positions = Buffer(Tensor.arange(3))
    self.layers = (0..<layers).map { _ in
      Layer(
        selfAttn: Attention(
          qProj: Linear(4, 4, generator: generator),
          outProj: Linear(4, 4, bias: false, generator: generator)),
        layerNorm1: LayerNorm(4))
    }
    head = Linear(4, 2, generator: generator)
    extra = nil
  }
}

@Test func namesAreThoseOfCheckpoints() {
  #expect(
    Net(layers: 2).namedParameters(prefix: "m").map(\.name) == [
      "m.class_embedding",
      "m.encoder.layers.0.self_attn.q_proj.weight", "m.encoder.layers.0.self_attn.q_proj.bias",
      "m.encoder.layers.0.self_attn.out_proj.weight",
      "m.encoder.layers.0.layer_norm1.weight", "m.encoder.layers.0.layer_norm1.bias",
      "m.encoder.layers.1.self_attn.q_proj.weight", "m.encoder.layers.1.self_attn.q_proj.bias",
      "m.encoder.layers.1.self_attn.out_proj.weight",
      "m.encoder.layers.1.layer_norm1.weight", "m.encoder.layers.1.layer_norm1.bias",
      "m.head.weight", "m.head.bias",
    ])
}

@Test func aModuleOf722ParametersIsWalkedQuickly() {
  struct Wide: Module { let layers: [Linear] }
  let generator = Generator(seed: 0)
  let wide = Wide(layers: (0..<361).map { _ in Linear(1, 1, generator: generator) })
  let clock = ContinuousClock()
  let fastest = (0..<5).map { _ in clock.measure { #expect(wide.parameters().count == 722) } }
    .min()!
  #expect(fastest < .milliseconds(50))
}

@Test func loadingIsStrictAndListsEverything() throws {
  let net = Net(layers: 1)
  let before = net.namedParameters().map { $0.tensor.floats }
  var state = net.state(prefix: "model.")
  for (name, tensor) in state { state[name] = tensor + 1.0 }
  state["model.head.weight"] = nil
  state["model.class_embedding"] = Tensor.zeros([3])
  state["model.extra.weight"] = Tensor.zeros([1])
  state["model.position_ids"] = Tensor.arange(3)
  state["other.weight"] = Tensor.zeros([1])
  let error = #expect(throws: StateError.self) {
    try net.load(state, prefix: "model.", ignoring: { $0.hasSuffix("position_ids") })
  }
  #expect(error?.missing == ["model.head.weight"])
  #expect(error?.unexpected == ["model.extra.weight"])
  #expect(error?.mismatched.map(\.name) == ["model.class_embedding"])
  let text = "\(error!)"
  #expect(!text.contains("\n"))
  for part in ["model.head.weight", "model.extra.weight", "has shape [3], expected [4]"] {
    #expect(text.contains(part))
  }
  #expect(net.namedParameters().map { $0.tensor.floats } == before, "nothing changed")
}

@Test func loadingConvertsIntoTheParameters() throws {
  let (net, other) = (Net(layers: 1), Net(layers: 1))
  var state = net.state()
  for (name, tensor) in state { state[name] = (tensor * 0.0 + 2.5).to(.bfloat16) }
  let weight = other.head!.weight
  try other.load(state)
  #expect(weight.floats == [Float](repeating: 2.5, count: 8), "the same storage")
  #expect(weight.dtype == .float32)
  #expect(weight.requiresGrad)
}

@Test func modulesChangeDTypeInPlace() {
  let net = Net(layers: 1)
  let weight = net.head!.weight
  net.requiresGrad(false)
  net.to(.bfloat16)
  #expect(weight.dtype == .bfloat16)
  #expect(net.positions.tensor.dtype == .int64)
  net.requiresGrad(true)
  weight.sum().backward()
  #expect(weight.grad?.dtype == .bfloat16)
}
