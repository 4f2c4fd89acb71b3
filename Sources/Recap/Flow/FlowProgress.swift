internal import Torch

/// How far a run of the flow policy has come: the next step to take.
struct FlowProgress: Equatable {
  /// The two fits of a stage, in order.
  enum Phase: String { case value, policy }

  var stage = Stage.demonstrations
  var phase = Phase.value
  /// Steps taken in this fit.
  var step = 0
  /// Steps taken since the first stage began, in all fits.
  var globalStep = 0
  var window = LossWindow()
  /// The value fit's least held-out loss so far, and the step after which it was measured.
  var bestLoss: Double?
  var bestStep = 0
  /// True once every stage is done.
  var isFinished = false

  /// Moves to the next fit of the stage.
  mutating func finishValue() {
    phase = .policy
    step = 0
    bestLoss = nil
    bestStep = 0
    window = LossWindow()
  }

  /// Moves to the next stage, or to the end.
  mutating func finishStage() {
    finishValue()
    phase = .value
    let later = Stage.allCases.drop { $0 != stage }.dropFirst()
    if let next = later.first { stage = next } else { isFinished = true }
  }
}

extension FlowProgress {
  var pickled: PickleValue {
    .dictionary([
      ("stage", .string(stage.rawValue)), ("phase", .string(phase.rawValue)), ("step", .int(step)),
      ("global_step", .int(globalStep)), (.string("window"), window.pickled),
      ("best_loss", bestLoss.map(PickleValue.double) ?? .none), ("best_step", .int(bestStep)),
      ("is_finished", .bool(isFinished)),
    ])
  }

  /// Nil when the value is not a progress that this version wrote.
  init?(_ value: PickleValue) {
    guard let stage = value["stage"]?.string.flatMap(Stage.init),
      let phase = value["phase"]?.string.flatMap(Phase.init), let step = value["step"]?.count,
      let globalStep = value["global_step"]?.count,
      let window = value["window"].flatMap(LossWindow.init),
      let bestStep = value["best_step"]?.count, let isFinished = value["is_finished"]?.bool
    else { return nil }
    self.init(
      stage: stage, phase: phase, step: step, globalStep: globalStep, window: window,
      bestLoss: value["best_loss"]?.double, bestStep: bestStep, isFinished: isFinished)
  }
}
