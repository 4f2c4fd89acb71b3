import Recap
import Testing

@Suite struct AdvantageEstimationTests {
  @Test func returnsAreDiscountedFromTheEnd() {
    #expect(
      discountedReturns(rewards: [1, 2, 4], dones: [false, false, true], gamma: 0.5) == [3, 4, 4])
  }

  @Test func returnsDoNotCrossAnEnd() {
    #expect(
      discountedReturns(rewards: [1, 2, 4], dones: [false, true, false], gamma: 0.5) == [2, 2, 4])
  }

  @Test func advantagesByHand() {
    // δ2 = 1 − 3 = −2; δ1 = 0 + 0.5·3 − 2 = −0.5; δ0 = 0 + 0.5·2 − 1 = 0
    // A2 = −2; A1 = −0.5 + 0.25·(−2) = −1; A0 = 0 + 0.25·(−1) = −0.25
    #expect(
      generalizedAdvantages(
        rewards: [0, 0, 1], values: [1, 2, 3], dones: [false, false, true], gamma: 0.5, lambda: 0.5)
        == [-0.25, -1, -2])
  }

  @Test func advantagesStopAtAnEnd() {
    #expect(
      generalizedAdvantages(
        rewards: [1, 1], values: [0, 10], dones: [true, true], gamma: 1, lambda: 1) == [1, -9])
  }

  @Test func lambdaOneIsReturnMinusValue() {
    let rewards: [Float] = [1, 0, 2, 1], values: [Float] = [0.5, 1, -1, 2]
    let dones = [false, false, false, true]
    let returns = discountedReturns(rewards: rewards, dones: dones, gamma: 0.9)
    let advantages = generalizedAdvantages(
      rewards: rewards, values: values, dones: dones, gamma: 0.9, lambda: 1)
    for t in rewards.indices { #expect(abs(advantages[t] - (returns[t] - values[t])) < 1e-6) }
  }

  @Test func normalisationSpansTheBatch() {
    // mean 3, sample deviation 2
    let normalized = normalizedAdvantages([[1], [3, 5]])
    #expect(normalized == [[-1], [0, 1]])
  }

  @Test func aLoneFrameIsZero() {
    #expect(normalizedAdvantages([[5]]) == [[0]])
  }
}
