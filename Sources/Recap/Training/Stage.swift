/// The three stages of the classic recipe, in order.
public enum Stage: String, Sendable, CaseIterable {
  case demonstrations
  case corrections
  case autonomous

  /// The checkpoint written when the stage is done (a contract).
  public var checkpointName: String {
    switch self {
    case .demonstrations: "checkpoint_demo.pt"
    case .corrections: "checkpoint_correction.pt"
    case .autonomous: "checkpoint_final.pt"
    }
  }

  func isEnabled(_ training: Configuration.Training) -> Bool {
    switch self {
    case .demonstrations: training.trainDemonstrations
    case .corrections: training.trainCorrections
    case .autonomous: training.trainAutonomous
    }
  }

  func epochs(_ training: Configuration.Training) -> Int {
    switch self {
    case .demonstrations: training.demoEpochs
    case .corrections: training.correctionEpochs
    case .autonomous: training.autonomousEpochs
    }
  }
}
