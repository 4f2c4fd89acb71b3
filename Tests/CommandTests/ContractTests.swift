import Foundation
import Testing
import Torch

/// What a run leaves behind, by the names that other programs know.
@Suite struct ContractTests {
  private let train = ["train", "--config", "recap.yaml", "--device", "cpu"]
  private func metrics(_ place: Workplace) throws -> [[String: Any]] {
    try place.read("run/metrics.jsonl").split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as! [String: Any]
    }
  }

  @Test func filesAndMetricsOfARun() throws {
    let place = try Workplace()
    let run = try Command.run(
      train + ["--set", "training.use_wandb=true", "--set", "dataset.held_out_fraction=0.3"],
      in: place)
    #expect(run.status == 0)
    for name in ["checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt"] {
      let checkpoint = try CheckpointFile.load(place.path + "/run/" + name)
      for key in [
        "model_state_dict", "value_function_state_dict", "optimizer_state_dict",
        "value_optimizer_state_dict",
      ] {
        #expect(checkpoint[key]?.dictionaryValue != nil, "\(name): \(key)")
      }
    }
    let records = try metrics(place)
    func names(_ stage: String) -> Set<String> {
      Set(records.filter { $0["stage"] as? String == stage }.flatMap(\.keys))
    }
    let common: Set = ["train/step", "train/epoch", "global_step", "stage", "_timestamp"]
    #expect(
      names("corrections").subtracting(["eval/demo_loss"])
        == common.union(["train/demo_loss", "train/demo_epoch_loss"]))
    let terms = ["policy_loss", "value_loss", "entropy", "advantage_mean", "advantage_std"]
    #expect(
      names("autonomous").subtracting(["eval/demo_loss"])
        == common.union(terms.map { "train/\($0)" }).union(terms.map { "train/epoch_\($0)" }))
    // Steps restart with each stage; the global step does not.
    let steps = records.compactMap { $0["global_step"] as? Int }
    #expect(steps == steps.sorted())
    let first = records.first { $0["stage"] as? String == "autonomous" }
    #expect(first?["train/step"] as? Int == 1 && first?["global_step"] as? Int ?? 0 > 3)

    let runs = try FileManager.default.contentsOfDirectory(atPath: place.path + "/run/wandb")
    let offline = try #require(runs.first { $0.hasPrefix("offline-run-") })
    let id = offline.split(separator: "-").last!
    let log = try Data(
      contentsOf: place.url("run/wandb/\(offline)/run-\(id).wandb"))
    #expect(log.prefix(7) == Data([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]))
    for name in ["train/demo_loss", "train/policy_loss", "train/entropy"] {
      #expect(log.firstRange(of: Data(name.utf8)) != nil, "\(name) in the W&B log")
    }
  }

  @Test func meansOverTheLastSteps() throws {
    let place = try Workplace()
    // Two autonomous episodes an epoch: with log_every 2 each record is the mean of both.
    let every = try Command.run(train, in: place)
    #expect(every.status == 0)
    let one = try metrics(place).filter { $0["stage"] as? String == "autonomous" }
      .compactMap { $0["train/value_loss"] as? Double }
    let pair = try Workplace()
    #expect(try Command.run(train + ["--set", "training.log_every=2"], in: pair).status == 0)
    let two = try metrics(pair).filter { $0["stage"] as? String == "autonomous" }
      .compactMap { $0["train/value_loss"] as? Double }
    #expect(one.count == 4 && two.count == 2)
    for (index, mean) in two.enumerated() {
      #expect(abs(mean - (one[2 * index] + one[2 * index + 1]) / 2) < 1e-9)
    }
  }

  @Test func doctorNamesWhatItFound() throws {
    let doctor = try Command.run(["doctor"], in: Workplace())
    #expect(doctor.status == 0)
    for name in [
      "libtorch   2.11", "FFmpeg", "av1", "h264", "Arrow", "cuda", "MuJoCo", "cameras",
    ] {
      #expect(doctor.output.contains(name), "\(name)")
    }
  }

  @Test func theListOfKeysIsAConfiguration() throws {
    let place = try Workplace()
    let keys = try Command.run(["keys"], in: place)
    try keys.output.write(toFile: place.path + "/keys.yaml", atomically: true, encoding: .utf8)
    let errors = try Command.run(["train", "--config", "keys.yaml"], in: place).errorLines
    // Only the two keys that have no default are wrong with it.
    #expect(
      errors.count == 2
        && errors.allSatisfy { $0.contains("dataset.path") || $0.contains("action_dim") })
  }
}
