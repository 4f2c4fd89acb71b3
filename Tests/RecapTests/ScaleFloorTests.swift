import Foundation
import LeRobot
import Recap
import Testing

/// Dimensions that hardly vary: divided by nothing near 0, and said.
@Suite struct ScaleFloorTests {
  private static let modes = ["mean_std", "min_max", "quantiles", "quantile10"]

  /// Two ordinary dimensions, and one made by hand: what it is of the frames of the first episodes.
  private static let kinds: [(name: String, value: @Sendable (Int) -> Float)] = [
    ("constant", { _ in 0.3 }), ("zero", { _ in 0 }),
    ("rare", { $0 == 7 ? 1 : 0 }),  // one row of twenty
    ("tiny", { 1 + 1e-7 * Float($0 % 3) }),
  ]

  private func actions(_ value: @escaping @Sendable (Int) -> Float, seed: Int) -> (Int) -> [Float] {
    { frame in [Float((frame * 7 + seed) % 11) / 5 - 1, value(frame)] }
  }

  @Test(arguments: kinds.map(\.name), modes)
  func lossesStayOrdinary(kind: String, mode: String) throws {
    let value = Self.kinds.first { $0.name == kind }!.value
    let data = try StateDataset()
    try data.record(
      "data", (0..<6).map { .init(success: true, seed: $0, actions: actions(value, seed: $0)) })
    let told = try train(
      data.configuration(
        "data",
        [
          "dataset.normalize_actions=\(mode)", "training.train_corrections=false",
          "training.train_autonomous=false",
        ]))
    let losses = told.values("train/flow_loss")
    #expect(losses.count == 3 && losses.allSatisfy { $0 < 100 }, "\(losses)")
    let said = told.messages.filter {
      $0.hasPrefix("action hardly varies in 1 of 2 dimensions: 'across' ")
    }
    // A deviation by which 1 in 20 differs is one to divide by.
    let isFine = kind == "rare" && mode != "quantile10"
    #expect(said.count == (isFine ? 0 : 1), "\(told.messages)")
  }

  /// By hand: the others' typical range is 2 where it is constant, a tenth of its whole range where it is rare.
  @Test func scalesByHand() throws {
    let data = try StateDataset()
    func said(_ kind: Int, _ mode: String, _ more: String...) throws -> String? {
      let episodes = (0..<30).map {
        StateDataset.Episode(
          length: 22, success: true, seed: $0, actions: actions(Self.kinds[kind].value, seed: $0))
      }
      let name = "\(kind)\(mode)\(more.count)"
      try data.record(name, episodes)
      return try train(
        data.configuration(
          name,
          [
            "dataset.normalize_actions=\(mode)", "training.train_corrections=false",
            "training.train_autonomous=false", "training.demo_steps=1", "training.value_steps=1",
          ] + more)
      ).messages.first { $0.hasPrefix("action hardly varies") }
    }
    let head = "action hardly varies in 1 of 2 dimensions: 'across' "
    #expect(
      try said(0, "min_max")
        == head + "is 0.3 throughout: scaled by 2, not 0 (dataset.scale_floor)")
    #expect(
      try said(2, "quantile10")
        == head + "is 0 to 1, for the most part 0 to 0: scaled by 0.1, not 0 (dataset.scale_floor)")
    #expect(try said(0, "min_max", "dataset.scale_floor=false") == nil)
  }

  /// What was constant in demonstrations moves in a later round: ordinary losses, and a remark.
  @Test(arguments: modes) func aLaterRoundLeavesTheFirstsRange(mode: String) throws {
    let data = try StateDataset()
    let still: @Sendable (Int) -> Float = { _ in 0.3 }
    let moving: @Sendable (Int) -> Float = { $0 % 2 == 0 ? 0.3 : 3.3 }
    func episodes(_ value: @escaping @Sendable (Int) -> Float, _ type: EpisodeType, _ first: Int)
      -> [StateDataset.Episode]
    {
      (first..<first + 6).map {
        .init(type: type, success: true, seed: $0, actions: actions(value, seed: $0))
      }
    }
    let demos = episodes(still, .demo, 0)
    try data.record("demos", demos)
    try data.record("all", demos + episodes(moving, .autonomous, 6))
    let options = ["dataset.normalize_actions=\(mode)", "training.train_corrections=false"]
    _ = try train(
      data.configuration("demos", options + ["training.train_autonomous=false"], run: "pre"))
    let told = try train(
      data.configuration("all", options + ["training.train_demonstrations=false"], run: "round"),
      checkpoint: data.path + "/pre/checkpoint_demo.pt")
    #expect(told.values("train/flow_loss").allSatisfy { $0 < 100 })
    #expect(
      told.messages.contains {
        $0.hasPrefix(
          "action leaves the range of the data whose statistics the checkpoint normalises by: 'across' 0.3 to 3.3"
        )
      }, "\(told.messages)")
    // The same data again leave nothing.
    let same = try train(
      data.configuration("demos", options + ["training.train_demonstrations=false"], run: "same"),
      checkpoint: data.path + "/pre/checkpoint_demo.pt")
    #expect(!same.messages.contains { $0.contains("leaves the range") })
  }
}
