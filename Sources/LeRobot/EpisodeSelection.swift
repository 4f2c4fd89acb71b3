/// Which episodes of a dataset to take; a condition that is nil holds for all.
public struct EpisodeSelection: Sendable {
  public var indices: Set<Int>?
  public var types: Set<EpisodeType>?
  public var success: Bool?
  /// Episodes in which one of these tasks occurs.
  public var tasks: Set<String>?
  /// Frames.
  public var lengths: ClosedRange<Int>?

  public init() {}

  /// Whether the metadata of an episode satisfies every condition.
  public func contains(_ episode: Episode) -> Bool {
    (indices.map { $0.contains(episode.index) } ?? true)
      && (types.map { types in episode.type.map(types.contains) ?? false } ?? true)
      && (success.map { $0 == episode.success } ?? true)
      && (tasks.map { !$0.isDisjoint(with: episode.tasks) } ?? true)
      && (lengths.map { $0.contains(episode.length) } ?? true)
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
