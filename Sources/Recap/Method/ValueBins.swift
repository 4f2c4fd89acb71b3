/// The bins of a distributional value function: centres spaced evenly on [−1, 0].
package struct ValueBins: Sendable, Equatable {
  /// B; at least 2.
  package let count: Int

  /// - Parameter count: 201 in the paper (arXiv 2511.14759 §IV-A).
  package init(count: Int = 201) {
    guard count > 1 else { fatalError("ValueBins: \(count) bins") }
    self.count = count
  }

  /// The two bins whose centres are nearest: `upperShare` of the probability is on `lower` + 1, the rest on
  /// `lower`. Values outside [−1, 0] count as its ends, so that no bin is out of range.
  package func twoHot(_ value: Float) -> (lower: Int, upperShare: Float) {
    let place = (min(max(value, -1), 0) + 1) * Float(count - 1)
    let lower = min(Int(place), count - 2)
    return (lower, place - Float(lower))
  }
}
