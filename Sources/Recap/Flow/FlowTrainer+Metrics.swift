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

  /// Says how well V knows what came of episodes, and whether it goes by who acted: of those that its fit left
  /// out, and beside them of those that it was fitted to.
  func diagnose(
    _ stage: Stage, _ experience: Experience, values: [[Float]], returns: [[Float]],
    heldOut: [Int]
  ) throws {
    var found: [(String, Double)] = []
    let isOut = Set(heldOut)
    let fitted = experience.episodes.indices.filter { !isOut.contains($0) }
    let parts = [(heldOut, ""), (fitted, "_training")].filter { !$0.0.isEmpty }
    for (place, (shown, suffix)) in parts.enumerated() {
      let frames = suffix.isEmpty ? "held-out frames" : "the frames it was fitted to"
      if let value = ValueDiagnostics(
        values: shown.map { values[$0] }, returns: shown.map { returns[$0] })
      {
        found += [
          ("recap/value_error\(suffix)", value.error), ("recap/value_bias\(suffix)", value.bias),
        ]
        if let spearman = value.spearman {
          found.append(("recap/value_spearman\(suffix)", spearman))
          if spearman < 0.3, place == 0 {
            try report(
              .message(
                String(
                  format:
                    "value function: rank correlation with what came of %@ is %.2f; try more episodes, "
                    + "failures among them, or more training.value_steps", frames, spearman)))
          }
        }
      }
      if let leak = styleLeak(experience, values: values, returns: returns, among: shown) {
        let isFirst = !found.contains { $0.0 == "recap/style_leak" }
        found.append(("recap/style_leak\(suffix)", leak))
        if leak > 0.85, isFirst {
          try report(
            .message(
              String(
                format:
                  "value function: it tells people from policies among episodes that ended alike "
                  + "(%.2f on %@; 0.5 is none): wanted successes and failures from both", leak,
                frames)))
        }
      }
    }
    try metrics(stage, found)
  }

  /// How many frames are labelled positive.
  func report(rates labels: ImprovementLabels, _ stage: Stage, _ experience: Experience) throws {
    let rates = labels.rates(experience)
    let frames = rates.reduce(0) { $0 + $1.frames }
    let positive = rates.reduce(0) { $0 + $1.positive }
    try metrics(
      stage, [("recap/positive_fraction", Double(positive) / Double(max(frames, 1)))])
    try report(.labels(rates.map { LabelRate($0, experience) }))
  }

  /// What the labels do to the policy: on held-out episodes where there are any, and on those it was fitted to.
  func reportConditioningGap(
    _ stage: Stage, _ experience: Experience, _ features: FlowFeatures, _ method: FlowMethod,
    _ labels: ImprovementLabels, _ frames: [TrainingFrame]
  ) throws {
    let seed = configuration.training.seed
    let heldOut = data.heldOutEpisodes
    var gaps: [(gap: FlowPolicy.ConditioningGap, suffix: String)] = []
    if !heldOut.isEmpty,
      let gap = try measured(
        "conditioning gap",
        {
          let others = Experience(data, heldOut, model)
          let values =
            method.needsValues
            ? try model.valueFunction.values(of: others, valueFeatures.of(heldOut)) : nil
          return try model.policy.conditioningGap(
            method.frames(of: others, values: values, labels), others, self.features.of(heldOut),
            limit: 1024, seed: seed)
        })
    {
      gaps.append((gap, ""))
    }
    if let gap = try measured(
      "conditioning gap",
      {
        try model.policy.conditioningGap(frames, experience, features, limit: 1024, seed: seed)
      })
    {
      gaps.append((gap, "_training"))
    }
    for (gap, suffix) in gaps {
      let values = [
        ("conditioning_gap", gap.difference), ("loss_positive", gap.positiveLoss),
        ("loss_negative", gap.negativeLoss),
      ]
      try metrics(stage, values.map { ("recap/\($0.0)\(suffix)", $0.1) })
    }
    guard let (gap, suffix) = gaps.first, gap.difference < 0.01 else { return }
    let place =
      suffix.isEmpty
      ? "held-out frames" : "training frames (dataset.held_out_fraction keeps others for it)"
    try report(
      .message(
        String(
          format:
            "conditioning gap %.4f on \(place): flipping the labels hardly changes the loss, so that "
            + "the policy does not use them; try more steps, policy.indicator_modulation=true, or another "
            + "recap.positive_fraction", gap.difference)))
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
