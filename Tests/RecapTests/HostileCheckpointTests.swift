import Foundation
import Mutations
import Recap
import Testing
import Torch

/// What a checkpoint says of itself decides sizes and where training goes on: it is as it was written, or
/// refused.
@Suite struct HostileCheckpointTests {
  /// One stage of a tiny policy, and its file.
  private func trained(_ scratch: TrainingScratch, _ more: String...) throws -> String {
    var configuration = try scratch.configuration(
      "training.demo_epochs=1", "training.correction_epochs=0", "training.autonomous_epochs=0")
    if more.contains("flow") {
      configuration.policy.type = .flow
      (configuration.policy.width, configuration.policy.expertWidth) = (8, 8)
      (configuration.policy.layers, configuration.policy.heads) = (1, 2)
      configuration.policy.headWidth = 4
      (configuration.valueFunction.width, configuration.valueFunction.heads) = (8, 2)
      (configuration.training.demoSteps, configuration.training.valueSteps) = (2, 2)
      configuration.training.trainCorrections = false
      configuration.training.trainAutonomous = false
    }
    _ = try train(configuration)
    return scratch.path + "/run/checkpoint_demo.pt"
  }

  /// The root with the value at a path of keys changed.
  private func changed(_ value: PickleValue, _ path: ArraySlice<String>, to new: PickleValue)
    -> PickleValue
  {
    guard let key = path.first, let pairs = value.dictionaryValue else { return new }
    let rest = path.dropFirst()
    return .dictionary(
      pairs.map { $0.key.string == key ? ($0.key, changed($0.value, rest, to: new)) : $0 })
  }

  @Test(arguments: ["classic", "flow"])
  func whatItHoldsOfItsOwn(type: String) throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let file = try trained(scratch, type)
    let root = try CheckpointFile.load(file)
    let progress = type == "flow" ? "flow_progress" : "progress"
    let step = type == "flow" ? "step" : "epoch_step"
    for (path, value) in [
      ("\(progress)/\(step)", PickleValue.int(-1)), ("\(progress)/global_step", .int(.max)),
      ("\(progress)/stage", "later"), (progress, .list([])), ("\(progress)/window", .int(3)),
      ("data/cameras", .int(3)), ("data/cameras", .list([.int(3)])), ("data/state_dim", .int(-5)),
      ("data/state_dim", .int(1 << 40)), ("action_statistics/mean", .list([.double(1)])),
      ("action_statistics/std", .list([])), ("action_statistics", .string("x")),
      ("configuration", .int(3)),
    ] {
      let path = ["recap"] + path.split(separator: "/").map(String.init)
      let forged = scratch.path + "/forged.pt"
      try CheckpointFile.save(changed(root, path[...], to: value), to: forged)
      let text = message { _ = try ClassicCheckpoint(path: forged) }
      #expect(
        text
          == "\(forged): what it holds under recap.\(path[1]) is not what `recap train` writes; wanted a "
          + "checkpoint as it was written", "\(path)")
    }
    // Of the right kind, and of another width.
    let two = PickleValue.list([.double(0), .double(1), .double(2)])
    var other = root
    for name in ["mean", "std", "min", "max"] + ["q01", "q10", "q50", "q90", "q99"] {
      other = changed(other, ["recap", "action_statistics", name], to: two)
    }
    let forged = scratch.path + "/forged.pt"
    try CheckpointFile.save(other, to: forged)
    #expect(
      message { _ = try loadPolicy(checkpoint: forged, device: .cpu) }
        == "\(forged): its action_statistics are of 3 numbers; wanted 2")
  }

  @Test func aConfigurationThatIsNone() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let file = try trained(scratch)
    let root = try CheckpointFile.load(file)
    let forged = scratch.path + "/forged.pt"
    let yaml = root["recap"]!["configuration"]!.string!
    for (text, wanted) in [
      ("model: [", "not YAML"),
      (
        "x",
        "is a single text; wanted sections model, dataset, training, … with keys below them"
      ),
      (yaml.replacing("hidden_dim: 12", with: "hidden_dim: 1000000000"), "at most 65536"),
      (yaml.replacing("action_dim: 2", with: "action_dim: null"), "model.action_dim is missing"),
      (
        yaml.replacing("hidden_dim: 12", with: "hidden_dim: 13"),
        "the checkpoint does not fit the model"
      ),
    ] {
      try CheckpointFile.save(
        changed(root, ["recap", "configuration"], to: .string(text)), to: forged)
      let found = message { _ = try loadPolicy(checkpoint: forged, device: .cpu) }
      #expect(found.contains(wanted) && !found.contains("\n"), "\(found)")
    }
  }

  @Test func theBestWeightsOfAValueFunction() throws {
    let scratch = try TrainingScratch(episodes: [0, 2])
    let file = try trained(scratch, "flow")
    let root = try CheckpointFile.load(file)
    let forged = scratch.path + "/forged.pt"
    var entries = root.dictionaryValue!
    entries.append(("best_value_state_dict", .stateDictionary([("readout", .zeros([3]))])))
    try CheckpointFile.save(.dictionary(entries), to: forged)
    var configuration = try Configuration(
      yaml: root["recap"]!["configuration"]!.string!, file: "a")
    configuration.training.trainCorrections = true
    let text = message { _ = try train(configuration, checkpoint: forged) }
    #expect(
      text.hasPrefix(
        "\(forged): its best_value_state_dict is not of the value function's "), "\(text)")
  }

  /// `RECAP_MUTANTS` says how many there are.
  @Test func mutants() throws {
    for type in ["classic", "flow"] {
      let scratch = try TrainingScratch(episodes: [0, 2])
      let file = URL(fileURLWithPath: try trained(scratch, type))
      let bytes = [UInt8](try Data(contentsOf: file))
      let root = try CheckpointFile.load(file.path)
      var mutation = Mutation(seed: mutationSeed)
      let count = mutantCount(200) / 2
      var mutants = (0..<count / 2).map { _ in mutation.mutant(of: bytes) }
      // Whole files whose own part is changed.
      let values: [PickleValue] = [
        .none, .int(-1), .int(0), .int(.max), .double(.nan), .double(1e308), "x", .list([]),
        .dictionary([]), .bool(true), .tensor(.zeros([0])),
      ]
      let places = Self.places(in: root["recap"]!)
      let forged = scratch.path + "/forged.pt"
      let total = places.count * values.count
      for choice in stride(from: 0, to: total, by: max(1, total / (count / 2))) {
        let path = ["recap"] + places[choice / values.count]
        try CheckpointFile.save(
          changed(root, path[...], to: values[choice % values.count]), to: forged)
        mutants.append([UInt8](try Data(contentsOf: URL(fileURLWithPath: forged))))
      }
      let refused = try refusals(of: mutants, at: file) {
        let policy = try loadPolicy(checkpoint: file.path, device: .cpu)
        _ = policy.cameras
        let yaml = try ClassicCheckpoint(path: file.path).configurationYAML
        let configuration = try Configuration(yaml: yaml ?? "", file: "checkpoint")
        guard configuration.dataset.path == scratch.dataset else { return }
        _ = try TrainingRun(configuration: configuration, device: .cpu, checkpoint: file.path) {
          _ in
        }
      } complain: {
        Issue.record("\(type): \($0)")
      }
      print("\(type) checkpoints: \(mutants.count) mutants, \(refused) refused")
      #expect(refused > mutants.count / 4 && refused < mutants.count)
    }
  }

  /// Every place below a value.
  private static func places(in value: PickleValue) -> [[String]] {
    (value.dictionaryValue ?? []).flatMap { key, value in
      key.string.map { key in [[key]] + places(in: value).map { [key] + $0 } } ?? []
    }
  }
}
