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

  /// What was fitted beside the network is put back to the same step as the network.
  @Test func theBestEncodersAreKeptToo() throws {
    let generator = Generator(seed: 1)
    let states = Tensor.randn([24, 40], generator: generator).floats
    let experience = Experience(
      tasks: ["a"],
      episodes: (0..<24).map { i in
        Experience.Episode(
          task: 0, type: .demo, success: i % 2 == 0, states: Array(states[i * 40..<(i + 1) * 40]),
          actions: Array(repeating: 0, count: 10), interventions: Array(repeating: false, count: 10)
        )
      }, stateWidth: 4, actionWidth: 1)
    let returns = EpisodeReturns(experience).returns
    let encoder = ScaledPictures(experience)
    var sizes = ValueSizes()
    sizes.width = 16
    let network = ValueNetwork(
      sizes, prefix: PrefixShape(visionWidth: 4, cameras: 1, stateWidth: 4),
      generator: Generator(seed: 2))
    var options = FitOptions()
    (options.steps, options.batchSize, options.learningRate) = (300, 64, 1e-2)
    let fit = ValueFit(
      network, experience, encoder, returns: returns, heldOut: Array(0..<8), options: options,
      evaluateEvery: 10, patience: 4, encoders: [("vision_encoder.scale", encoder.scale)])
    var seen: [Int: (scale: [Float], head: [Float])] = [:]
    while !fit.isDone {
      _ = try fit.next()
      seen[fit.step] = (encoder.scale.floats, network.namedParameters().last!.tensor.floats)
    }
    let best = try #require(fit.best)
    let last = try #require(seen[fit.step])
    #expect(best.step < fit.step && seen[best.step]!.scale != last.scale)
    #expect(Set(fit.bestWeights.keys).contains("vision_encoder.scale"))
    fit.finish()
    #expect(encoder.scale.floats == seen[best.step]!.scale)
    #expect(network.namedParameters().last!.tensor.floats == seen[best.step]!.head)
  }
}

/// One patch a picture, which is the state scaled by what is fitted.
private struct ScaledPictures: FrameFeatures {
  let device = Device.cpu
  let scale = Tensor.ones([4]).parameter()
  private let experience: Experience
  var tags: TagFeatures? { nil }

  init(_ experience: Experience) { self.experience = experience }

  func vision(_ frames: [(episode: Int, frame: Int)]) -> Tensor? {
    let states = frames.flatMap { frame in
      experience.episodes[frame.episode].states[frame.frame * 4..<(frame.frame + 1) * 4]
    }
    return Tensor(states, shape: [frames.count, 1, 4]) * scale
  }

  func language(_ frames: [(episode: Int, frame: Int)]) -> (tokens: Tensor, mask: [Bool])? { nil }
}
