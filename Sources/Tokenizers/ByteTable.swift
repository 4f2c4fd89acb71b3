/// Byte strings with a number each, in an open-addressing hash table; the strings lie one after the
/// other in one array.
struct ByteTable: Sendable {
  /// 0 when empty, else the hash's upper half << 32 | place + 1.
  private var slots: [UInt64]
  private var keys: [UInt8] = []
  /// Where each key begins, and where the last one ends.
  private var starts: [Int32] = [0]
  private var values: [Int32] = []

  var count: Int { values.count }
  /// How much text the keys have.
  var byteCount: Int { keys.count }

  init(capacity: Int, bytes: Int = 0) {
    var size = 64
    while size < capacity * 2 { size *= 2 }
    slots = [UInt64](repeating: 0, count: size)
    keys.reserveCapacity(bytes)
    values.reserveCapacity(capacity)
    starts.reserveCapacity(capacity + 1)
  }

  func value(at place: Int) -> Int32 { values[place] }

  func key(at place: Int) -> ArraySlice<UInt8> {
    keys[Int(starts[place])..<Int(starts[place + 1])]
  }

  /// Eight bytes at a time, mixed by multiplication; no defence against chosen keys is needed.
  @inline(__always)
  static func hash(_ key: Bytes) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: key.count) &* 0x9E37_79B9_7F4A_7C15
    guard let base = UnsafeRawPointer(key.baseAddress) else { return hash }
    var index = 0
    while index + 8 <= key.count {
      let word = (base + index).loadUnaligned(as: UInt64.self)
      hash = mix(hash ^ word)
      index += 8
    }
    var rest: UInt64 = 0
    while index < key.count {
      rest = rest << 8 | UInt64(key[index])
      index += 1
    }
    return mix(hash ^ rest)
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return high ^ low ^ value &>> 29
  }

  /// The number of a key, or −1.
  @inline(__always)
  subscript(key: Bytes) -> Int32 {
    let place = place(key, Self.hash(key))
    return place < 0 ? -1 : values[place]
  }

  /// The place of a key whose hash is known, or −1.
  @inline(__always)
  func place(_ key: Bytes, _ hash: UInt64) -> Int {
    slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var slot = Int(truncatingIfNeeded: hash) & mask
      while true {
        let entry = slots[slot]
        if entry == 0 { return -1 }
        if entry >> 32 == hash >> 32 {
          let place = Int(entry & 0xFFFF_FFFF) - 1
          if isKey(key, at: place) { return place }
        }
        slot = (slot + 1) & mask
      }
    }
  }

  @inline(__always)
  private func isKey(_ key: Bytes, at place: Int) -> Bool {
    let start = Int(starts[place])
    guard Int(starts[place + 1]) - start == key.count else { return false }
    return keys.withUnsafeBufferPointer { keys in
      for index in 0..<key.count where keys[start + index] != key[index] { return false }
      return true
    }
  }

  /// Adds a key, or gives it another number.
  ///
  /// - Returns: The number it had, or −1 when it is new.
  @discardableResult
  mutating func insert(_ key: Bytes, _ value: Int32) -> Int32 {
    let hash = Self.hash(key)
    let place = place(key, hash)
    if place >= 0 {
      let before = values[place]
      values[place] = value
      return before
    }
    if values.count * 2 >= slots.count { grow() }
    keys.append(contentsOf: key)
    starts.append(Int32(keys.count))
    values.append(value)
    put(hash, UInt64(values.count))
    return -1
  }

  private mutating func put(_ hash: UInt64, _ number: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = (hash >> 32) << 32 | number
  }

  private mutating func grow() {
    slots = [UInt64](repeating: 0, count: slots.count * 2)
    keys.withUnsafeBufferPointer { keys in
      for place in 0..<values.count {
        let key = Bytes(rebasing: keys[Int(starts[place])..<Int(starts[place + 1])])
        put(Self.hash(key), UInt64(place + 1))
      }
    }
  }

  /// Forgets everything, and keeps the room.
  mutating func removeAll() {
    for index in slots.indices { slots[index] = 0 }
    keys.removeAll(keepingCapacity: true)
    starts.removeLast(starts.count - 1)
    values.removeAll(keepingCapacity: true)
  }
}
