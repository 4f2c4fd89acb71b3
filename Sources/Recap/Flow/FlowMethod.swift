/// What one stage does with its experience: returns, labels, frames to fit.
struct FlowMethod {
  let stage: Stage
  let arm: Arm
  private let returnsOfEpisodes: EpisodeReturns
  private let options: LabelOptions

  init(_ configuration: Configuration, _ stage: Stage, _ experience: Experience) {
    let recap = configuration.recap
    self.stage = stage
    arm = recap.method
    returnsOfEpisodes = EpisodeReturns(
      experience, failureCost: recap.failureCost, timeLimit: recap.timeLimit)
    var options = LabelOptions()
    options.seed = configuration.training.seed
    options.forcesCorrections = recap.forceCorrections
    options.shuffles = recap.shuffleIndicators
    options.steps = stage == .demonstrations ? nil : recap.advantageSteps
    options.positiveFraction =
      stage == .demonstrations ? recap.pretrainingFraction : recap.positiveFraction
    self.options = options
  }

  /// For each episode the value targets [T]; empty where nothing says how it ended.
  var returns: [[Float]] { returnsOfEpisodes.returns }
  /// Of each task.
  var scales: [ReturnScale] { returnsOfEpisodes.scales }
  var remarks: [String] { usesValues ? returnsOfEpisodes.remarks : [] }

  /// Whether the stage fits a value function: SFT takes all labels as positive, and BC has none; where
  /// no episode has an outcome there is nothing to value.
  var needsValues: Bool { usesValues && returns.contains { !$0.isEmpty } }

  private var usesValues: Bool { stage != .corrections && arm.needsValues }

  func labels(_ experience: Experience, values: [[Float]]) -> ImprovementLabels {
    ImprovementLabels(experience, returnsOfEpisodes, values: values, options: options)
  }

  func frames(_ experience: Experience, _ labels: ImprovementLabels?) throws -> [TrainingFrame] {
    // Without a single outcome all that is left is behaviour cloning.
    try (usesValues && labels == nil ? .bcAll : arm).frames(
      of: experience, returnsOfEpisodes, labels)
  }
}
