import Foundation
import Testing
import Torch

/// What a folder that holds a run means to the next command.
@Suite struct RunFolderTests {
  @Test func aSecondRunIsRefusedUnlessItIsTold() throws {
    let place = try Workplace()
    #expect(try place.train().status == 0)
    let (files, metrics) = (try place.runFiles(), try place.read("run/metrics.jsonl"))
    let refused = try place.train()
    #expect(refused.status == 1)
    #expect(
      refused.errorLines == [
        "recap: error: run: holds a run (checkpoint_correction.pt, checkpoint_demo.pt, "
          + "checkpoint_final.pt); add --resume to go on where it stopped, or --overwrite to remove it "
          + "and begin anew, or set training.checkpoint_dir to another folder"
      ])
    #expect(try place.runFiles() == files && place.read("run/metrics.jsonl") == metrics)

    let resumed = try place.train("--resume")
    #expect(resumed.status == 0 && resumed.errors.contains("every stage is done"))
    #expect(try place.read("run/metrics.jsonl") == metrics)

    let anew = try place.train("--overwrite", "--set", "training.train_autonomous=false")
    #expect(anew.status == 0)
    #expect(try !place.runFiles().contains("checkpoint_final.pt"))
    #expect(try place.train("--resume", "--overwrite").status == 64)
    #expect(try place.train("--checkpoint", "run", "--overwrite").status == 1)

    // A run of rounds is not one of `recap train`.
    let rounds = try Command.run(["iterate"] + Workplace.flow, in: place)
    #expect(rounds.status == 1 && rounds.errors.contains("holds a run of `recap train`"))
  }

  @Test func resumeBegins() throws {
    let place = try Workplace()
    #expect(try place.train("--resume").status == 0)
    #expect(try place.runFiles().contains("checkpoint_final.pt"))
  }

  @Test func aCopyIsTheRun() throws {
    let place = try Workplace()
    #expect(try place.train().status == 0)
    let names = try place.runFiles().filter { $0.hasSuffix(".pt") }
    for number in 0..<8 {
      let copy = place.path + "/copy-\(number)"
      try FileManager.default.copyItem(atPath: place.path + "/run", toPath: copy)
      // In whatever order the files came.
      for (place, name) in names.shuffled().enumerated() {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1e9 + Double(place))],
          ofItemAtPath: "\(copy)/\(name)")
      }
      let resumed = try place.train("--resume", "--set", "training.checkpoint_dir=copy-\(number)")
      #expect(
        resumed.errors.contains("copy-\(number)/checkpoint_final.pt: every stage is done"),
        "\(resumed.errors)")
    }
  }

  @Test func twoRunsInOneFolderAreTold() throws {
    let place = try Workplace()
    #expect(try place.train().status == 0)
    #expect(
      try place.train("--set", "training.seed=9", "--set", "training.checkpoint_dir=other").status
        == 0)
    try place.remove("run/checkpoint_correction.pt")
    try FileManager.default.copyItem(
      atPath: place.path + "/other/checkpoint_correction.pt",
      toPath: place.path + "/run/checkpoint_correction.pt")
    for arguments in [["act"], ["export", "--output", "x.safetensors"]] {
      let result = try Command.run(arguments + ["--checkpoint", "run"], in: place)
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          /run: holds checkpoints of two runs, checkpoint_demo.pt of [0-9a-f]{16} and checkpoint_correction.pt of [0-9a-f]{16};/
        ), "\(result.errors)")
    }
  }

  @Test func fromAnEarlierCheckpointWhatIsWrittenIsLater() throws {
    let place = try Workplace()
    #expect(try place.train().status == 0)
    let again = try place.train(
      "--checkpoint", "run/checkpoint_demo.pt", "--set", "training.train_autonomous=false")
    #expect(again.status == 0, "\(again.errors)")
    let resumed = try place.train("--resume", "--set", "training.train_autonomous=false")
    #expect(resumed.errors.contains("run/checkpoint_correction.pt: "), "\(resumed.errors)")
  }

  /// Written before checkpoints said which run they are of (Fixtures/shrink_checkpoint.py).
  @Test(arguments: ["classic", "flow"]) func earlierCheckpointsLoad(_ recipe: String) throws {
    let place = try Workplace()
    let fixture = Command.repository + "/Tests/CommandTests/Fixtures/earlier_\(recipe).pt"
    try FileManager.default.createDirectory(
      atPath: place.path + "/run", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: fixture, toPath: place.path + "/run/checkpoint_final.pt")
    try FileManager.default.copyItem(
      atPath: Command.repository + "/Examples/frame.png", toPath: place.path + "/frame.png")
    let line = #"{"image": "frame.png", "state": [222, 97], "instruction": "Push the T block."}"#
    let acted = try Command.run(
      ["act", "--checkpoint", "run", "--device", "cpu"], in: place, input: line + "\n")
    #expect(acted.status == 0 && acted.output.hasPrefix(#"{"actions":[["#), "\(acted.errors)")
    let exported = try Command.run(
      ["export", "--checkpoint", "run", "--output", "x.safetensors"], in: place)
    #expect(exported.status == 0, "\(exported.errors)")
  }
}
