/// A model's tokens and their ids, by their UTF-8 bytes.
struct Vocabulary: Sendable {
  /// How many different tokens there are.
  let count: Int
  private let table: ByteTable
  /// The token's place in ``table`` by its id.
  private var places: [Int32]
  /// The same for ids too far out to have a place in an array.
  private var farPlaces: [Int: Int32] = [:]

  init(_ entries: [(token: [UInt8], id: Int)]) {
    var table = ByteTable(capacity: entries.count, bytes: entries.reduce(0) { $0 + $1.token.count })
    let limit = entries.count * 4 + 1024
    places = [Int32](repeating: -1, count: min(limit, (entries.map(\.id).max() ?? -1) + 1))
    var count = 0
    for (token, id) in entries {
      let before = token.withUnsafeBufferPointer { table.insert($0, Int32(id)) }
      if before < 0 { count += 1 }
    }
    self.table = table
    self.count = count
    // A token that comes twice keeps its last id.
    for place in 0..<table.count {
      let id = Int(table.value(at: place))
      if id < places.count { places[id] = Int32(place) } else { farPlaces[id] = Int32(place) }
    }
  }

  /// The id of a token, or −1.
  @inline(__always)
  func id(_ token: Bytes) -> Int { Int(table[token]) }

  func id(of token: [UInt8]) -> Int? {
    let id = token.withUnsafeBufferPointer(id)
    return id < 0 ? nil : id
  }

  func token(of id: Int) -> [UInt8]? {
    guard id >= 0 else { return nil }
    let place = id < places.count ? places[id] : farPlaces[id] ?? -1
    return place < 0 ? nil : Array(table.key(at: Int(place)))
  }

  /// −1 where there are no tokens.
  var largestID: Int { (0..<table.count).reduce(-1) { max($0, Int(table.value(at: $1))) } }

  /// Every token with its id.
  var entries: [(token: [UInt8], id: Int)] {
    (0..<table.count).map { (Array(table.key(at: $0)), Int(table.value(at: $0))) }
  }
}
