// What each stage is: its episodes, its steps, its random numbers.

extension FitOptions {
  init(_ training: Configuration.Training) {
    self.init()
    batchSize = training.batchFrames
    learningRate = training.learningRate
    weightDecay = training.weightDecay
    warmupSteps = training.warmupSteps
    maxGradNorm = training.maxGradNorm
    schedule = training.schedule ?? .cosine
    seed = training.seed
  }
}

extension Stage {
  /// Steps of the flow policy's fit.
  func flowSteps(_ training: Configuration.Training) -> Int {
    switch self {
    case .demonstrations: training.demoSteps
    case .corrections: training.correctionSteps
    case .autonomous: training.autonomousSteps
    }
  }

  /// Tells the random numbers of the run's fits apart.
  func purpose(_ phase: FlowProgress.Phase) -> Int {
    100 + 2 * Stage.allCases.firstIndex(of: self)! + (phase == .value ? 0 : 1)
  }
}

extension TrainingData {
  /// Training episodes of a stage: demonstrations; demonstrations and corrections; all.
  func flowEpisodes(for stage: Stage) -> [Int] {
    switch stage {
    case .demonstrations: return self.episodes(for: stage)
    case .corrections:
      let own = trainingEpisodes.filter { [.demo, .correction].contains(episodes[$0].type) }
      return own.isEmpty ? trainingEpisodes : own
    case .autonomous: return trainingEpisodes
    }
  }

  /// Episodes by how they came about and ended.
  func valueGroups(_ positions: [Int]) -> [[Int]] {
    let groups = Dictionary(grouping: positions) { position in
      "\(episodes[position].type?.rawValue ?? "") \(episodes[position].success.map(String.init) ?? "")"
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }
}
