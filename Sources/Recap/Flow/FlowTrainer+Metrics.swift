internal import Foundation
internal import Torch

// What a run of the flow policy measures beside its steps, and tells.
extension FlowTrainer {
  /// Runs a part of a stage; where memory is wanting, says what was asked for and which checkpoint is good.
  ///
  /// - Parameter part: nil for a step of a fit, whose memory depends on the batch.
  func needingMemory<R>(_ part: String? = nil, _ body: () throws -> R) throws -> R {
    let step =
      "\(progress.phase == .value ? "value function" : "policy"), step \(progress.step + 1)"
    let batch =
      "training.batch_frames is \(configuration.training.batchFrames): try a smaller one, "
    return try computing(
      "stage \(progress.stage.rawValue), \(part ?? step) on \(model.device)",
      outOfMemory: (part == nil ? batch : "try ")
        + "smaller networks (policy.width, policy.layers), smaller or frozen encoders or another "
        + "--device; "
        + (lastCheckpoint.map { "the last good checkpoint is \($0)" }
          ?? "no checkpoint was written yet"),
      body)
  }

  /// What is measured after a fit; where memory is wanting, says so and goes on: the fit is worth more.
  func measured<R>(_ what: String, _ body: () throws -> R?) throws -> R? {
    do {
      return try needingMemory(what, body)
    } catch let error as ComputationError {
      try report(.message("not measured: \(error)"))
      return nil
    }
  }

  /// The loss of the unconditioned policy on held-out episodes.
  func heldOutLoss(_ positions: [Int]) throws -> Double {
    let experience = Experience(data, positions, model)
    let frames = positions.indices.flatMap { i in
      (0..<experience.episodes[i].frameCount).map { TrainingFrame(episode: i, frame: $0) }
    }
    return try model.policy.meanLoss(
      frames, experience, features.of(positions), limit: 1024, seed: configuration.training.seed)
  }

  func diagnose(
    _ stage: Stage, _ experience: Experience, values: [[Float]], returns: [[Float]],
    _ shown: [Int], labels: ImprovementLabels
  ) throws {
    var found: [(String, Double)] = []
    if let value = ValueDiagnostics(
      values: shown.map { values[$0] }, returns: shown.map { returns[$0] })
    {
      found += [("recap/value_error", value.error), ("recap/value_bias", value.bias)]
      if let spearman = value.spearman {
        found.append(("recap/value_spearman", spearman))
        if spearman < 0.3 {
          try report(
            .message(
              String(
                format:
                  "value function: rank correlation with what came of held-out frames is %.2f; "
                  + "try more episodes, failures among them, or more training.value_steps", spearman
              )))
        }
      }
    }
    if let leak = styleLeak(experience, values: values, returns: returns) {
      found.append(("recap/style_leak", leak))
      if leak > 0.85 {
        try report(
          .message(
            String(
              format:
                "value function: it tells people from policies among episodes that ended alike "
                + "(%.2f; 0.5 is none): wanted successes and failures from both", leak)))
      }
    }
    let rates = labels.rates(experience)
    let frames = rates.reduce(0) { $0 + $1.frames }
    let positive = rates.reduce(0) { $0 + $1.positive }
    found.append(("recap/positive_fraction", Double(positive) / Double(max(frames, 1))))
    try metrics(stage, found)
    try report(.labels(rates.map { LabelRate($0, experience) }))
  }

  func reportRecent(_ stage: Stage, _ names: [String]) throws {
    guard progress.step % configuration.training.logEvery == 0 else { return }
    try metrics(
      stage,
      names.map { ($0, progress.window.recentMean($0)) } + [("train/step", Double(progress.step))])
  }

  func metrics(_ stage: Stage, _ values: [(String, Double)]) throws {
    try report(
      .metrics(
        Metrics(
          stage: stage, globalStep: progress.globalStep,
          values: values.map { (name: $0.0, value: $0.1) })))
  }
}
