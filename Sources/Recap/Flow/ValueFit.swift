internal import Platform
package import Torch

/// Fits a value function to Monte-Carlo returns by cross-entropy over bins (arXiv 2511.14759 Eq. 1), and
/// keeps the weights that were best on held-out episodes, its encoders' too: it overfits within hundreds of
/// steps.
package final class ValueFit {
  package let network: ValueNetwork
  /// Steps taken.
  package var step = 0
  /// The least held-out loss so far, and the step after which it was measured; nil before the first.
  package private(set) var best: (loss: Double, step: Int)?
  /// Of the network and of what else was fitted, by name.
  package private(set) var bestWeights: [String: Tensor] = [:]
  let optimizer: AdamW
  private let experience: Experience
  private let features: any FrameFeatures
  private let returns: [[Float]]
  private let encoders: [(name: String, tensor: Tensor)]
  private let trainingFrames: [(episode: Int, frame: Int)]
  private let heldOutFrames: [(episode: Int, frame: Int)]
  private let bins: ValueBins
  private let options: FitOptions
  private let order: FrameOrder
  private let purpose: Int
  /// Steps between measurements on held-out episodes.
  private let evaluateEvery: Int
  /// Measurements without progress after which the fit ends.
  private let patience: Int

  /// - Parameters:
  ///   - returns: for each episode [T], the targets; empty for an episode without an outcome.
  ///   - heldOut: positions of the episodes that decide when to stop; empty runs all steps.
  ///   - encoders: what is fitted beside the network, by names that are none of its.
  package init(
    _ network: ValueNetwork, _ experience: Experience, _ features: any FrameFeatures,
    returns: [[Float]], heldOut: [Int], options: FitOptions, evaluateEvery: Int = 50,
    patience: Int = 6, purpose: Int = 2, encoders: [(name: String, tensor: Tensor)] = []
  ) {
    self.network = network
    self.experience = experience
    self.features = features
    self.returns = returns
    self.encoders = encoders
    self.options = options
    self.evaluateEvery = evaluateEvery
    self.patience = patience
    self.purpose = purpose
    bins = ValueBins(count: network.head.weight.shape[0])
    let heldOut = Set(heldOut)
    func frames(_ isWanted: (Int) -> Bool) -> [(episode: Int, frame: Int)] {
      returns.indices.filter(isWanted).flatMap { episode in
        returns[episode].indices.map { (episode, $0) }
      }
    }
    trainingFrames = frames { !heldOut.contains($0) }
    guard !trainingFrames.isEmpty else { fatalError("ValueFit: no returns to fit") }
    // As many as tell losses apart, drawn once.
    let all = frames { heldOut.contains($0) }
    let limit = 2048
    heldOutFrames =
      all.count <= limit
      ? all
      : FrameOrder(count: all.count, batchSize: limit, seed: options.seed, purpose: -2)
        .batch(0).map { all[$0] }
    order = FrameOrder(
      count: trainingFrames.count, batchSize: options.batchSize, seed: options.seed,
      purpose: purpose)
    optimizer = AdamW(
      network.parameters() + encoders.map(\.tensor), learningRate: options.learningRate,
      weightDecay: options.weightDecay)
  }

  /// Whether all steps are taken, or held-out episodes have said enough.
  package var isDone: Bool {
    if step >= options.steps { return true }
    guard let best else { return false }
    return step - best.step >= patience * evaluateEvery
  }

  /// Takes one step; returns its loss and, where it was measured, the held-out loss.
  package func next() throws -> (loss: Double, heldOut: Double?) {
    let loss = try loss(order.batch(step).map { trainingFrames[$0] })
    let value = loss.item()
    guard value.isFinite else { return (value, nil) }
    optimizer.learningRate = options.rate(step + 1)
    optimizer.zeroGrad()
    loss.backward()
    if let limit = options.maxGradNorm { _ = clipGradientNorm(optimizer.parameters, max: limit) }
    optimizer.step()
    step += 1
    guard !heldOutFrames.isEmpty, step % evaluateEvery == 0 || step == options.steps else {
      return (value, nil)
    }
    let heldOut = try heldOutLoss()
    if heldOut < best?.loss ?? .infinity {
      best = (heldOut, step)
      bestWeights = fitted.mapValues { $0.detach().clone() }
    }
    return (value, heldOut)
  }

  /// All that is fitted, by name.
  private var fitted: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: network.namedParameters().map { ($0.name, $0.tensor) }
        + encoders.map { ($0.name, $0.tensor) })
  }

  /// Puts the best weights in place of the last ones.
  package func finish() {
    withoutGradient {
      for (name, tensor) in fitted { if let best = bestWeights[name] { tensor.copy_(best) } }
    }
  }

  /// Takes up a fit where it was left.
  ///
  /// Best weights without those of the encoders, which earlier versions kept, are none: the search begins anew.
  func resume(step: Int, best: (loss: Double, step: Int)?, bestWeights: [String: Tensor]) {
    self.step = step
    guard Set(bestWeights.keys) == Set(fitted.keys) else { return }
    self.best = best
    self.bestWeights = bestWeights
  }

  private func heldOutLoss() throws -> Double {
    try withoutGradient {
      var sum = 0.0
      for start in stride(from: 0, to: heldOutFrames.count, by: 256) {
        let part = Array(heldOutFrames[start..<min(start + 256, heldOutFrames.count)])
        sum += try loss(part).item() * Double(part.count)
      }
      return sum / Double(heldOutFrames.count)
    }
  }

  /// The mean cross-entropy with two-hot targets.
  private func loss(_ frames: [(episode: Int, frame: Int)]) throws -> Tensor {
    let targets = frames.map { bins.twoHot(returns[$0.episode][$0.frame]) }
    let device = features.device
    let lower = Tensor(targets.map(\.lower), shape: [frames.count, 1], device: device)
    let share = Tensor(targets.map(\.upperShare), shape: [frames.count, 1], device: device)
    return twoHotCrossEntropy(
      network(try features.prefix(frames, of: experience)), lower: lower, upperShare: share)
  }
}

/// The mean cross-entropy of bins with two-hot targets.
///
/// - Parameters:
///   - logits: [B, bins].
///   - lower: the lower bin of each target, [B, 1].
///   - upperShare: the probability of the bin above it, [B, 1].
package func twoHotCrossEntropy(_ logits: Tensor, lower: Tensor, upperShare: Tensor) -> Tensor {
  let logs = logits.logSoftmax(dim: 1)
  return
    -(logs.gather(dim: 1, index: lower) * (1 - upperShare)
    + logs.gather(dim: 1, index: lower + 1) * upperShare).mean()
}

extension ValueNetwork {
  /// V of every frame: for each episode [T].
  ///
  /// - Parameter progress: called with frames done and all frames.
  package func values(
    of experience: Experience, _ features: any FrameFeatures,
    progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> [[Float]] {
    let frames = experience.episodes.indices.flatMap { episode in
      (0..<experience.episodes[episode].frameCount).map { (episode: episode, frame: $0) }
    }
    var flat: [Float] = []
    flat.reserveCapacity(frames.count)
    try withoutGradient {
      // Frames at a time: fewer where the device has not the memory for as many.
      var size = 256
      while flat.count < frames.count {
        try Interruption.check()
        let part = Array(frames[flat.count...].prefix(size))
        do {
          flat += try attempt { values(try features.prefix(part, of: experience)) }
        } catch let error as TorchError where error.isOutOfMemory && size > 1 {
          size /= 2
          continue
        }
        try progress(flat.count, frames.count)
      }
    }
    var first = 0
    return experience.episodes.map { episode in
      defer { first += episode.frameCount }
      return Array(flat[first..<first + episode.frameCount])
    }
  }
}
