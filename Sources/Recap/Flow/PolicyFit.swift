package import Torch

/// Fits a flow policy to frames, step by step (arXiv 2511.14759 §V, Eq. 3).
///
/// What a step does depends on the seed, its number and the weights alone: a fit that goes on from saved
/// weights and optimizer state repeats an undisturbed one to the bit.
package final class PolicyFit {
  package let policy: FlowPolicy
  /// Steps taken.
  package var step = 0
  let optimizer: AdamW
  private let experience: Experience
  private let features: any FrameFeatures
  private let frames: [TrainingFrame]
  private let options: FitOptions
  private let indicatorDropout: Double
  private let order: FrameOrder
  /// Tells this fit's random numbers from those of others of the same seed.
  private let purpose: Int

  /// - Parameters:
  ///   - frames: what to fit, at least one.
  ///   - indicatorDropout: the share of labelled frames whose label is dropped at a step (App. F: 30 %).
  ///   - parameters: what to train beside the policy's own, an encoder's say.
  package init(
    _ policy: FlowPolicy, _ experience: Experience, _ features: any FrameFeatures,
    frames: [TrainingFrame], indicatorDropout: Double = 0.3, options: FitOptions, purpose: Int = 1,
    parameters: [Tensor] = []
  ) {
    guard !frames.isEmpty else { fatalError("PolicyFit: no frames to fit") }
    self.policy = policy
    self.experience = experience
    self.features = features
    self.frames = frames
    self.options = options
    self.indicatorDropout = indicatorDropout
    self.purpose = purpose
    order = FrameOrder(
      count: frames.count, batchSize: options.batchSize, seed: options.seed, purpose: purpose)
    optimizer = AdamW(
      policy.parameters() + parameters, learningRate: options.learningRate,
      weightDecay: options.weightDecay)
  }

  package var isDone: Bool { step >= options.steps }

  /// Takes one step; returns its loss, which may be anything but is not stepped on unless it is finite.
  package func next() throws -> Double {
    let generator = stepGenerator(seed: options.seed, purpose: purpose, step: step)
    let batch = try policy.batch(
      order.batch(step).map { frames[$0] }, experience, features,
      dropout: indicatorDropout, generator: generator)
    let device = features.device
    let noise = Tensor.randn(batch.actions.shape, generator: generator).to(device)
    let eta = denoisingTimes(batch.indicators.count, generator: generator, device: device)
    let loss = try policy.loss(batch, tags: features.tags, noise: noise, eta: eta)
    let value = loss.item()
    guard value.isFinite else { return value }
    optimizer.learningRate = options.rate(step + 1)
    optimizer.zeroGrad()
    loss.backward()
    if let limit = options.maxGradNorm { _ = clipGradientNorm(optimizer.parameters, max: limit) }
    optimizer.step()
    step += 1
    return value
  }
}

extension FlowPolicy {
  /// The batch of these frames; labels are dropped with the given probability.
  func batch(
    _ frames: [TrainingFrame], _ experience: Experience, _ features: any FrameFeatures,
    dropout: Double, generator: Generator
  ) throws -> FlowBatch {
    let places = frames.map { (episode: $0.episode, frame: $0.frame) }
    let draws = Tensor.rand([frames.count], generator: generator).floats
    var actions: [Float] = []
    var isValid: [Float] = []
    for place in places {
      let chunk = experience.chunk(place, length: sizes.chunkLength)
      actions += chunk.actions
      isValid += chunk.isValid
    }
    let device = features.device
    let shape = [frames.count, sizes.chunkLength]
    return FlowBatch(
      prefix: try features.prefix(places, of: experience),
      actions: Tensor(actions, shape: shape + [actionWidth], device: device),
      isValid: Tensor(isValid, shape: shape, device: device),
      indicators: zip(frames, draws).map { frame, draw in
        Double(draw) < dropout ? .none : Indicator(frame.indicator)
      },
      weights: Tensor(frames.map(\.weight), device: device))
  }

  /// The mean loss of frames as they are labelled, with noise and times drawn by the seed.
  ///
  /// - Parameter limit: at most so many frames are looked at, drawn by the seed.
  package func meanLoss(
    _ frames: [TrainingFrame], _ experience: Experience, _ features: any FrameFeatures,
    limit: Int = 2048, seed: Int
  ) throws -> Double {
    let order = FrameOrder(
      count: frames.count, batchSize: min(limit, frames.count), seed: seed, purpose: -3)
    let drawn = order.batch(0).map { frames[$0] }
    var sum = 0.0
    try withoutGradient {
      for start in stride(from: 0, to: drawn.count, by: 128) {
        let part = Array(drawn[start..<min(start + 128, drawn.count)])
        let generator = stepGenerator(seed: seed, purpose: -4, step: start)
        var batch = try batch(part, experience, features, dropout: 0, generator: generator)
        batch.weights = Tensor.ones([part.count], device: features.device)
        let noise = Tensor.randn(batch.actions.shape, generator: generator).to(features.device)
        let eta = denoisingTimes(part.count, generator: generator, device: features.device)
        sum +=
          try loss(batch, tags: features.tags, noise: noise, eta: eta).item() * Double(part.count)
      }
    }
    return sum / Double(drawn.count)
  }

  /// What the labels do: mean losses of labelled frames under their labels and under flipped ones.
  package struct ConditioningGap: Sendable {
    package let loss: Double
    package let flippedLoss: Double
    package var difference: Double { flippedLoss - loss }
    /// Of frames labelled positive, and negative; NaN where there are none.
    package let positiveLoss: Double
    package let negativeLoss: Double
  }

  /// The conditioning gap: how much the loss of labelled frames grows when their labels are flipped. Near 0
  /// the label does nothing.
  ///
  /// - Returns: losses with the same noise and times; nil where no frame is labelled.
  package func conditioningGap(
    _ frames: [TrainingFrame], _ experience: Experience, _ features: any FrameFeatures,
    limit: Int = 2048, seed: Int
  ) throws -> ConditioningGap? {
    let labelled = frames.filter { $0.indicator != nil }
    if labelled.isEmpty { return nil }
    func mean(_ frames: [TrainingFrame]) throws -> Double {
      frames.isEmpty
        ? .nan : try meanLoss(frames, experience, features, limit: limit, seed: seed)
    }
    return ConditioningGap(
      loss: try mean(labelled),
      flippedLoss: try mean(
        labelled.map { frame in
          var frame = frame
          frame.indicator!.toggle()
          return frame
        }),
      positiveLoss: try mean(labelled.filter { $0.indicator == true }),
      negativeLoss: try mean(labelled.filter { $0.indicator == false }))
  }
}
