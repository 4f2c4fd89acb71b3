public import Platform

/// Which episodes of a dataset to take; a condition that is nil holds for all.
public struct EpisodeSelection: Sendable {
  /// How an episode ended.
  public enum Outcome: String, Sendable, CaseIterable {
    case success, failure, unlabelled
  }

  public var indices: Set<Int>?
  public var types: Set<EpisodeType>?
  public var outcome: Outcome?
  /// Episodes in which one of these tasks occurs.
  public var tasks: Set<ByteName>?
  /// Frames.
  public var lengths: ClosedRange<Int>?

  public init() {}

  /// Whether an episode satisfies every condition.
  ///
  /// - Parameters:
  ///   - type: how it came about, by its labels.
  ///   - success: whether it succeeded, by its labels.
  public func contains(
    _ episode: Episode, type: @autoclosure () throws -> EpisodeType?,
    success: @autoclosure () throws -> Bool?
  ) rethrows -> Bool {
    if let indices, !indices.contains(episode.index) { return false }
    if let tasks, !episode.tasks.contains(where: tasks.contains) { return false }
    if let lengths, !lengths.contains(episode.length) { return false }
    if let types {
      guard let type = try type(), types.contains(type) else { return false }
    }
    if let outcome {
      let found: Outcome =
        switch try success() {
        case true?: .success
        case false?: .failure
        case nil: .unlabelled
        }
      if found != outcome { return false }
    }
    return true
  }

  /// Draws episodes into parts, at random but the same for the same seed; each part keeps the order
  /// of the episodes.
  ///
  /// - Parameters:
  ///   - fractions: the shares of the parts, which add up to 1 at most; every share above 0 gets an
  ///     episode while there are some.
  public static func split(
    _ count: Int, fractions: [Double], seed: UInt64
  ) -> [[Int]] {
    guard fractions.allSatisfy({ $0 >= 0 }), fractions.reduce(0, +) <= 1 + 1e-9 else {
      fatalError("fractions \(fractions) do not add up to 1 or less")
    }
    var ends: [Int] = []
    var sum = 0.0
    for fraction in fractions {
      sum += fraction
      let least = (ends.last ?? 0) + (fraction > 0 ? 1 : 0)
      ends.append(min(max(Int((sum * Double(count)).rounded()), least), count))
    }
    return split(count, counts: zip(ends, [0] + ends).map { $0 - $1 }, seed: seed)
  }

  /// As ``split(_:fractions:seed:)`` with the number of episodes in each part.
  public static func split(_ count: Int, counts: [Int], seed: UInt64) -> [[Int]] {
    guard counts.allSatisfy({ $0 >= 0 }), counts.reduce(0, +) <= count else {
      fatalError("parts of \(counts) cannot be drawn from \(count) episodes")
    }
    var random = SplitMix64(seed: seed)
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, Int(random.next() % UInt64(i + 1)))
    }
    var start = 0
    return counts.map { size in
      defer { start += size }
      return order[start..<start + size].sorted()
    }
  }
}

extension Dataset {
  /// Copies of the episodes that satisfy every condition; types and outcomes are those that the
  /// labels give, wherever the recorder put them.
  public func copies(_ selection: EpisodeSelection) throws -> [EpisodeCopy] {
    try episodes.filter { episode in
      try selection.contains(
        episode, type: episode.type ?? labels(of: episode).type,
        success: episode.success ?? labels(of: episode).success)
    }.map { EpisodeCopy(self, $0) }
  }
}
