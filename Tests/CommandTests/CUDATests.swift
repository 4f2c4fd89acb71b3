import Foundation
import Testing
import Torch

/// On a CUDA device every command writes what it writes on the CPU, in float32 to the bit.
@Suite struct CUDATests {
  private static let flow = [
    "policy.type=flow", "policy.width=16", "policy.expert_width=16", "policy.layers=2",
    "policy.heads=2", "policy.head_width=8", "policy.chunk_length=4",
    "policy.execution_horizon=2", "policy.denoising_steps=3", "value_function.width=16",
    "value_function.layers=1", "value_function.heads=2", "training.demo_steps=4",
    "training.correction_steps=2", "training.autonomous_steps=4", "training.value_steps=4",
    "training.warmup_steps=2", "training.batch_frames=8",
  ]

  private static func train(_ kind: Kind) -> [String] {
    let settings =
      (kind.isFlow ? flow : []) + [
        "model.freeze_vision=\(kind.isFrozen)", "model.freeze_text=\(kind.isFrozen)",
        "training.save_every_steps=3", "training.max_grad_norm=1",
      ]
    return ["train", "--config", "recap.yaml"] + settings.flatMap { ["--set", $0] }
  }

  struct Kind: CustomTestStringConvertible {
    let isFlow: Bool
    let isFrozen: Bool
    var testDescription: String {
      "\(isFlow ? "flow" : "classic"), encoders \(isFrozen ? "frozen" : "trained")"
    }
  }

  private static let stages = [
    "checkpoint_demo.pt", "checkpoint_correction.pt", "checkpoint_final.pt",
  ]

  @Test(arguments: [
    Kind(isFlow: false, isFrozen: true), Kind(isFlow: false, isFrozen: false),
    Kind(isFlow: true, isFrozen: true), Kind(isFlow: true, isFrozen: false),
  ])
  func aRunIsTheSame(_ kind: Kind) throws {
    let (cpu, cuda) = (try Workplace(), try Workplace())
    let train = Self.train(kind)
    try succeed(Command.run(train + ["--device", "cpu"], in: cpu))
    let trained = try StandInCUDA.run(train, in: cuda)
    try succeed(trained)
    #expect(trained.errors.contains(/device +cuda:0/))
    let counts = try StandInCUDA.counts(of: cuda)
    #expect(counts.operations > 1000 && counts.waits > 10, "\(counts)")
    #expect(counts.copiesToDevice > 10 && counts.copiesToHost > 10, "\(counts)")
    #expect(try metrics(cuda) == metrics(cpu))
    for name in Self.stages { try expectSame("run/\(name)", cuda, cpu) }

    let observation = """
      {"image": "\(Command.repository)/Examples/frame.png", "instruction": "Push the T block.", \
      "state": [200, 300]}
      """
    let act = ["act", "--checkpoint", "run"]
    let acted = try Command.run(act + ["--device", "cpu"], in: cpu, input: observation + "\n")
    try succeed(acted)
    let onDevice = try StandInCUDA.run(act, in: cuda, input: observation + "\n")
    try succeed(onDevice)
    #expect(acted.output.contains("actions") && onDevice.output == acted.output)

    for place in [cpu, cuda] {
      try succeed(
        Command.run(
          ["export", "--checkpoint", "run", "--output", "weights.safetensors"], in: place)
      )
    }
    #expect(try read("weights.safetensors", cuda) == read("weights.safetensors", cpu))

    if kind.isFlow {
      let label = ["label", "--checkpoint", "run"]
      try succeed(Command.run(label + ["--device", "cpu"], in: cpu))
      try succeed(StandInCUDA.run(label, in: cuda))
      let labels = "data/meta/recap_labels.parquet"
      #expect(try read(labels, cuda) == read(labels, cpu))
    }

    // Each goes on where the other was, from a checkpoint in the middle of a fit.
    try succeed(resume(cpu, train) { try StandInCUDA.run($0, in: cpu) })
    try succeed(resume(cuda, train) { try Command.run($0 + ["--device", "cpu"], in: cuda) })
    let whole = try Workplace()
    try succeed(Command.run(train + ["--device", "cpu"], in: whole))
    for place in [cpu, cuda] { try expectSame("run/checkpoint_final.pt", place, whole) }
  }

  /// Rounds in a simulated task, and what comes of them.
  @Test func roundsAreTheSame() throws {
    let (cpu, cuda) = (try Workplace(), try Workplace())
    let settings = [
      "simulation.demonstrations=4", "simulation.autonomous_episodes=3",
      "simulation.correction_episodes=2", "recap.rounds=1", "training.demo_steps=4",
      "training.correction_steps=2", "training.autonomous_steps=4", "training.value_steps=4",
      "training.checkpoint_dir=run", "training.batch_frames=8", "model.text_model_name=text",
    ]
    let iterate =
      ["iterate", "--config", "\(Command.repository)/configs/carry.yaml"]
      + settings.flatMap { ["--set", $0] }
    try succeed(Command.run(iterate + ["--device", "cpu"], in: cpu))
    try succeed(StandInCUDA.run(iterate, in: cuda))
    let checkpoints = cpu.files().filter { $0.hasPrefix("run/") && $0.hasSuffix(".pt") }.sorted()
    #expect(checkpoints.count >= 3)
    for name in checkpoints { try expectSame(name, cuda, cpu) }
    let evaluate = [
      "evaluate", "--task", "carry", "--checkpoint", "run", "--episodes", "3", "--json",
      "figures.json",
    ]
    try succeed(Command.run(evaluate + ["--device", "cpu"], in: cpu))
    try succeed(StandInCUDA.run(evaluate, in: cuda))
    #expect(try read("figures.json", cuda) == read("figures.json", cpu))
  }

  @Test func tensors() throws {
    let result = try StandInCUDA.runTests("TorchTests.DeviceTests", in: Workplace())
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect((result.output + result.errors).contains(/with [5-9] tests in 1 suite passed/))
  }

  // MARK: Comparing

  /// Runs again from the first checkpoint between two stages' ends, as after a kill there.
  private func resume(
    _ place: Workplace, _ train: [String], _ run: ([String]) throws -> Result
  ) throws -> Result {
    let between = try place.runFiles().filter { $0.hasPrefix("checkpoint_step_") }
    let first = try #require(between.first)
    for name in between.dropFirst() + ["checkpoint_final.pt"] { try place.remove("run/\(name)") }
    return try run(train + ["--checkpoint", "run/\(first)"])
  }

  private func succeed(
    _ result: Result, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try #require(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
  }

  private func read(_ file: String, _ place: Workplace) throws -> Data {
    try Data(contentsOf: place.url(file))
  }

  private func metrics(_ place: Workplace) throws -> [String] {
    try place.read("run/metrics.jsonl").split(separator: "\n")
      .map { String($0).replacing(/"_timestamp":[0-9.]+,/, with: "") }
  }

  private func expectSame(
    _ file: String, _ a: Workplace, _ b: Workplace,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (a, b) = (try checkpointTensors(a.url(file)), try checkpointTensors(b.url(file)))
    #expect(!a.isEmpty && a.keys.sorted() == b.keys.sorted(), sourceLocation: sourceLocation)
    for (name, tensor) in a {
      #expect(
        b[name].map(tensor.equal) == true, "\(file): \(name)", sourceLocation: sourceLocation)
    }
  }
}
