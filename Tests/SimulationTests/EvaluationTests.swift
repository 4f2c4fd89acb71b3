import Foundation
import Simulation
import Testing

@Suite struct EvaluationTests {
  @Test func wilsonsInterval() {
    // By hand with z = 2: 8 of 10; p + z²/2n = 1, z √(0.016 + 0.01) = 0.32249, 1 + z²/n = 1.4.
    let (low, high) = Evaluation.wilson(successes: 8, of: 10, z: 2)
    #expect(abs(low - 0.483_936) < 1e-6 && abs(high - 0.944_635) < 1e-6)
    // Known: 0.4901625 to 0.9433178.
    let (low95, high95) = Evaluation.wilson(successes: 8, of: 10)
    #expect(abs(low95 - 0.490_162) < 1e-6 && abs(high95 - 0.943_318) < 1e-6)
    #expect(Evaluation.wilson(successes: 0, of: 5).low == 0)
    #expect(Evaluation.wilson(successes: 5, of: 5).high == 1)
  }

  @Test func aRatioAndItsStandardError() {
    // R = 2/4; residues 1 − ½, 0 − ½, 1 − 1: squares ¼ + ¼ + 0 over 3·2, its root over 4/3.
    let (ratio, error) = Evaluation.ratio([1, 0, 1], to: [1, 1, 2])
    #expect(ratio == 0.5)
    #expect(abs(error! - (0.5 / 6.0).squareRoot() / (4.0 / 3.0)) < 1e-12)
    #expect(Evaluation.ratio([1], to: [2]).standardError == nil)
    // All alike: nothing to be uncertain of.
    #expect(Evaluation.ratio([1, 1], to: [3, 3]).standardError == 0)
  }

  @Test func throughputCountsTheTimeOfFailures() throws {
    // 36 s and 72 s of success, 72 s of failure: 2 in 180 s, 40 an hour.
    let evaluation = Evaluation(
      task: "carry", fps: 10,
      [
        .init(seed: 1, steps: 360, success: true), .init(seed: 2, steps: 720, success: true),
        .init(seed: 3, steps: 720, success: false, ending: "time_limit"),
      ])
    #expect(evaluation.episodes == 3 && evaluation.successes == 2 && evaluation.timeLimits == 1)
    #expect(abs(evaluation.success - 2.0 / 3) < 1e-12)
    #expect(abs(evaluation.throughputPerHour - 40) < 1e-9)
    // Hours 0.01, 0.02, 0.02; residues 0.6, 0.2, −0.8: √(1.04 / 6) over 1/60.
    #expect(abs(evaluation.throughputStandardError! - 60 * (1.04 / 6).squareRoot()) < 1e-9)
    #expect(evaluation.meanSteps == 600 && evaluation.meanStepsOfSuccesses == 540)
    #expect(evaluation.simulatedSeconds == 180)
  }

  @Test func theJSONHasTheAgreedKeys() throws {
    let evaluation = Evaluation(task: "carry", fps: 20, [.init(seed: 1, steps: 20, success: false)])
    let data = try JSONEncoder().encode(evaluation)
    #expect(try JSONDecoder().decode(Evaluation.self, from: data) == evaluation)
    let object = try JSONSerialization.jsonObject(with: data) as! [String: Any]
    for key in [
      "task", "episodes", "successes", "success", "success_low", "success_high",
      "throughput_per_hour", "mean_steps", "broken", "time_limits",
    ] {
      #expect(object[key] != nil, "\(key)")
    }
  }
}
