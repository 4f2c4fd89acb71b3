import Foundation
import LeRobot
import Testing

/// Statistics that are not of the rows beside them, and those that LeRobot 0.6.1 writes though they seem so.
@Suite struct StaleStatisticsTests {
  private func check(_ change: (inout HandMadeDataset) -> Void) throws -> (
    problems: [String], notes: [String]
  ) {
    try withFolder("stale") { folder in
      var made = HandMadeDataset()
      change(&made)
      let root = try made.write(to: folder)
      let check = DatasetCheck(folder: root)
      let strip = { (text: String) in text.replacingOccurrences(of: root + "/meta/", with: "") }
      return (check.problems.map { strip($0.description) }, check.notes.map(strip))
    }
  }

  /// A little more than single precision can lose, and a little less.
  @Test func ofAllRows() throws {
    let sound = HandMadeDataset.action
    #expect(try check { $0.statistics = sound }.problems == [])
    for (old, new, found) in [
      ("[0, -3]", "[0, -3.0001]", "the least value -3.0001 of element 1, -3 is that"),
      ("[1.2, 0]", "[1.2001, 0]", "the greatest value 1.2001 of element 0, 1.2 is that"),
      ("0.5571428571428572", "0.5572", "the mean 0.5572 of element 0, 0.5571"),
      ("1.0301575", "-1.0301575", "the standard deviation -1.0301"),
      ("[0.48064582, 1.0301575]", "[0.2, 1.0301575]", "the standard deviation 0.2 of element 0"),
      ("[7]", "[60]", "the count 60, 7 is that of the rows"),
      ("[0.4, -1]", "[1.3, -1]", "q50 1.3 of element 0, the rows lie from 0 to 1.2"),
    ] {
      let problems = try check {
        $0.statistics = sound.replacingOccurrences(of: old, with: new)
      }.problems
      #expect(
        problems.count == 1 && problems[0].hasPrefix("stats.json: 'action' has \(found)")
          && problems[0].hasSuffix("it is of other rows; recap dataset convert computes it anew"),
        "\(problems)")
    }
    for (old, new) in [("1.2, 0", "1.2000002, 0"), ("0.5571428571428572", "0.557143")] {
      #expect(
        try check { $0.statistics = sound.replacingOccurrences(of: old, with: new) }.problems == [])
    }
  }

  /// LeRobot 0.6.1 takes the variance as E[x²] − E[x]² in single precision: of values around a million with a deviation of
  /// one it recorded 142.7.
  @Test func ofLargeMeans() throws {
    func found(_ std: Double, _ least: Int) throws -> [String] {
      try check {
        $0.features = [HandMadeDataset.feature("x", "float32")]
        $0.columns = [("x", { .float32((0..<$0).map { Float(1_000_000 + $0) }) })]
        $0.statistics =
          #""x": {"min": [\#(least)], "max": [1000006], "mean": [1000003], "std": [\#(std)], "count": [7]}"#
      }.problems
    }
    #expect(try found(2, 1_000_000) == [])
    #expect(try found(0, 1_000_000) == [])
    #expect(try found(142.7, 1_000_000) == [])
    #expect(try found(100_000, 1_000_000).count == 1)
    #expect(try found(2, 999_999).count == 1)
  }

  /// LeRobot's recompute_stats can take actions relative to the state, from every chunk of so many frames.
  @Test func ofRelativeActions() throws {
    func of(_ count: Int) throws -> (problems: [String], notes: [String]) {
      try check {
        $0.statistics =
          #""action": {"min": [9, 9], "max": [9, 9], "mean": [9, 9], "std": [0, 0], "count": [\#(count)]}"#
      }
    }
    // Chunks of 2: 3 in the first episode, 2 in the second.
    let relative = try of(10)
    #expect(
      relative.problems == []
        && relative.notes.contains { $0.contains("relative to the state, in chunks of 2") })
    #expect(try of(11).problems.count == 1)
  }

  @Test func ofAnEpisode() throws {
    func line(_ episode: Int, _ max: Double, _ count: Int) -> String {
      let isFirst = episode == 0
      return
        #"{"episode_index": \#(episode), "stats": {"action": {"min": [\#(episode), \#(isFirst ? -3 : -2)], "max": [\#(max), 0], "mean": [\#(isFirst ? 0.15 : 1.1), \#(isFirst ? -1.5 : -1)], "std": [\#(isFirst ? 0.1118034 : 0.08164966), \#(isFirst ? 1.118034 : 0.8164966)], "count": [\#(count)]}}}"#
        + "\n"
    }
    func found(_ text: String) throws -> [String] {
      try check {
        $0.version = .v21
        $0.episodeStatistics = text
      }.problems
    }
    #expect(try found(line(0, 0.3, 4) + line(1, 1.2, 3)) == [])
    #expect(
      try found(line(0, 0.3, 4) + line(1, 2, 3)) == [
        "episodes_stats.jsonl: 'action' of episode 1 has the greatest value 2 of element 0, 1.2 is that of the rows: they are of other rows"
      ])
    #expect(
      try found(line(0, 0.3, 5) + line(1, 1.2, 3)).contains {
        $0.contains("'action' of episode 0 has the count 5, 4 is that of the rows")
      })
    #expect(
      try found(line(0, 0.3, 4)) == ["episodes_stats.jsonl: has no statistics of episode 1"])
    #expect(
      try found(line(0, 0.3, 4) + "{\"episode_index\": 1, \"st").contains {
        $0.hasPrefix("episodes_stats.jsonl:2: is not valid JSON")
      })
    #expect(
      try check {
        $0.episodeColumns = [
          ("stats/action/max", .list(.float64([0.3, 0, 7, 0]), lengths: [2, 2]))
        ]
      }.problems == [
        "episodes: 'action' of episode 1 has the greatest value 7 of element 0, 1.2 is that of the rows: they are of other rows"
      ])
  }
}
