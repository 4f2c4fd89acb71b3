/// Byte strings with a number each, for finding the longest that begins at a place.
///
/// Nodes are numbered; an edge is one slot of an open-addressing hash table keyed by node and byte.
struct ByteTrie: Sendable {
  /// 0 when empty, else (node × 256 + byte) << 32 | child; a child is never 0, the root.
  private var slots: [UInt64]
  private var edgeCount = 0
  /// The number at each node, or −1.
  private var values: [Int32] = [-1]

  static let root: Int32 = 0

  /// - Parameter edges: How many edges to make room for at the start.
  init(edges: Int = 32) {
    var count = 64
    while count < edges * 2 { count *= 2 }
    slots = [UInt64](repeating: 0, count: count)
  }

  @inline(__always)
  private func hash(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 20) & (slots.count - 1)
  }

  /// The node that `byte` leads to, or −1.
  @inline(__always)
  func child(of node: Int32, _ byte: UInt8) -> Int32 {
    let key = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
    var slot = hash(key)
    while true {
      let entry = slots[slot]
      if entry == 0 { return -1 }
      if entry >> 32 == key { return Int32(truncatingIfNeeded: entry) }
      slot = (slot + 1) & (slots.count - 1)
    }
  }

  /// The node that a byte string leads to, or −1.
  func node(_ bytes: [UInt8], from start: Int32 = root) -> Int32 {
    var node = start
    for byte in bytes {
      node = child(of: node, byte)
      if node < 0 { return -1 }
    }
    return node
  }

  /// The number of a byte string, or −1.
  func value(_ bytes: [UInt8]) -> Int32 {
    let node = node(bytes)
    return node < 0 ? -1 : values[Int(node)]
  }

  /// The longest string that begins at `start`, with its number; nil when none does.
  @inline(__always)
  func longest(in bytes: Bytes, at start: Int, before end: Int, from node: Int32 = root)
    -> (value: Int32, end: Int)?
  {
    var node = node
    var best: (value: Int32, end: Int)?
    var index = start
    while index < end {
      node = child(of: node, bytes[index])
      if node < 0 { break }
      index += 1
      let value = values[Int(node)]
      if value >= 0 { best = (value, index) }
    }
    return best
  }

  /// Calls `body` with the number and the end of every string that begins at `start`.
  @inline(__always)
  func forEachPrefix(
    in bytes: Bytes, at start: Int, before end: Int, _ body: (Int32, Int) -> Void
  ) {
    var node = Self.root
    var index = start
    while index < end {
      node = child(of: node, bytes[index])
      if node < 0 { return }
      index += 1
      let value = values[Int(node)]
      if value >= 0 { body(value, index) }
    }
  }

  /// The most nodes there can be: a key has 32 bits.
  static let capacity = 1 << 24

  /// Adds a string, or gives it another number.
  ///
  /// - Returns: The number it had, −1 when it is new, or nil when there is no room for it.
  mutating func insert(_ bytes: [UInt8], _ value: Int32) -> Int32? {
    var node = Self.root
    for byte in bytes {
      let next = child(of: node, byte)
      if next >= 0 {
        node = next
        continue
      }
      guard values.count < Self.capacity else { return nil }
      if edgeCount * 2 >= slots.count { grow() }
      let created = Int32(values.count)
      values.append(-1)
      place(UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte), created)
      edgeCount += 1
      node = created
    }
    let before = values[Int(node)]
    values[Int(node)] = value
    return before
  }

  private mutating func place(_ key: UInt64, _ child: Int32) {
    var slot = hash(key)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = key << 32 | UInt64(UInt32(bitPattern: child))
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 {
      place(entry >> 32, Int32(truncatingIfNeeded: entry))
    }
  }
}
