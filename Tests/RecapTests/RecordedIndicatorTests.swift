import Foundation
import LeRobot
import Recap
import Testing

/// Indicators that a dataset itself gives, LeRobot's messages of style "advantage", in the place of A > ε.
@Suite struct RecordedIndicatorTests {
  private let recorded: [Experience.Episode] = {
    var episodes = [
      episode(4, success: true, interventions: [false, true, true, false]),
      episode(3, success: nil, type: .autonomous), episode(2, success: true),
    ]
    episodes[0].recordedIndicators = [nil, nil, false, true]
    episodes[1].recordedIndicators = [nil, true, false]
    return episodes
  }()

  private func labels(_ options: LabelOptions) -> ImprovementLabels {
    ImprovementLabels(
      experience(recorded), advantages: [[9, 0, 9, 0], [], [0, 1]], options: options)
  }

  /// They are taken as they are, a person's frames included; frames without one are labelled by A > ε, and where
  /// there is none either they have no label.
  @Test func recordedIndicatorsComeFirst() {
    var options = LabelOptions()
    options.thresholds = ["a": 0.5]
    let taken = labels(options)
    #expect(taken.indicators == [[true, true, false, true], [nil, true, false], [false, true]])
    #expect(taken.forced == [[false, true, false, false], [], [false, false]])
    #expect(
      taken.remarks.first
        == "4 of 9 frames have their indicator from messages of style 'advantage' in language_persistent, 2 of them positive; "
        + "recap.recorded_indicators=false labels them by values")
    options.takesRecorded = false
    let computed = labels(options)
    #expect(computed.indicators == [[true, true, true, false], [], [false, true]])
    #expect(!computed.remarks.contains { $0.contains("messages") })
  }

  /// A rival's rule is its own.
  @Test func anotherRuleTakesNone() {
    var options = LabelOptions()
    options.indicator = .success
    let data = experience(recorded)
    let labels = ImprovementLabels(data, EpisodeReturns(data), values: nil, options: options)
    #expect(labels.indicators == [[true, true, true, true], [], [true, true]])
  }

  /// A policy that conditions on the indicator is told those of the dataset, and the run says so; an episode
  /// without an outcome has them all the same.
  @Test func aRunSaysWhatItTakes() throws {
    let data = try StateDataset()
    let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "LeRobotTests/Fixtures/language/advantage")
    let source = try Dataset(folder: fixture.path)
    try DatasetCopy(source.copies).write(to: data.path + "/data", version: .v30)
    func run(_ more: String...) throws -> (messages: [String], frames: [String: Int]) {
      let told = try train(
        data.configuration(
          "data",
          ["training.train_demonstrations=false", "training.train_corrections=false"] + more
        ))
      let values = try CheckpointContents(data.path + "/run/checkpoint_final.pt").values
      let frames = ["positive", "negative", "unconditional"].map { label in
        (label, Int(values["recap/trained_indicators/frames/\(label)"]!.filter(\.isNumber))!)
      }
      return (told.messages, Dictionary(uniqueKeysWithValues: frames))
    }
    let taken = try run("recap.indicator_dropout=0")
    #expect(
      taken.messages.contains {
        $0.hasPrefix(
          "14 of 19 frames have their indicator from messages of style 'advantage' in language_persistent, 4 of them positive"
        )
      }, "\(taken.messages)")
    let computed = try run("recap.indicator_dropout=0", "recap.recorded_indicators=false")
    #expect(!computed.messages.contains { $0.contains("have their indicator from messages") })
    #expect(taken.frames.values.reduce(0, +) == 19)
    #expect(taken.frames["negative"]! >= 10 && taken.frames["positive"]! >= 4)
    #expect(taken.frames != computed.frames)
  }

  /// Where every frame has one, no value function is needed.
  @Test func noValuesAreNeededWhereAllAreRecorded() throws {
    let data = try StateDataset()
    let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "LeRobotTests/Fixtures/language/advantage")
    let source = try Dataset(folder: fixture.path)
    try DatasetCopy(Array(source.copies.prefix(2))).write(to: data.path + "/data", version: .v30)
    let arguments = [
      "training.train_demonstrations=false", "training.train_corrections=false",
      "dataset.held_out_fraction=0",
    ]
    let told = try train(data.configuration("data", arguments))
    #expect(told.values("train/value_cross_entropy").isEmpty)
    #expect(told.values("recap/positive_fraction") == [Double(4) / 14])
    let computed = try train(
      data.configuration("data", arguments + ["recap.recorded_indicators=false"], run: "computed"))
    #expect(!computed.values("train/value_cross_entropy").isEmpty)
  }
}
