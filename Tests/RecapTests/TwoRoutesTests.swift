import Foundation
import LeRobot
import Recap
import Testing
import Torch

/// RECAP in a world whose answer is known.
///
/// The suite runs one seed for 800 steps; `RECAP_STUDY=1,2,3` runs those seeds with more data and the rivals
/// that take it to tell apart (minutes). What V and the labels are is expected of every seed; how often
/// policies take the fast way differs by a tenth between two fits of the same data, and is expected of the
/// mean over the seeds.
@Suite(.serialized) struct TwoRoutesTests {
  static let studySeeds = (ProcessInfo.processInfo.environment["RECAP_STUDY"] ?? "")
    .split(separator: ",").compactMap { Int($0) }
  static let isStudy = !studySeeds.isEmpty
  static let truth = TwoRoutes.Truth()

  /// How policies fared in one seed.
  private struct Outcome {
    let recap: TwoRoutes.Evaluation
    let guided: TwoRoutes.Evaluation
    let negative: TwoRoutes.Evaluation
    let unconditional: TwoRoutes.Evaluation
    let cloned: TwoRoutes.Evaluation
    /// In a study alone.
    let filtered: TwoRoutes.Evaluation?
    let shuffled: TwoRoutes.Evaluation?
  }

  @Test func recapTakesTheFastWay() throws {
    let outcomes = try (Self.isStudy ? Self.studySeeds : [1]).map(outcome)
    func fast(_ of: (Outcome) -> TwoRoutes.Evaluation?) -> Double { mean(outcomes, of, \.fast) }
    func throughput(_ of: (Outcome) -> TwoRoutes.Evaluation?) -> Double {
      mean(outcomes, of, \.throughput)
    }
    #expect(fast(\.recap) >= 2 * fast(\.cloned))
    #expect(fast(\.negative) < fast(\.unconditional))
    #expect(throughput(\.guided) > throughput(\.recap))
    if !Self.isStudy { return }
    #expect(fast(\.recap) > fast(\.filtered))
    #expect(fast(\.shuffled) <= 1.2 * fast(\.cloned))
  }

  private func mean(
    _ outcomes: [Outcome], _ of: (Outcome) -> TwoRoutes.Evaluation?,
    _ figure: KeyPath<TwoRoutes.Evaluation, Double>
  ) -> Double {
    let found = outcomes.compactMap(of).map { $0[keyPath: figure] }
    return found.reduce(0, +) / Double(found.count)
  }

  private func outcome(seed: Int) throws -> Outcome {
    let evaluations = Self.isStudy ? 1000 : 200
    let policySteps = Self.isStudy ? 2000 : 800
    // A tenth of the frames of a few hundred episodes is too little to tell shuffled labels from chance.
    let experience = TwoRoutes.demonstrations(Self.isStudy ? 1000 : 600, seed: UInt64(seed))
    let returns = EpisodeReturns(experience, timeLimit: TwoRoutes.timeLimit)
    let values = try values(experience, returns, seed: seed)

    // V of fresh demonstrations against the truth, and the sign of the advantage at N = 15.
    var (errors, count) = (0.0, 0)
    var (right, clear) = (0, 0)
    for (i, episode) in experience.episodes.enumerated() {
      let known = (0..<episode.frameCount).map {
        Self.truth[episode.states[2 * $0], episode.states[2 * $0 + 1]]
      }
      for (value, truth) in zip(values[i], known) {
        guard let truth else { continue }
        errors += Double(abs(value - truth))
        count += 1
      }
      let learned = advantages(values: values[i], rewards: returns.rewards[i], steps: 15)
      let exact = advantages(
        values: known.enumerated().map { $1 ?? values[i][$0] }, rewards: returns.rewards[i],
        steps: 15)
      for t in 0..<episode.frameCount where abs(exact[t]) > 0.05 && known[t] != nil {
        clear += 1
        if (exact[t] > 0) == (learned[t] > 0) { right += 1 }
      }
    }
    let error = errors / Double(count)
    let signs = Double(right) / Double(clear)
    print("seed \(seed): V off by \(shown(error)), sign of A right \(shown(signs)) of \(clear)")
    #expect(error < 0.03)
    #expect(signs >= 0.95)

    func labels(shuffled: Bool = false) -> ImprovementLabels {
      var options = LabelOptions()
      options.steps = 15
      options.positiveFraction = 0.1
      options.shuffle = shuffled ? .frames : .none
      options.seed = seed
      return ImprovementLabels(experience, returns, values: values, options: options)
    }
    func fit(_ arm: Arm, _ labels: ImprovementLabels? = nil) throws -> (FlowPolicy, gap: Double?) {
      let frames = try arm.frames(of: experience, returns, labels)
      let policy = policy(seed: seed)
      var options = FitOptions()
      options.steps = policySteps
      options.batchSize = 128
      options.seed = seed
      let fit = PolicyFit(policy, experience, StateOnly(), frames: frames, options: options)
      while !fit.isDone { _ = try fit.next() }
      let gap = try policy.conditioningGap(frames, experience, StateOnly(), seed: seed)
      return (policy, gap.map { $0.flippedLoss - $0.loss })
    }
    let recap = try fit(.recap, labels())
    let positive = TwoRoutes.evaluate(recap.0, as: .positive, count: evaluations)
    let guided = TwoRoutes.evaluate(
      recap.0, as: .positive, guidance: 2, count: evaluations)
    let negative = TwoRoutes.evaluate(recap.0, as: .negative, count: evaluations)
    let unconditional = TwoRoutes.evaluate(recap.0, as: .none, count: evaluations)
    let cloned = TwoRoutes.evaluate(
      try fit(.bcAll).0, as: .none, count: evaluations)
    print(
      "seed \(seed): fast way BC \(shown(cloned.fast)), RECAP \(shown(positive.fast)), β = 2 "
        + "\(shown(guided.fast)), negative \(shown(negative.fast)), unconditional "
        + "\(shown(unconditional.fast)); throughput \(shown(cloned.throughput)), "
        + "\(shown(positive.throughput)), \(shown(guided.throughput)); gap \(shown(recap.gap!))")
    #expect(recap.gap! > 0.04)
    var (filtered, shuffled): (TwoRoutes.Evaluation?, TwoRoutes.Evaluation?)
    if Self.isStudy {
      filtered = TwoRoutes.evaluate(try fit(.filteredBC).0, as: .none, count: evaluations)
      let control = try fit(.recap, labels(shuffled: true))
      shuffled = TwoRoutes.evaluate(control.0, as: .positive, count: evaluations)
      print(
        "seed \(seed): fast way filtered BC \(shown(filtered!.fast)), shuffled "
          + "\(shown(shuffled!.fast)), gap \(shown(control.gap!))")
      #expect(control.gap! < 0.01)
    }
    return Outcome(
      recap: positive, guided: guided, negative: negative, unconditional: unconditional,
      cloned: cloned, filtered: filtered, shuffled: shuffled)
  }

  private func values(
    _ experience: Experience, _ returns: EpisodeReturns, seed: Int
  ) throws -> [[Float]] {
    var sizes = ValueSizes()
    sizes.width = 64
    let network = ValueNetwork(
      sizes, prefix: PrefixShape(stateWidth: 2), generator: Generator(seed: UInt64(seed)))
    var options = FitOptions()
    options.steps = 2000
    options.batchSize = 256
    options.learningRate = 2e-3
    options.seed = seed
    let fit = ValueFit(
      network, experience, StateOnly(), returns: returns.returns, heldOut: Array(0..<40),
      options: options, patience: 20)
    while !fit.isDone { _ = try fit.next() }
    fit.finish()
    return try network.values(of: experience, StateOnly())
  }

  private func policy(seed: Int) -> FlowPolicy {
    var sizes = FlowSizes()
    sizes.width = 64
    sizes.expertWidth = 64
    sizes.layers = 2
    sizes.heads = 2
    sizes.headWidth = 32
    sizes.chunkLength = 8
    return FlowPolicy(
      sizes, prefix: PrefixShape(stateWidth: 2), actionWidth: 2,
      generator: Generator(seed: UInt64(seed)))
  }

  private func shown(_ number: Double) -> String { String(format: "%.3f", number) }
}
