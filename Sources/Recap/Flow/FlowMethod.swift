internal import Foundation
internal import Platform

/// What one stage does with its experience: returns, labels, frames to fit.
struct FlowMethod {
  let stage: Stage
  let arm: Arm
  /// Of the value function's scale and ε among others.
  let options: LabelOptions
  private let experience: Experience
  private let returnsOfEpisodes: EpisodeReturns
  private let recap: Configuration.Recap
  private let fps: Double

  /// - Parameters:
  ///   - fps: frames a second.
  ///   - longest: T_max by task, where values on its scale are there already.
  init(
    _ configuration: Configuration, _ stage: Stage, _ experience: Experience, fps: Double,
    longest: NameDictionary<Int> = [:]
  ) {
    recap = configuration.recap
    self.stage = stage
    self.experience = experience
    self.fps = fps
    arm = recap.method
    returnsOfEpisodes = EpisodeReturns(
      experience, failureCost: recap.failureCost, timeLimit: recap.timeLimit, longest: longest)
    var options = LabelOptions()
    options.seed = configuration.training.seed
    options.indicator = recap.indicator
    options.forcesCorrections = recap.forceCorrections
    options.takesRecorded = recap.recordedIndicators
    options.shuffle = recap.shuffleIndicators
    options.steps = stage == .demonstrations ? nil : recap.advantageSteps(fps: fps)
    options.positiveFraction =
      stage == .demonstrations ? recap.pretrainingFraction : recap.positiveFraction
    self.options = options
  }

  /// For each episode the value targets [T]; empty where nothing says how it ended.
  var returns: [[Float]] { returnsOfEpisodes.returns }
  /// Of each task.
  var scales: [ReturnScale] { returnsOfEpisodes.scales }

  /// What was assumed, and what is likely not meant.
  var remarks: [String] {
    arm.remarks(experience) + (wantsLabels ? returnsOfEpisodes.remarks : [])
      + (needsValues ? horizonRemark.map { [$0] } ?? [] : [])
  }

  /// Whether the stage labels frames: SFT takes all labels as positive, and BC has none; where no episode has
  /// an outcome, or indicators of its own, there is nothing to label by.
  var needsLabels: Bool {
    wantsLabels
      && (returns.contains { !$0.isEmpty } || experience.episodes.contains(where: options.takes))
  }

  /// Whether its labels are by a value function: those of frames that the dataset itself gives none for.
  var needsValues: Bool {
    let isRecorded = experience.episodes.allSatisfy {
      options.takes($0) && $0.recordedIndicators?.contains(nil) == false
    }
    return needsLabels && recap.indicator == .advantage && returns.contains { !$0.isEmpty }
      && (arm == .awr || !isRecorded)
  }

  private var wantsLabels: Bool { stage != .corrections && arm.needsLabels }

  /// An advantage over most of an episode hardly tells one frame from the next.
  private var horizonRemark: String? {
    guard let steps = options.steps else { return nil }
    let lengths = experience.episodes.map(\.frameCount).sorted()
    let median = lengths[lengths.count / 2]
    guard steps > median / 5 else { return nil }
    let key =
      recap.advantageSteps != nil
      ? "recap.advantage_steps" : "recap.advantage_seconds \(recap.advantageSeconds ?? 1)"
    return String(
      format: "N of the advantage is %d steps (%@, %g a second), more than a fifth of the median "
        + "episode of %d: labels tell good episodes rather than good moments; try "
        + "recap.advantage_seconds=%.2g", steps, key, fps, median,
      max(Double(median) / 8, 1) / fps)
  }

  /// - Parameter values: V of each frame; nil where labels need none.
  func labels(_ values: [[Float]]?) -> ImprovementLabels {
    ImprovementLabels(experience, returnsOfEpisodes, values: values, options: options)
  }

  func frames(_ labels: ImprovementLabels?) throws -> [TrainingFrame] {
    // Without a single outcome all that is left is behaviour cloning.
    try (wantsLabels && labels == nil ? .bcAll : arm).frames(
      of: experience, returnsOfEpisodes, labels)
  }

  /// Frames of other episodes, held-out ones, labelled by this stage's scale and ε.
  func frames(
    of others: Experience, values: [[Float]]?, _ labels: ImprovementLabels
  ) throws -> [TrainingFrame] {
    let names = experience.tasks
    let returns = EpisodeReturns(
      others, failureCost: recap.failureCost, timeLimit: recap.timeLimit,
      longest: NameDictionary(zip(names, scales.map(\.longest))))
    var options = options
    options.thresholds = NameDictionary(zip(names, labels.thresholds))
    return try arm.frames(
      of: others, returns,
      ImprovementLabels(others, returns, values: values, options: options))
  }
}

extension Configuration.Recap {
  /// N, at least 1.
  package func advantageSteps(fps: Double) -> Int {
    advantageSteps
      ?? Int(min(max(((advantageSeconds ?? 1) * fps).rounded(), 1), 1e9))
  }
}
