internal import Torch

/// How a network is fitted.
package struct FitOptions: Sendable, Equatable {
  package var steps = 1000
  /// Frames a step.
  package var batchSize = 64
  package var learningRate = 1e-3
  package var weightDecay = 1e-4
  package var warmupSteps = 50
  package var schedule = Configuration.Schedule.cosine
  /// Clips the gradients' global norm; nil does not.
  package var maxGradNorm: Double? = 1
  package var seed = 0

  package init() {}

  /// The learning rate of a step, counted from 1.
  package func rate(_ step: Int) -> Double {
    schedule.rate(step, peak: learningRate, warmup: warmupSteps, total: steps)
  }
}

extension Configuration.Schedule {
  /// The learning rate of a step: a linear warm-up, then the peak throughout or half a cosine down to 0.
  func rate(_ step: Int, peak: Double, warmup: Int, total: Int) -> Double {
    switch self {
    case .constant: step < warmup ? peak * Double(step) / Double(warmup) : peak
    case .cosine: WarmupCosine(peak: peak, warmup: warmup, total: total)(step)
    }
  }
}
