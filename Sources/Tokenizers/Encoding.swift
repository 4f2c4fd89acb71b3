/// The tokens of one text, or of a pair.
public struct Encoding: Sendable, Equatable {
  /// Vocabulary ids, special tokens included when they were asked for.
  public internal(set) var ids: [Int] = []
  /// The sequence each token belongs to, as the model's token types; as many as ``ids``.
  public internal(set) var typeIDs: [Int] = []
}

/// Texts of one batch, padded to one length L.
public struct BatchEncoding: Sendable, Equatable {
  /// Vocabulary ids, `[texts][L]`.
  public internal(set) var ids: [[Int]]
  /// Token types, `[texts][L]`.
  public internal(set) var typeIDs: [[Int]]
  /// 1 for a token and 0 for padding, `[texts][L]`.
  public internal(set) var attentionMask: [[Int]]
}

/// At which end tokens are cut off or added.
public enum Side: Sendable {
  case left, right
}

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
  func apply(_ first: inout [Int], _ second: inout [Int]?, room: Int) {
    func cut(_ ids: inout [Int], _ count: Int) {
      let excess = ids.count - count
      guard excess > 0 else { return }
      if side == .left { ids.removeFirst(excess) } else { ids.removeLast(excess) }
    }
    guard let pair = second else { return cut(&first, room) }
    guard first.count + pair.count > room else { return }
    switch strategy {
    case .onlyFirst: return cut(&first, max(0, room - pair.count))
    case .onlySecond: return cut(&second!, max(0, room - first.count))
    case .longestFirst: break
    }
    let shorter = min(first.count, pair.count)
    let fits = 2 * shorter <= room
    let short = fits ? shorter : room / 2
    let firstIsLonger = first.count > pair.count
    cut(&first, firstIsLonger ? room - short : short)
    cut(&second!, firstIsLonger ? short : room - short)
  }
}

/// How the texts of a batch are brought to one length.
public struct Padding: Sendable, Equatable {
  public enum Length: Sendable, Equatable {
    case longest
    case fixed(Int)
  }

  public var length: Length
  public var side: Side
  /// The length is rounded up to a multiple of this.
  public var multiple: Int
  public var id: Int
  public var typeID: Int

  public init(
    length: Length = .longest, side: Side = .right, multiple: Int = 1, id: Int, typeID: Int = 0
  ) {
    self.length = length
    self.side = side
    self.multiple = multiple
    self.id = id
    self.typeID = typeID
  }

  func apply(_ encodings: [Encoding]) -> BatchEncoding {
    var target =
      switch length {
      case .longest: encodings.lazy.map(\.ids.count).max() ?? 0
      case .fixed(let length): length
      }
    if multiple > 1 { target = (target + multiple - 1) / multiple * multiple }
    func padded(_ values: [Int], _ fill: Int) -> [Int] {
      let fill = [Int](repeating: fill, count: max(0, target - values.count))
      return side == .left ? fill + values : values + fill
    }
    return BatchEncoding(
      ids: encodings.map { padded($0.ids, id) },
      typeIDs: encodings.map { padded($0.typeIDs, typeID) },
      attentionMask: encodings.map { padded([Int](repeating: 1, count: $0.ids.count), 0) })
  }
}
