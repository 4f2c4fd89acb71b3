/// What two symbols become together, and how early.
struct Merge: Sendable {
  /// Lower ranks come first.
  var rank: Int32
  var id: Int32
}

/// Merges by their pair of symbols, in an open-addressing hash table.
struct MergeTable: Sendable {
  /// The pair, or all bits set where there is none.
  private var pairs: [UInt64]
  private var merges: [Merge]
  private(set) var count = 0

  init(capacity: Int) {
    var size = 64
    while size < capacity * 2 { size *= 2 }
    pairs = [UInt64](repeating: .max, count: size)
    merges = [Merge](repeating: Merge(rank: 0, id: 0), count: size)
  }

  @inline(__always)
  private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
  }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    let mixed = key &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed ^ mixed &>> 32) & (pairs.count - 1)
  }

  @inline(__always)
  subscript(first: Int32, second: Int32) -> Merge? {
    let key = Self.key(first, second)
    var slot = slot(key)
    return pairs.withUnsafeBufferPointer { pairs in
      while true {
        let pair = pairs[slot]
        if pair == key { return merges.withUnsafeBufferPointer { $0[slot] } }
        if pair == .max { return nil }
        slot = (slot + 1) & (pairs.count - 1)
      }
    }
  }

  /// The ids of all that pairs become.
  var results: Set<Int> {
    Set(pairs.indices.lazy.filter { pairs[$0] != .max }.map { Int(merges[$0].id) })
  }

  /// Sets what a pair becomes; the last setting holds. There must be room.
  mutating func insert(_ first: Int32, _ second: Int32, _ merge: Merge) {
    let key = Self.key(first, second)
    var slot = slot(key)
    while pairs[slot] != .max && pairs[slot] != key { slot = (slot + 1) & (pairs.count - 1) }
    if pairs[slot] == .max { count += 1 }
    pairs[slot] = key
    merges[slot] = merge
  }
}

/// Merges that wait for their turn: by rank, then from left to right. A binary heap.
struct MergeQueue {
  struct Item {
    /// Rank, then position.
    var order: UInt64
    var id: Int32

    var position: Int { Int(order & 0xFFFF_FFFF) }
  }

  private var items: [Item] = []

  var isEmpty: Bool { items.isEmpty }

  mutating func push(_ merge: Merge, at position: Int) {
    let order = UInt64(UInt32(bitPattern: merge.rank)) << 32 | UInt64(position)
    let item = Item(order: order, id: merge.id)
    items.append(item)
    items.withUnsafeMutableBufferPointer { items in
      var hole = items.count - 1
      while hole > 0 {
        let parent = (hole - 1) / 2
        if items[parent].order <= item.order { break }
        items[hole] = items[parent]
        hole = parent
      }
      items[hole] = item
    }
  }

  mutating func pop() -> Item? {
    guard let last = items.popLast() else { return nil }
    guard let first = items.first else { return last }
    items.withUnsafeMutableBufferPointer { items in
      var hole = 0
      while true {
        var child = 2 * hole + 1
        if child >= items.count { break }
        if child + 1 < items.count, items[child + 1].order < items[child].order { child += 1 }
        if last.order <= items[child].order { break }
        items[hole] = items[child]
        hole = child
      }
      items[hole] = last
    }
    return first
  }
}
