import Foundation

/// A learning rate that rises linearly from 0 to its peak, then falls to a floor along half a cosine.
public struct WarmupCosine: Sendable {
  /// The highest learning rate.
  public let peak: Double

  /// The step at which it is reached.
  public let warmup: Int

  /// The step from which on the floor is kept.
  public let total: Int

  /// The last learning rate.
  public let floor: Double

  /// A schedule over the steps 0, 1, …, total − 1.
  ///
  /// - Parameters:
  ///   - warmup: the step at which the peak is reached; 0 starts there.
  ///   - total: the step from which on the floor is kept.
  public init(peak: Double, warmup: Int, total: Int, floor: Double = 0) {
    self.peak = peak
    self.warmup = warmup
    self.total = total
    self.floor = floor
  }

  /// The learning rate of a step; the first step is 0.
  public func callAsFunction(_ step: Int) -> Double {
    if step < warmup { return peak * Double(step) / Double(warmup) }
    if step >= total { return floor }
    let progress = Double(step - warmup) / Double(total - warmup)
    return floor + (peak - floor) * 0.5 * (1 + cos(.pi * progress))
  }
}
