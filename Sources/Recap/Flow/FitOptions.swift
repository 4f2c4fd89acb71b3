/// How a network is fitted.
package struct FitOptions: Sendable, Equatable {
  package var steps = 1000
  /// Frames a step.
  package var batchSize = 64
  package var learningRate = 1e-3
  package var weightDecay = 1e-4
  package var warmupSteps = 50
  /// Clips the gradients' global norm; nil does not.
  package var maxGradNorm: Double? = 1
  package var seed = 0

  package init() {}
}
