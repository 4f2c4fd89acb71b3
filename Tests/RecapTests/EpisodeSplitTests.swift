import LeRobot
import Recap
import Testing

/// An episode is held out by what it holds, once and for all.
@Suite struct EpisodeSplitTests {
  private func names(_ range: Range<Int>) -> [String] { range.map { "episode \($0)" } }

  @Test func placeDoesNotDecide() {
    var (all, shuffled, some) = (EpisodeSplit(), EpisodeSplit(), EpisodeSplit())
    all.decide(
      [names(0..<200), names(200..<400)], fraction: 0.1, seed: 3, purpose: "value")
    shuffled.decide(
      [names(200..<400).reversed(), names(0..<200).shuffled()], fraction: 0.1, seed: 3,
      purpose: "value")
    #expect(all == shuffled)
    #expect(all.heldOut.union(all.trained) == Set(names(0..<400)))
    // A tenth of each group, and a few more by chance.
    for range in [0..<200, 200..<400] {
      #expect((20...38).contains(all.heldOut.intersection(names(range)).count))
    }
    // Among others, and with nothing kept, nearly all that were out are out again.
    some.decide([names(0..<100)], fraction: 0.1, seed: 3, purpose: "value")
    #expect(some.heldOut.count >= 10 && some.heldOut.subtracting(all.heldOut).count <= 4)
    var (seed, purpose) = (EpisodeSplit(), EpisodeSplit())
    seed.decide([names(0..<200)], fraction: 0.1, seed: 4, purpose: "value")
    purpose.decide([names(0..<200)], fraction: 0.1, seed: 3, purpose: "data")
    let first = all.heldOut.intersection(names(0..<200))
    #expect(seed.heldOut != first && purpose.heldOut != first)
  }

  /// With another seed and another share: what was decided stays, what comes anew is decided of.
  @Test func onceOutAlwaysOut() {
    var split = EpisodeSplit()
    split.decide([names(0..<50)], fraction: 0.2, seed: 0, purpose: "value")
    let before = split
    split.decide([names(0..<150)], fraction: 0.5, seed: 9, purpose: "value")
    #expect(before.heldOut.isSubset(of: split.heldOut))
    #expect(split.heldOut.isDisjoint(with: before.trained))
    #expect(split.heldOut.subtracting(before.heldOut).isSubset(of: names(50..<150)))
    split.decide([names(0..<150)], fraction: 0, seed: 0, purpose: "value")
    #expect(before.heldOut.isSubset(of: split.heldOut))
    // Of two lineages, what either trained on is never measured on.
    var other = EpisodeSplit()
    other.decide([names(0..<50)], fraction: 0.2, seed: 5, purpose: "value")
    var both = before
    both.formUnion(other)
    #expect(both.trained == before.trained.union(other.trained))
    #expect(both.heldOut.isDisjoint(with: both.trained))
  }

  /// Few of a kind: one is held out and one trained on; a single one is trained on; copies go together.
  @Test func fewOfAKind() {
    for seed in 0..<50 {
      var split = EpisodeSplit()
      split.decide(
        [names(0..<2), names(2..<3), ["twin", "twin", "other"]], fraction: 0.1, seed: seed,
        purpose: "value")
      #expect(split.heldOut.intersection(names(0..<2)).count == 1)
      #expect(split.trained.contains("episode 2"))
      #expect(split.heldOut.intersection(["twin", "other"]).count == 1)
      split.decide([names(0..<2)], fraction: 0.9, seed: seed + 1, purpose: "value")
      #expect(split.heldOut.intersection(names(0..<2)).count == 1)
      // Nothing is left to decide of those that are all out.
      let before = split
      split.decide([Array(split.heldOut)], fraction: 0.1, seed: seed, purpose: "value")
      #expect(split == before)
    }
    var none = EpisodeSplit()
    none.decide([names(0..<9)], fraction: 0, seed: 0, purpose: "value")
    #expect(none.heldOut.isEmpty && none.trained.count == 9)
  }

  /// The same wherever the episode lies, whatever it is called and however it ended.
  @Test func identitiesAreOfActionsAndStates() throws {
    let data = try StateDataset()
    let first = try data.record("a", [.init(seed: 1), .init(seed: 2)])
    let second = try data.record(
      "b", [.init(seed: 9), .init(text: "pull", type: .autonomous, success: false, seed: 1)])
    func identity(_ dataset: Dataset, _ episode: Int) throws -> String {
      var columns = ColumnSelection()
      columns.state = "observation.state"
      return try dataset.read(dataset.episodes[episode], columns: columns).identity
    }
    #expect(try identity(first, 0) == identity(second, 1))
    #expect(try identity(first, 0) != identity(first, 1))
    #expect(try identity(first, 0) != identity(second, 0))
  }

  /// Stages and two rounds by hand: what V trained on once is never held out later, and the reverse, though
  /// groups grow and episodes move.
  @Test func splitsThroughStagesAndMerges() throws {
    let data = try StateDataset()
    func episodes(_ seeds: Range<Int>, _ type: EpisodeType) -> [StateDataset.Episode] {
      seeds.map { .init(length: 12 + $0 % 5, type: type, success: $0 % 3 > 0, seed: $0) }
    }
    let demos = episodes(0..<20, .demo)
    let round = episodes(20..<40, .autonomous)
    try data.record("demos", demos)
    try data.record("more", round + demos)  // the old ones after the new
    let off = ["training.train_corrections=false", "dataset.held_out_fraction=0.1"]
    _ = try train(
      data.configuration("demos", off + ["training.train_autonomous=false"], run: "pre"))
    let file = data.path + "/pre/checkpoint_demo.pt"
    let before = try #require(try ClassicCheckpoint(path: file).splits)
    #expect(before.value.heldOut.count >= 2 && before.data.heldOut.count >= 1)
    #expect(before.value.heldOut.isDisjoint(with: before.data.heldOut))
    let told = try train(
      data.configuration(
        "more", off + ["training.train_demonstrations=false", "training.seed=5"], run: "round"),
      checkpoint: file)
    let after = try #require(
      try ClassicCheckpoint(path: data.path + "/round/checkpoint_final.pt").splits)
    for (before, after) in [(before.value, after.value), (before.data, after.data)] {
      #expect(before.heldOut.isSubset(of: after.heldOut))
      #expect(before.trained.isSubset(of: after.trained))
      #expect(after.heldOut.isDisjoint(with: after.trained))
    }
    #expect(after.value.heldOut.count + after.value.trained.count > before.value.trained.count + 10)
    // Measured on what neither V nor the policy was fitted to, and named where it is not.
    for metric in [
      "recap/value_error", "recap/value_error_training", "recap/conditioning_gap",
      "recap/conditioning_gap_training",
    ] {
      #expect(told.values(metric).count == 1, "\(metric)")
    }
    let alone = try train(
      data.configuration("more", ["training.train_corrections=false"], run: "alone"))
    #expect(alone.values("recap/conditioning_gap").isEmpty)
    #expect(alone.values("recap/conditioning_gap_training").count == 2)
  }
}
