import LeRobot
import Recap
import Testing
import Torch

/// A value function overfits few episodes: held-out ones end its fit, and the best weights are kept.
@Suite struct ValueFitTests {
  @Test func heldOutEpisodesEndTheFit() throws {
    // Outcomes that states say nothing about: all that can be learned beyond the mean is wrong.
    let generator = Generator(seed: 1)
    let states = Tensor.randn([24, 40], generator: generator).floats
    let episodes = (0..<24).map { i in
      Experience.Episode(
        task: 0, type: .demo, success: i % 2 == 0, states: Array(states[i * 40..<(i + 1) * 40]),
        actions: Array(repeating: 0, count: 10), interventions: Array(repeating: false, count: 10))
    }
    let experience = Experience(tasks: ["a"], episodes: episodes, stateWidth: 4, actionWidth: 1)
    let returns = EpisodeReturns(experience).returns
    var sizes = ValueSizes()
    sizes.width = 32
    let network = ValueNetwork(
      sizes, prefix: PrefixShape(stateWidth: 4), generator: Generator(seed: 2))
    var options = FitOptions()
    options.steps = 2000
    options.batchSize = 64
    options.learningRate = 3e-3
    let fit = ValueFit(
      network, experience, StateOnly(), returns: returns, heldOut: Array(0..<8), options: options,
      evaluateEvery: 10, patience: 5)
    var losses: [Double] = []
    while !fit.isDone { if let heldOut = try fit.next().heldOut { losses.append(heldOut) } }
    let best = try #require(fit.best)
    #expect(fit.step < 500 && fit.step == best.step + 50)
    #expect(best.loss == losses.min() && losses.last! > best.loss + 0.05)
    let overfitted = try network.values(of: experience, StateOnly())
    fit.finish()
    func error(_ values: [[Float]]) -> Double {
      ValueDiagnostics(values: Array(values[..<8]), returns: Array(returns[..<8]))!.error
    }
    #expect(error(try network.values(of: experience, StateOnly())) < error(overfitted))
  }
}
