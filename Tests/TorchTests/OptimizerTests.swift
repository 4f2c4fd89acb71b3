import Testing
import Torch

private struct Net: Module {
  let first: Linear, norm: LayerNorm, last: Linear
  static let checkpointNames = ["first": "0", "norm": "1", "last": "3"]

  init() {
    let generator = Generator(seed: 0)
    first = Linear(4, 6, generator: generator)
    norm = LayerNorm(6)
    last = Linear(6, 2, generator: generator)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { last(gelu(norm(first(x)))) }
}

private func initialised(_ stored: [String: Stored]) throws -> Net {
  let net = Net()
  var state: [String: Tensor] = [:]
  for (name, value) in stored where name.hasPrefix("initial.") {
    state[String(name.dropFirst("initial.".count))] = value.tensor
  }
  try net.load(state)
  return net
}

private func optimizer(_ net: Net) -> AdamW {
  AdamW(
    net.parameters(), learningRate: 0.05, betas: (0.8, 0.95), epsilon: 1e-6, weightDecay: 0.1)
}

@Suite struct OptimizerTests {
  @Test func threeClippedStepsOfASmallNet() throws {
    let stored = try #require(fixture["train"])
    let net = try initialised(stored)
    let adam = optimizer(net)
    let x = stored["x"]!.tensor
    let y = stored["y"]!.tensor
    var losses: [Double] = []
    var norms: [Double] = []
    for step in 0..<3 {
      adam.zeroGrad()
      let loss = mseLoss(net(x), y)
      loss.backward()
      if step == 0 {
        for (name, tensor) in net.namedParameters() {
          expectClose(tensor.grad!, stored["gradient.\(name)"]!, "gradient of \(name)")
        }
      }
      norms.append(clipGradientNorm(adam.parameters, max: 0.5))
      adam.step()
      losses.append(loss.item())
    }
    expectClose(losses, stored["losses"]!.values, "losses")
    expectClose(norms, stored["norms"]!.values, "norms")
    let state = adam.state
    for (index, (name, tensor)) in net.namedParameters().enumerated() {
      expectClose(tensor, stored["final.\(name)"]!, name)
      expectClose(state[index]!.expAvg, stored["exp_avg.\(name)"]!, name)
      expectClose(state[index]!.expAvgSq, stored["exp_avg_sq.\(name)"]!, name)
      #expect(state[index]!.step.item() == 3)
    }
  }

  /// One step from w = 1 with gradient 2, lr 0.1, decay 0.5: 1 · (1 − 0.05) − 0.1 · 2/2 = 0.85.
  @Test func oneStepByHand() {
    let w = Tensor([1.0] as [Double]).parameter()
    let adam = AdamW([w], learningRate: 0.1, epsilon: 0, weightDecay: 0.5)
    adam.minimize((w * 2.0).sum())
    expectClose(w.doubles, [0.85], atol: 1e-12)
    expectClose(adam.state[0]!.expAvg.doubles, [0.2], atol: 1e-12)
    expectClose(adam.state[0]!.expAvgSq.doubles, [0.004], atol: 1e-12)
  }

  @Test func parametersWithoutGradientAreLeftAlone() {
    let (used, unused) = (Tensor([1] as [Float]).parameter(), Tensor([1] as [Float]).parameter())
    let adam = AdamW([unused, used], learningRate: 0.1, weightDecay: 0.5)
    adam.minimize((used * 2.0).sum())
    #expect(unused.floats == [1])
    #expect(used.floats != [1])
    #expect(Array(adam.state.keys) == [1])
  }

  /// A run that hands its state to a new optimizer goes on bit by bit as if it had not.
  @Test func stateGoesOnBitByBit() throws {
    let stored = try #require(fixture["train"])
    let x = stored["x"]!.tensor
    let y = stored["y"]!.tensor
    let (whole, parted) = (try initialised(stored), try initialised(stored))
    let adam = optimizer(whole)
    for _ in 0..<4 { adam.minimize(mseLoss(whole(x), y)) }
    let before = optimizer(parted)
    for _ in 0..<2 { before.minimize(mseLoss(parted(x), y)) }
    let after = optimizer(parted)
    after.state = before.state
    for _ in 0..<2 { after.minimize(mseLoss(parted(x), y)) }
    for (a, b) in zip(whole.parameters(), parted.parameters()) { #expect(a.bytes == b.bytes) }
    #expect(before.state[0]!.step.item() == 2, "writing the state copies it")
  }

  /// Gradients (3) and (0, 4) have norm 5; to at most 1 means times 1/5.
  @Test func clippingByHand() {
    let (a, b) = (Tensor([0] as [Float]).parameter(), Tensor([0, 0] as [Float]).parameter())
    a.grad = Tensor([3] as [Float])
    b.grad = Tensor([0, 4] as [Float])
    #expect(clipGradientNorm([a, b], max: 1) == 5)
    expectClose(a.grad!.doubles + b.grad!.doubles, [0.6, 0, 0.8])
    expectClose([clipGradientNorm([a, b], max: 10)], [1])
    expectClose(a.grad!.doubles + b.grad!.doubles, [0.6, 0, 0.8])
  }

  @Test func warmupThenCosine() {
    let schedule = WarmupCosine(peak: 2, warmup: 4, total: 12, floor: 1)
    expectClose(
      [0, 1, 4, 8, 12, 20].map { schedule($0) }, [0, 0.5, 2, 1.5, 1, 1], atol: 1e-12)
    #expect(WarmupCosine(peak: 2, warmup: 0, total: 0)(0) == 0)
  }
}
