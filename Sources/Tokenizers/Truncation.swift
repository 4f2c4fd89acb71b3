/// How texts that are too long are cut.
public struct Truncation: Sendable, Equatable {
  /// Which text of a pair is cut.
  public enum Strategy: String, Sendable {
    case longestFirst = "LongestFirst"
    case onlyFirst = "OnlyFirst"
    case onlySecond = "OnlySecond"
  }

  /// Tokens left at most, special ones included.
  public var maxLength: Int
  public var strategy: Strategy
  public var side: Side

  public init(maxLength: Int, strategy: Strategy = .longestFirst, side: Side = .right) {
    self.maxLength = maxLength
    self.strategy = strategy
    self.side = side
  }

  /// Cuts a text to `room` tokens, or a pair. Longest first: both to half when cutting the longer
  /// one is not enough.
  func apply(_ first: inout TextTokens, _ second: inout TextTokens?, room: Int) {
    guard let pair = second else { return first.cut(to: room, side) }
    let (count, pairCount) = (first.ids.count, pair.ids.count)
    guard count + pairCount > room else { return }
    switch strategy {
    case .onlyFirst: return first.cut(to: max(0, room - pairCount), side)
    case .onlySecond: second?.cut(to: max(0, room - count), side)
    case .longestFirst:
      let shorter = min(count, pairCount)
      let short = 2 * shorter <= room ? shorter : room / 2
      let firstIsLonger = count > pairCount
      first.cut(to: firstIsLonger ? room - short : short, side)
      second?.cut(to: firstIsLonger ? short : room - short, side)
    }
  }
}
