import Recap
import Testing

@Suite struct ValueDiagnosticsTests {
  @Test func rankCorrelationWithTies() {
    #expect(rankCorrelation([1, 2, 3], [10, 20, 40]) == 1)
    #expect(rankCorrelation([1, 2, 3], [3, 2, 1]) == -1)
    #expect(rankCorrelation([1, 1, 1], [3, 2, 1]) == nil)
    // Ranks [0.5, 0.5, 2] and [0, 1, 2]: covariance 1.5, variances 1.5 and 2.
    #expect(abs(rankCorrelation([5, 5, 9], [1, 2, 3])! - 1.5 / 3.0.squareRoot()) < 1e-12)
  }

  @Test func separationCountsPairs() {
    #expect(separation([2, 3], from: [0, 1]) == 1)
    #expect(separation([0, 1], from: [2, 3]) == 0)
    // Of the pairs (1,1) (1,0) (2,1) (2,0) three are above and one ties.
    #expect(separation([1, 2], from: [0, 1]) == 0.875)
    #expect(separation([], from: [1]) == nil)
  }

  @Test func errorAndBias() throws {
    let found = try #require(
      ValueDiagnostics(values: [[-0.5, -0.25], [-1]], returns: [[-0.25, -0.5], []]))
    #expect(found.count == 2 && found.error == 0.25 && found.bias == 0)
    #expect(found.spearman == -1)
    #expect(ValueDiagnostics(values: [[-1]], returns: [[]]) == nil)
  }

  /// V − R is 0.1 for people and −0.1 for policies: all of a leak; the same for both: none.
  @Test func styleLeakTellsWhoActed() throws {
    func leak(_ people: Float, _ policies: Float) -> Double? {
      let episodes = (0..<12).map { i in
        Experience.Episode(
          task: 0, type: i < 6 ? .demo : .autonomous, success: true, states: [], actions: [],
          interventions: [false])
      }
      let returns = [[Float]](repeating: [-0.5], count: 12)
      let values = (0..<12).map { [-0.5 + ($0 < 6 ? people : policies)] }
      return styleLeak(
        Experience(tasks: ["a"], episodes: episodes, stateWidth: 0, actionWidth: 1),
        values: values, returns: returns)
    }
    #expect(leak(0.1, -0.1) == 1)
    #expect(leak(-0.1, 0.1) == 1)
    #expect(leak(0.1, 0.1) == 0.5)
  }
}
