import LeRobot
import Recap
import Testing

/// One test a line of the method's choices, with numbers made by hand.
@Suite struct MethodTests {
  /// C_fail and clipping: T_max 4, C 4: R = (−(T − t) − C [failed]) / 8 with T the last index.
  @Test func returnsOfSuccessAndFailure() {
    let scale = ReturnScale(longest: 4)
    #expect(scale.returns(length: 3, succeeded: true) == [-0.25, -0.125, 0])
    #expect(scale.returns(length: 3, succeeded: false) == [-0.75, -0.625, -0.5])
    // Longer than T_max: clipped, never below −1.
    #expect(scale.returns(length: 7, succeeded: false).first == -1)
    #expect(
      ReturnScale(longest: 4, failureCost: 0).returns(length: 3, succeeded: false) == [
        -0.5, -0.25, 0,
      ])
  }

  /// Rewards are divided as the targets are, and add up to them.
  @Test func rewardsAddUpToReturns() {
    let scale = ReturnScale(longest: 4)
    #expect(scale.rewards(length: 3, succeeded: true) == [-0.125, -0.125, 0])
    #expect(scale.rewards(length: 3, succeeded: false) == [-0.125, -0.125, -0.5])
    let sum = scale.rewards(length: 3, succeeded: false).reduce(0, +)
    #expect(sum == scale.returns(length: 3, succeeded: false)[0])
  }

  /// T_max: the longest episode of the task, or the time limit.
  @Test func longestEpisodeOfEachTask() {
    let data = experience(
      [episode(3, success: true), episode(9, success: true, task: 1), episode(5, success: false)],
      tasks: ["a", "b"])
    #expect(EpisodeReturns(data).scales.map(\.longest) == [5, 9])
    #expect(EpisodeReturns(data, timeLimit: 20).scales.map(\.longest) == [20, 20])
  }

  /// Two-hot over the two nearest of evenly spaced centres; never out of range.
  @Test func twoHotTargets() {
    let bins = ValueBins(count: 5)  // −1, −0.75, −0.5, −0.25, 0
    #expect(bins.twoHot(-0.75) == (1, 0))
    #expect(bins.twoHot(-0.6875) == (1, 0.25))
    #expect(bins.twoHot(0) == (3, 1))
    #expect(bins.twoHot(-1) == (0, 0))
    #expect(bins.twoHot(-7) == (0, 0))
    #expect(bins.twoHot(3) == (3, 1))
    #expect(ValueBins().count == 201)
  }

  /// N steps and the value after them; at the end the sum alone.
  @Test func advantagesOfNSteps() {
    let values: [Float] = [-0.5, -0.25, -0.5, -0.125]
    let rewards: [Float] = [-0.125, -0.125, -0.125, 0]
    // t = 0: −0.125 − 0.125 + V(2) − V(0) = −0.25 − 0.5 + 0.5; t = 1: −0.25 − 0.125 + 0.25; t = 2: to the end.
    #expect(
      advantages(values: values, rewards: rewards, steps: 2) == [-0.25, -0.125, 0.375, 0.125])
    // N = T: the sum from t on, less V(t).
    #expect(advantages(values: values, rewards: rewards, steps: nil) == [0.125, 0, 0.375, 0.125])
    #expect(advantages(values: values, rewards: rewards, steps: 99) == [0.125, 0, 0.375, 0.125])
    #expect(advantages(values: [], rewards: [], steps: 3) == [])
  }

  /// The share asked for is labelled, strictly above ε.
  @Test func thresholdsLabelTheShareAskedFor() {
    let ten = (1...10).map { Float($0) }.shuffled()
    for (fraction, wanted) in [(0.3, 3), (0.4, 4), (0.1, 1)] {
      let threshold = improvementThreshold(ten, positiveFraction: fraction, seed: 1)
      #expect(ten.count { $0 > threshold } == wanted)
    }
    #expect(improvementThreshold([2, 2, 2], positiveFraction: 0.4, seed: 1) == 2)
    #expect(improvementThreshold([], positiveFraction: 0.4, seed: 1) == .infinity)
    // At most 10,000 samples, drawn by the seed: nearly the share.
    let many = (0..<50_000).map { Float($0) }
    let threshold = improvementThreshold(many, positiveFraction: 0.3, seed: 3)
    #expect(threshold == improvementThreshold(many, positiveFraction: 0.3, seed: 3))
    #expect(abs(Double(many.count { $0 > threshold }) / 50_000 - 0.3) < 0.02)
  }

  /// ε is per task and from advantages, not from values; forced frames are left out of it.
  @Test func labelsArePerTaskAndForced() {
    let acted = [false, false, true, false]
    let data = experience(
      [
        episode(4, success: true, interventions: acted),
        episode(4, success: true, task: 1), episode(4, success: nil, type: .autonomous),
      ], tasks: ["a", "b"])
    var options = LabelOptions()
    options.positiveFraction = 0.34
    let labels = ImprovementLabels(
      data, advantages: [[0.1, 0.3, -9, 0.2], [5, 6, 7, 8], []], options: options)
    #expect(labels.thresholds == [0.2, 7])
    #expect(labels.indicators == [[false, true, true, false], [false, false, false, true], []])
    #expect(labels.forced == [acted, [false, false, false, false], []])
    let rates = labels.rates(data)
    #expect(rates.map(\.frames) == [4, 4] && rates.map(\.positive) == [2, 1])
    #expect(rates.map(\.forced) == [1, 0])
    options.forcesCorrections = false
    #expect(
      ImprovementLabels(
        data, advantages: [[0.1, 0.3, -9, 0.2], [5, 6, 7, 8], []], options: options
      )
      .indicators[0] == [false, true, false, false])
  }

  /// The control keeps each task's number of positive labels.
  @Test func shuffledLabelsKeepTheirNumber() {
    let data = experience([episode(50, success: true), episode(50, success: false)])
    var options = LabelOptions()
    options.positiveFraction = 0.2
    let advantages = [(0..<50).map { Float($0) }, (50..<100).map { Float($0) }]
    let plain = ImprovementLabels(data, advantages: advantages, options: options)
    options.shuffle = .frames
    let shuffled = ImprovementLabels(data, advantages: advantages, options: options)
    #expect(plain.indicators[0].count { $0 == true } == 0)
    #expect(shuffled.indicators.joined().count { $0 == true } == 20)
    #expect(shuffled.indicators[0].count { $0 == true } > 3)
  }

  /// Unlabelled is not failed: people's episodes count as successes, a policy's have no return.
  @Test func unlabelledIsNotFailed() {
    let data = experience([
      episode(3, success: nil), episode(3, success: nil, type: .autonomous),
      episode(3, success: false, type: .autonomous),
    ])
    let returns = EpisodeReturns(data)
    #expect(returns.returns[0].last == 0 && returns.returns[1].isEmpty)
    #expect(returns.returns[2].last == -0.5)
    #expect(returns.remarks.count == 2)
  }

  /// One class only says so, and never gives NaN.
  @Test func oneClassAlone() throws {
    let successes = EpisodeReturns(
      experience([episode(3, success: true), episode(5, success: true)]))
    #expect(
      successes.remarks == [
        "no episode failed: values tell only how fast episodes succeed, labels prefer the faster"
      ])
    let failures = experience([episode(3, success: false, type: .autonomous)])
    #expect(EpisodeReturns(failures).remarks[0].contains("no episode succeeded"))
    #expect(throws: ExperienceError.self) {
      try Arm.filteredBC.frames(of: failures, EpisodeReturns(failures), nil)
    }
    let same = ImprovementLabels(
      experience([episode(3, success: true)]), advantages: [[0.5, 0.5, 0.5]],
      options: LabelOptions())
    #expect(same.indicators == [[false, false, false]])
    #expect(same.remarks.contains { $0.contains("the same advantage") })
    #expect(
      same.remarks.contains { $0.contains("1 of 1 tasks have fewer than 5 episodes ('a' 1)") })
  }

  @Test func armsAreWhatTheySay() throws {
    let data = experience([
      episode(2, success: true), episode(4, success: false),
      episode(3, success: true, type: .autonomous),
      episode(2, success: nil, type: .autonomous), episode(3, success: true, type: .autonomous),
    ])
    let returns = EpisodeReturns(data)
    var options = LabelOptions()
    options.positiveFraction = 0.25
    let labels = ImprovementLabels(
      data, advantages: [[0, 1], [0, 0, 0, 0], [2, 0, 0], [], [3, 0, 0]], options: options)
    func episodes(_ arm: Arm) throws -> [Int] {
      Array(Set(try arm.frames(of: data, returns, labels).map(\.episode))).sorted()
    }
    #expect(try episodes(.bcDemonstrations) == [0, 1])
    #expect(try episodes(.bcAll) == [0, 1, 2, 3, 4])
    #expect(try episodes(.filteredBC) == [0, 2, 4])
    #expect(try episodes(.bestBC) == [0, 2])  // of the four with a return, round(1.6)
    let positive = try Arm.positiveBC.frames(of: data, returns, labels)
    #expect(positive.map { [$0.episode, $0.frame] } == [[0, 1], [2, 0], [4, 0]])
    let recap = try Arm.recap.frames(of: data, returns, labels)
    #expect(recap.count == 14 && recap.count { $0.indicator == true } == 3)
    #expect(recap.filter { $0.episode == 3 }.allSatisfy { $0.indicator == nil })
    let fineTuning = try Arm.recap.frames(of: data, returns, nil)
    #expect(fineTuning.allSatisfy { $0.indicator == true })
    let weighted = try Arm.awr.frames(of: data, returns, labels)
    let mean = weighted.map(\.weight).reduce(0, +) / Float(weighted.count)
    #expect(weighted.count == 12 && abs(mean - 1) < 1e-5)
    #expect(weighted.max { $0.weight < $1.weight }?.episode == 4)
  }
}
