import Foundation
import Recap
import Testing
import Torch

/// Against the PyTorch program of Benchmarks/peer/recap_reference.py, element by element.
@Suite struct ClassicParityTests {
  @Test func outputsOfThePolicyAndValue() throws {
    let fixture = try ClassicFixture()
    let expected = try ClassicFixture.tensors("outputs")
    let input = try fixture.batch("demonstration").input
    let fused = fixture.policy.fused(input)
    expectClose(fused, expected["fused"]!, "fused")
    expectClose(
      fixture.policy.fused(PolicyInput(vision: input.vision, language: nil, state: nil)),
      expected["fused_without_text"]!, "fused without text")
    let signal = expected["signal"]!
    for (suffix, action) in [
      ("", fixture.policy.actions(fused)),
      ("_advantage", fixture.policy.actions(fused, advantage: signal)),
      ("_quality", fixture.policy.actions(fused, quality: signal)),
    ] {
      expectClose(action.mean, expected["mean\(suffix)"]!, "mean\(suffix)")
      expectClose(action.std, expected["std\(suffix)"]!, "std\(suffix)")
    }
    expectClose(fixture.valueFunction(fused), expected["value"]!, "value")
    let distribution = try ClassicFixture(value: (.distribution, 11, .relu)).valueFunction
    expectClose(distribution(fused), expected["value_distribution"]!, "value distribution")
  }

  @Test func advantagesAndReturns() throws {
    let fixture = try ClassicFixture.json("advantages")
    for episode in fixture["episodes"] as! [[String: Any]] {
      func floats(_ key: String) -> [Float] { (episode[key] as! [NSNumber]).map(\.floatValue) }
      let rewards = floats("rewards"), dones = episode["dones"] as! [Bool]
      let gamma = (episode["gamma"] as! NSNumber).doubleValue
      let found = generalizedAdvantages(
        rewards: rewards, values: floats("values"), dones: dones, gamma: gamma,
        lambda: (episode["lambda"] as! NSNumber).doubleValue)
      expectClose(Tensor(found), Tensor(floats("advantages")), "\(episode["name"]!)")
      let returns = discountedReturns(rewards: rewards, dones: dones, gamma: gamma)
      expectClose(Tensor(returns), Tensor(floats("returns")), "returns, \(episode["name"]!)")
    }
    for batch in fixture["normalized"] as! [[String: Any]] {
      func rows(_ key: String) -> [[Float]] {
        (batch[key] as! [[NSNumber]]).map { $0.map(\.floatValue) }
      }
      let found = normalizedAdvantages(rows("advantages")).flatMap { $0 }
      expectClose(Tensor(found), Tensor(rows("normalized").flatMap { $0 }), "normalised")
    }
  }

  @Test(arguments: [
    "demonstration", "correction", "autonomous", "autonomous-distribution",
    "demonstration-trained", "autonomous-trained",
  ])
  func threeStepsOfEveryStage(run: String) throws {
    let settings = try ClassicFixture.json("runs")[run] as! [String: Any]
    let isFrozen = settings["freeze"] as! Bool
    let isDistribution = run == "autonomous-distribution"
    let fixture = try ClassicFixture(
      isFrozen: isFrozen, value: isDistribution ? (.distribution, 11, .relu) : nil)
    var expected = try ClassicFixture.tensors(run)
    if !isFrozen {
      for part in ["-encoders", "-encoders-optimizer"] {
        for (name, tensor) in try ClassicFixture.tensors(run + part) { expected[name] = tensor }
      }
    }
    let training = try Training(fixture, settings)
    for (step, terms) in (settings["steps"] as! [[String: Any]]).enumerated() {
      try training.step(terms, "\(run), step \(step)")
      if step == 0 { expectGradients(fixture, expected, run) }
    }
    for (name, tensor) in fixture.parameters where !isKeyBias(name) {
      guard let after = expected["after.\(name)"] else { continue }
      expectClose(tensor, after, "\(run), after three steps, \(name)")
    }
    for (network, optimizer) in [("model", training.optimizer), ("value", training.valueOptimizer)]
    {
      let names =
        (network == "model"
        ? fixture.policy.namedParameters() : fixture.valueFunction.namedParameters()).map(\.name)
      let prefix = "\(network)."
      let indices = Set(
        expected.keys.filter { $0.hasPrefix(prefix) }.compactMap {
          Int($0.split(separator: ".")[1])
        })
      #expect(Set(optimizer.state.keys) == indices, "\(run): parameters with optimizer state")
      for (index, state) in optimizer.state where !isKeyBias(names[index]) {
        expectClose(state.step, expected["\(prefix)\(index).step"]!, "step of \(names[index])")
        expectClose(
          state.expAvg, expected["\(prefix)\(index).exp_avg"]!, "exp_avg of \(names[index])")
        expectClose(
          state.expAvgSq, expected["\(prefix)\(index).exp_avg_sq"]!, "exp_avg_sq of \(names[index])"
        )
      }
    }
  }

  private func expectGradients(
    _ fixture: ClassicFixture, _ expected: StateDictionary, _ run: String
  ) {
    for (name, tensor) in fixture.parameters {
      if let gradient = expected["gradient.\(name)"] {
        guard let found = tensor.grad else {
          Issue.record("\(run): \(name) has no gradient")
          continue
        }
        expectClose(found, gradient, "\(run), gradient of \(name)")
      } else {
        #expect(tensor.grad == nil, "\(run): \(name) has a gradient")
      }
    }
  }

  /// Its gradient is zero but for rounding, which AdamW makes large.
  private func isKeyBias(_ name: String) -> Bool {
    name.hasSuffix("k_proj.bias") || name.hasSuffix("key.bias")
  }
}

/// Steps of one stage on one batch, with each loss term compared.
struct Training {
  let fixture: ClassicFixture
  let stage: String
  let optimizer: AdamW
  let valueOptimizer: AdamW

  init(_ fixture: ClassicFixture, _ settings: [String: Any]) throws {
    func number(_ key: String) -> Double { (settings[key] as! NSNumber).doubleValue }
    self.fixture = fixture
    stage = settings["stage"] as! String
    optimizer = AdamW(
      fixture.policy.parameters(), learningRate: number("learning_rate"),
      weightDecay: number("weight_decay"))
    valueOptimizer = AdamW(
      fixture.valueFunction.parameters(), learningRate: number("value_lr"),
      weightDecay: number("weight_decay"))
  }

  func step(_ terms: [String: Any], _ name: String) throws {
    func expect(_ tensor: Tensor, _ key: String) {
      expectClose(tensor, Tensor(scalar: (terms[key] as! NSNumber).doubleValue), "\(name), \(key)")
    }
    optimizer.zeroGrad()
    valueOptimizer.zeroGrad()
    let batch = try fixture.batch(stage)
    if stage == "autonomous" {
      let losses = try autonomousLosses(
        fixture.policy, fixture.valueFunction, batch, Configuration().training)
      expect(losses.policy, "policy_loss")
      expect(losses.value, "value_loss")
      expect(losses.entropy, "entropy")
      expect(losses.total, "total")
      losses.total.backward()
    } else {
      let loss = imitationLoss(fixture.policy, batch)
      expect(loss, "total")
      loss.backward()
    }
    optimizer.step()
    if stage == "autonomous" { valueOptimizer.step() }
  }
}
