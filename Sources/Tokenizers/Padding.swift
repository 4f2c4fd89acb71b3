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
