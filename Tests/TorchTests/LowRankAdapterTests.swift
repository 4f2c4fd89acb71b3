import Testing
import Torch

@Suite struct LowRankAdapterTests {
  private struct Net: Module {
    let first: Linear
    let second: Linear

    init() {
      first = Linear(
        weight: Tensor([1, 0, 0, 1] as [Float], shape: [2, 2]).parameter(),
        bias: Tensor([0.5, -0.5] as [Float], shape: [2]).parameter())
      second = Linear(2, 2, generator: Generator(seed: 1))
    }

    func callAsFunction(_ x: Tensor) -> Tensor { first(x) }
  }

  private func adapted(rank: Int = 1, alpha: Double = 2) -> Net {
    let net = Net()
    net.addLowRankAdapters(rank: rank, alpha: alpha, generator: Generator(seed: 0)) {
      $0 == "first"
    }
    return net
  }

  @Test func namesAreThoseOfPEFT() {
    let net = adapted()
    #expect(
      net.namedParameters(prefix: "m").map(\.name) == [
        "m.first.weight", "m.first.bias", "m.first.lora_A.weight", "m.first.lora_B.weight",
        "m.second.weight", "m.second.bias",
      ])
    let trained = net.namedParameters().filter(\.tensor.requiresGrad).map(\.name)
    #expect(
      trained == [
        "first.lora_A.weight", "first.lora_B.weight", "second.weight", "second.bias",
      ])
  }

  @Test func nothingChangesAtFirst() {
    let x = Tensor([3, 4] as [Float], shape: [1, 2])
    #expect(adapted()(x).floats == Net()(x).floats)
  }

  /// A = [1 2], B = [3 4]ᵀ, s = 2 / 1: W + s · B A = I + [6 12; 8 16].
  @Test func updatesAreOfLowRank() throws {
    let net = adapted()
    var state = net.state()
    state["first.lora_A.weight"] = Tensor([1, 2] as [Float], shape: [1, 2])
    state["first.lora_B.weight"] = Tensor([3, 4] as [Float], shape: [2, 1])
    try net.load(state)
    let x = Tensor([1, -1] as [Float], shape: [1, 2])
    // x Wᵀ + b = [1.5 -1.5]; x Aᵀ = -1, · Bᵀ · 2 = [-6 -8].
    #expect(net(x).floats == [-4.5, -9.5])
    let merged = Dictionary(
      uniqueKeysWithValues: net.mergedParameters().map { ($0.name, $0.tensor) })
    #expect(
      merged.keys.sorted() == ["first.bias", "first.weight", "second.bias", "second.weight"])
    #expect(merged["first.weight"]!.floats == [7, 12, 8, 17])
    let plain = Net()
    try plain.load(merged)
    #expect(plain(x).floats == [-4.5, -9.5])
  }

  @Test func gradientsReachTheAdapterAlone() {
    let net = adapted(rank: 2)
    net(Tensor([1, 2] as [Float], shape: [1, 2])).sum().backward()
    let byName = Dictionary(
      uniqueKeysWithValues: net.namedParameters().map { ($0.name, $0.tensor.grad) })
    #expect(byName["first.weight"]! == nil && byName["first.bias"]! == nil)
    // B is zero at first, so that nothing reaches A in the first step.
    #expect(byName["first.lora_A.weight"]!?.floats.allSatisfy { $0 == 0 } == true)
    #expect(byName["first.lora_B.weight"]!?.floats.contains { $0 != 0 } == true)
  }
}
