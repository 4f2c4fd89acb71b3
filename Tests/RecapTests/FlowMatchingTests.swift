import Recap
import Testing
import Torch

/// η = 1 is data, and a network predicts noise − action.
@Suite struct FlowMatchingTests {
  @Test func timesLieNearTheNoise() {
    let times = denoisingTimes(20_000, generator: Generator(seed: 1)).floats
    #expect(times.allSatisfy { $0 >= 0 && $0 <= 0.999 })
    // 1 − η has mean 0.001 + 0.999 · 0.6.
    let mean = times.reduce(0, +) / Float(times.count)
    #expect(abs(mean - (1 - 0.001 - 0.999 * 0.6)) < 0.01)
  }

  /// da/dη = −f = a − ω: from noise, Euler's steps with the true f lead to the data.
  @Test func trueVelocityLeadsToTheData() {
    let generator = Generator(seed: 2)
    let actions = Tensor.randn([3, 4, 2], generator: generator)
    let noise = Tensor.randn([3, 4, 2], generator: generator)
    #expect(interpolated(actions, noise, eta: Tensor.ones([3])).equal(actions))
    #expect(interpolated(actions, noise, eta: Tensor.zeros([3])).equal(noise))
    var current = noise
    for step in 0..<5 {
      let eta = Tensor.full([3], Double(step) / 5)
      #expect((current - interpolated(actions, noise, eta: eta)).abs().max().item() < 1e-5)
      current = current - (noise - actions) * 0.2
    }
    #expect((current - actions).abs().max().item() < 1e-5)
  }

  /// Two points of the plane, three quarters at (1, 0.5) and a quarter at (−1, −0.5), each with a deviation of
  /// 0.1: what is sampled has their shares, means and deviations.
  @Test func mixtureIsReproduced() throws {
    let generator = Generator(seed: 3)
    let count = 4000
    let draws = Tensor.rand([count], generator: generator).floats
    let jitter = Tensor.randn([count, 2], generator: generator).floats
    let episodes = (0..<count).map { i in
      let sign: Float = draws[i] < 0.75 ? 1 : -1
      return Experience.Episode(
        task: 0, type: .demo, success: true, states: [0],
        actions: [sign + 0.1 * jitter[2 * i], 0.5 * sign + 0.1 * jitter[2 * i + 1]],
        interventions: [false])
    }
    let experience = Experience(tasks: ["a"], episodes: episodes, stateWidth: 1, actionWidth: 2)
    var sizes = FlowSizes()
    sizes.width = 16
    sizes.expertWidth = 64
    sizes.layers = 1
    sizes.heads = 2
    sizes.headWidth = 16
    sizes.chunkLength = 1
    let policy = FlowPolicy(
      sizes, prefix: PrefixShape(stateWidth: 1), actionWidth: 2, generator: Generator(seed: 4))
    var options = FitOptions()
    options.steps = 1200
    options.batchSize = 256
    options.learningRate = 3e-3
    let fit = PolicyFit(
      policy, experience, StateOnly(),
      frames: (0..<count).map { TrainingFrame(episode: $0, frame: 0) },
      options: options)
    while !fit.isDone { _ = try fit.next() }
    let sampled = withoutGradient {
      policy.sample(
        PrefixInput(state: Tensor.zeros([2000, 1])), tags: nil, indicator: .none, steps: 20,
        noise: Tensor.randn([2000, 1, 2], generator: Generator(seed: 5))
      ).floats
    }
    let xs = stride(from: 0, to: sampled.count, by: 2).map { sampled[$0] }
    let upper = xs.filter { $0 > 0 }
    #expect(abs(Double(upper.count) / 2000 - 0.75) < 0.05)
    let mean = upper.reduce(0, +) / Float(upper.count)
    let deviation = (upper.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Float(upper.count))
      .squareRoot()
    #expect(abs(mean - 1) < 0.06 && abs(deviation - 0.1) < 0.06)
    // Between the modes is next to nothing.
    #expect(xs.count { abs($0) < 0.5 } < 60)
  }
}
