import Foundation
import Testing
import Torch

/// Too little memory is an error that says what was asked for and what to try; what was saved stays.
@Suite struct OutOfMemoryTests {
  private let classic = ["train", "--config", "recap.yaml", "--set", "training.save_every_steps=1"]
  private let flow =
    ["train", "--config", "recap.yaml", "--set", "policy.type=flow"]
    + [
      "policy.width=16", "policy.expert_width=16", "policy.layers=1", "policy.heads=2",
      "policy.head_width=8", "policy.chunk_length=4", "policy.execution_horizon=2",
      "value_function.width=16", "value_function.layers=1", "value_function.heads=2",
      "training.demo_steps=3", "training.correction_steps=2", "training.autonomous_steps=3",
      "training.value_steps=3", "training.batch_frames=8", "training.save_every_steps=1",
    ].flatMap { ["--set", $0] }

  /// The one error of a run that must fail; exit status 1, no trap.
  private func error(
    _ result: Result, sourceLocation: SourceLocation = #_sourceLocation
  ) -> String {
    #expect(result.status == 1, "\(result.errors)", sourceLocation: sourceLocation)
    let errors = result.errorLines.filter { $0.hasPrefix("recap: error: ") }
    #expect(
      errors.count == 1 && errors == result.errorLines.suffix(1), "\(result.errors)",
      sourceLocation: sourceLocation)
    return String((errors.first ?? "").dropFirst("recap: error: ".count))
  }

  /// A device that lacks one byte of what a whole run takes at its most.
  @Test(arguments: [false, true])
  func inTheMiddleOfAStage(isFlow: Bool) throws {
    let (whole, place) = (try Workplace(), try Workplace())
    // With that many frames a step takes more than labels and what is measured do.
    let train = isFlow ? flow + ["--set", "training.batch_frames=300"] : classic
    try #require(try StandInCUDA.run(train, in: whole).status == 0)
    let needed = try StandInCUDA.counts(of: whole).mostBytesInUse
    let text = error(try StandInCUDA.run(train, in: place, bytes: needed - 1))
    let wanted =
      isFlow
      ? /stage [a-z]+, (policy|value function), step [0-9]+ on cuda:0: CUDA out of memory\. Tried to allocate [^;]+; training\.batch_frames is 300: try a smaller one, .*; the last good checkpoint is (run\/checkpoint_[a-z_0-9]+\.pt)/
      : /stage ([a-z]+), epoch [0-9]+, step [0-9]+ on cuda:0: CUDA out of memory\. Tried to allocate [^;]+; dataset\.batch_size is 1 episodes: try a smaller one, .*; the last good checkpoint is (run\/checkpoint_[a-z_0-9]+\.pt)/
    let match = try #require(text.wholeMatch(of: wanted), "\(text)")
    let kept = String(match.2)
    #expect(throws: Never.self) { try CheckpointFile.load(place.path + "/" + kept) }
    #expect(try place.runFiles().allSatisfy { !$0.contains("partial") })
    // From there a larger device goes on to the same end.
    let resumed = try StandInCUDA.run(train + ["--checkpoint", kept], in: place)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try place.runFiles() == whole.runFiles())
  }

  /// Labels are made of fewer frames at a time, and what is measured is left out, before a fit is lost.
  @Test func whatIsNoStepGoesOn() throws {
    let (whole, place) = (try Workplace(), try Workplace())
    try #require(try StandInCUDA.run(flow, in: whole).status == 0)
    let needed = try StandInCUDA.counts(of: whole).mostBytesInUse
    let run = try StandInCUDA.run(flow, in: place, bytes: needed / 2)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        /not measured: stage [a-z]+, conditioning gap on cuda:0: CUDA out of memory\. Tried/),
      "\(run.errors)")
    #expect(try StandInCUDA.counts(of: place).mostBytesInUse <= needed / 2)
    #expect(try place.runFiles() == whole.runFiles())
  }

  @Test func networksThatDoNotFitTheDevice() throws {
    let place = try Workplace()
    let text = error(try StandInCUDA.run(classic, in: place, bytes: 4000))
    #expect(
      text.hasPrefix(
        "networks of model.hidden_dim=12, value_function.hidden_dims=[10, 8] on cuda:0: "
          + "CUDA out of memory. Tried to allocate "), "\(text)")
    #expect(text.hasSuffix("; try smaller ones, smaller encoders or another --device"), "\(text)")
    #expect(try place.runFiles().isEmpty)
  }

  @Test func actingOnASmallDevice() throws {
    let place = try Workplace()
    try #require(try StandInCUDA.run(classic, in: place).status == 0)
    let act = ["act", "--checkpoint", "run"]
    let line =
      "{\"image\": \"\(Command.repository)/Examples/frame.png\", \"instruction\": \"Push.\"}\n"
    try #require(try StandInCUDA.run(act, in: place, input: line).status == 0)
    let needed = try StandInCUDA.counts(of: place).mostBytesInUse
    let acted = try StandInCUDA.run(act, in: place, bytes: needed - 1, input: line)
    #expect(
      (acted.output + acted.errors).contains("acting on cuda:0: CUDA out of memory. Tried to "),
      "\(acted.output)\(acted.errors)")
    let loaded = error(try StandInCUDA.run(act, in: place, bytes: 4000, input: line))
    #expect(loaded.contains(" on cuda:0: CUDA out of memory. Tried to allocate "), "\(loaded)")
  }

  /// Sizes that this address space has no room for.
  @Test(arguments: [
    ("model.hidden_dim=40000", false), ("policy.width=20000", true),
    ("value_function.width=60000", true),
  ])
  func networksThatDoNotFitTheHost(setting: String, isFlow: Bool) throws {
    let place = try Workplace()
    let text = error(
      try place.train(
        arguments: (isFlow ? flow : classic) + ["--set", setting], shell: "ulimit -v 6000000"))
    #expect(text.hasPrefix("networks of ") && text.contains(setting), "\(text)")
    #expect(
      text.contains(" on cpu: CPU out of memory. Tried to allocate ")
        || text.contains("need more than"), "\(text)")
    #expect(try place.runFiles().isEmpty)
  }

  /// Less than the libraries need to work in is refused before anything is begun.
  @Test func anAddressSpaceThatIsTooSmall() throws {
    let place = try Workplace()
    for limit in [900_000, 1_000_000, 1_500_000] {
      let text = error(try place.train(arguments: classic, shell: "ulimit -v \(limit)"))
      #expect(
        text
          == "this process may map \(limit >> 10) MiB of memory; wanted 1536 or more: raise ulimit -v"
      )
    }
    #expect(try place.runFiles().isEmpty)
  }

  /// What no machine has is refused before any of it is filled.
  @Test(arguments: [
    "training.batch_frames=900000000", "policy.chunk_length=900000000", "policy.layers=900000000",
    "policy.expert_width=9000000", "policy.width=900000000",
  ])
  func sizesOfNoMachine(setting: String) throws {
    let place = try Workplace()
    let text = error(try place.train(arguments: flow + ["--set", setting]))
    #expect(text.contains(setting.prefix { $0 != "=" }), "\(text)")
    #expect(try place.runFiles().isEmpty)
  }
}

extension Workplace {
  /// Trains on the CPU by these arguments.
  fileprivate func train(arguments: [String], shell: String? = nil) throws -> Result {
    try Command.run(arguments + ["--device", "cpu"], in: self, shell: shell)
  }
}
