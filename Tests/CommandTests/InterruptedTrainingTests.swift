import Foundation
import Testing

/// Training that a signal ends finishes its step, saves, says how to go on, and comes to the same end as if
/// it had never been interrupted.
@Suite struct InterruptedTrainingTests {
  private static let classic = [
    "train", "--config", "recap.yaml", "--device", "cpu",
    "--set", "training.demo_epochs=400", "--set", "training.correction_epochs=400",
    "--set", "training.autonomous_epochs=200", "--set", "training.log_every=7",
  ]

  static let flow = [
    "--device", "cpu", "--set", "policy.type=flow", "--set", "policy.width=16",
    "--set", "policy.expert_width=16", "--set", "policy.layers=2", "--set", "policy.heads=2",
    "--set", "policy.head_width=8", "--set", "policy.chunk_length=8",
    "--set", "value_function.width=16", "--set", "value_function.layers=1",
    "--set", "value_function.heads=2", "--set", "recap.advantage_steps=10",
    "--set", "training.batch_frames=8", "--set", "training.demo_steps=40",
    "--set", "training.correction_steps=20", "--set", "training.autonomous_steps=40",
    "--set", "training.value_steps=40", "--set", "training.log_every=2",
  ]

  private static let checkpoints = [
    "checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt",
  ]

  /// Each signal once, as soon as a stage has begun to log.
  @Test(arguments: [classic, ["train", "--config", "recap.yaml"] + flow])
  func trainedToTheSameEnd(_ train: [String]) throws {
    let whole = try Workplace()
    var place = try Workplace()
    #expect(try Command.run(train, in: whole).status == 0)
    var line: [String] = train
    for (number, (signal, status)) in interruptions.enumerated() {
      let stage = ["\"demonstrations\"", "\"corrections\"", "\"autonomous\""][number]
      let ended: Result
      (ended, place) = try Command.interruptInTime(line, in: place, with: signal) { place in
        try place.isThere("run/metrics.jsonl")
          && place.read("run/metrics.jsonl").contains("\"stage\":" + stage)
      } unless: {
        $0.isThere("run/" + Self.checkpoints[number])
      }
      #expect(ended.status == status, "\(ended.errors)")
      let saved = try #require(
        ended.errors.firstMatch(of: /recap: interrupted: (run\/\S+\.pt) is saved; this goes on:/))
      #expect(place.isThere(String(saved.1)))
      let resumption = try #require(ended.resumption)
      #expect(
        resumption
          == ([Command.executable] + train).joined(separator: " ") + " --resume")
      line = train + ["--resume"]
    }
    let end = try Command.run(line, in: place)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try place.metrics("run") == whole.metrics("run"))
    for name in Self.checkpoints {
      #expect(try place.data("run/" + name) == whole.data("run/" + name), "\(name)")
    }
  }

  /// While V's values are computed between two fits there is no step to finish: V is saved as it is fitted.
  @Test func betweenTwoFits() throws {
    let whole = try Workplace()
    var place = try Workplace()
    let merge = ["dataset", "merge"] + Array(repeating: "data", count: 60) + ["--output", "many"]
    let train =
      ["train", "--config", "recap.yaml"] + Self.flow
      + [
        "dataset.path=many", "training.train_corrections=false", "training.train_autonomous=false",
      ]
      .flatMap { ["--set", $0] }
    for place in [whole, place] { #expect(try Command.run(merge, in: place).status == 0) }
    #expect(try Command.run(train, in: whole).status == 0)
    // Twice: the second time the values are computed by the V that was saved.
    for line in [train, train + ["--resume"]] {
      let ended: Result
      (ended, place) = try Command.interruptInTime(line, in: place, with: SIGTERM) { place in
        try line == train
          ? place.isThere("run/metrics.jsonl")
            && place.read("run/metrics.jsonl").contains("\"global_step\":40")
          : place.read(".errors").contains("going on from")
      } unless: {
        try $0.read("run/metrics.jsonl").contains("recap/value_error")
      }
      #expect(ended.status == 143)
      #expect(
        ended.errors.contains("interrupted: run/checkpoint_step_00000040.pt is saved"),
        "\(ended.errors)")
    }
    #expect(try Command.run(train + ["--resume"], in: place).status == 0)
    #expect(try place.metrics("run") == whole.metrics("run"))
    #expect(try place.data("run/checkpoint_demo.pt") == whole.data("run/checkpoint_demo.pt"))
  }

  @Test func roundsGoOnWithTheSameCommand() throws {
    let iterate =
      ["iterate", "--config", "recap.yaml", "--set", "training.checkpoint_dir=a b/it's"]
      + Self.flow + ["--set", "recap.rounds=1", "--set", "simulation.task=carry"]
      + [
        "dataset.path=null", "model.text_model_name=text", "simulation.demonstrations=12",
        "simulation.autonomous_episodes=4", "simulation.correction_episodes=3",
      ].flatMap { ["--set", $0] }
    let whole = try Workplace()
    var place = try Workplace()
    let undisturbed = try Command.run(iterate, in: whole)
    try #require(undisturbed.status == 0, "\(undisturbed.errors)")
    let run = "a b/it's"
    let steps = [
      ("pretrain", "checkpoint_demo.pt"), ("sft", "checkpoint_correction.pt"),
      ("round-1", "checkpoint_final.pt"),
    ]
    var resumption: String?
    for ((step, last), (signal, status)) in zip(steps, interruptions) {
      let ended: Result
      (ended, place) = try Command.interruptInTime(iterate, in: place, with: signal) {
        $0.isThere("\(run)/\(step)/metrics.jsonl")
      } unless: {
        $0.isThere("\(run)/\(step)/\(last)")
      }
      #expect(ended.status == status, "\(ended.errors)")
      resumption = ended.resumption
    }
    // Quoted so that a shell reads it back.
    let end = try place.shell(#require(resumption))
    #expect(end.status == 0, "\(end.errors)")
    for step in [
      "pretrain/checkpoint_demo.pt", "sft/checkpoint_correction.pt",
      "round-1/checkpoint_final.pt", "plan.json",
    ] {
      #expect(try place.data("\(run)/\(step)") == whole.data("\(run)/\(step)"), "\(step)")
    }
    for step in ["pretrain", "sft", "round-1"] {
      #expect(try place.metrics("\(run)/\(step)") == whole.metrics("\(run)/\(step)"), "\(step)")
    }
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    let place = try Workplace()
    let ended = try Command.interrupt(
      Self.classic + ["--set", "training.demo_epochs=100000"], in: place, with: SIGINT, SIGTERM
    ) { place.isThere("run/metrics.jsonl") }
    // Whichever of the two was second.
    #expect(ended.status == 143 || ended.status == 130)
    #expect(ended.resumption == nil && !ended.errors.contains("interrupted"), "\(ended.errors)")
  }

  @Test func aSignalThatIsIgnoredStaysSo() throws {
    let place = try Workplace()
    let ended = try Command.interrupt(
      Self.classic, in: place, with: SIGHUP, shell: "trap '' HUP"
    ) { place.isThere("run/metrics.jsonl") }
    #expect(ended.status == 0 && place.isThere("run/checkpoint_final.pt"), "\(ended.errors)")
  }

  @Test func beforeTheFirstStepNothingIsSaved() throws {
    let place = try Workplace()
    // The checkpoint to begin with is given again, as nothing of it is in the folder yet.
    #expect(try Command.run(Self.classic, in: place).status == 0)
    let train = [
      "train", "--config", "recap.yaml", "--checkpoint", "run/checkpoint_demo.pt",
      "--set", "training.checkpoint_dir=other", "--set", "dataset.path=many",
    ]
    let merge = ["dataset", "merge"] + Array(repeating: "data", count: 60) + ["--output", "many"]
    #expect(try Command.run(merge, in: place).status == 0)
    let (ended, _) = try Command.interruptInTime(train, in: place, with: SIGINT) {
      $0.isThere("many/.recap")  // frames are being encoded
    } unless: {
      $0.isThere("other/metrics.jsonl")
    }
    #expect(ended.status == 130, "\(ended.errors)")
    #expect(ended.errors.contains("recap: interrupted: nothing is kept; this begins anew:\n"))
    #expect(
      ended.resumption == ([Command.executable] + train + ["--resume"]).joined(separator: " "))
  }
}
