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
