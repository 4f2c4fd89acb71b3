/// How far a run has come: the next step to take.
struct Progress: Equatable {
  var stage = Stage.demonstrations
  var epoch = 0
  /// Steps taken in this epoch, in this stage, and since the first stage began.
  var epochStep = 0
  var stageStep = 0
  var globalStep = 0
  var window = LossWindow()
  /// Whether stage 3 has taken a step, so that the advantage's embedding means something.
  var hasTrainedAutonomously = false
  /// True once every stage is done.
  var isFinished = false

  /// Moves to the next epoch.
  mutating func finishEpoch() {
    epoch += 1
    epochStep = 0
    window = LossWindow()
  }

  /// Moves to the next stage, or to the end.
  mutating func finishStage() {
    let later = Stage.allCases.drop { $0 != stage }.dropFirst()
    if let next = later.first { stage = next } else { isFinished = true }
    finishEpoch()
    epoch = 0
    stageStep = 0
  }
}
