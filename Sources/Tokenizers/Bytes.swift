/// UTF-8 bytes that someone else keeps.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The scalar that begins at `index` of valid UTF-8, and the index after it.
  @inline(__always)
  func scalar(at index: Int) -> (scalar: UInt32, next: Int) {
    let first = UInt32(self[index])
    if first < 0x80 { return (first, index + 1) }
    let second = UInt32(self[index + 1]) & 63
    if first < 0xE0 { return ((first & 31) << 6 | second, index + 2) }
    let third = UInt32(self[index + 2]) & 63
    if first < 0xF0 { return ((first & 15) << 12 | second << 6 | third, index + 3) }
    let fourth = UInt32(self[index + 3]) & 63
    return ((first & 7) << 18 | second << 12 | third << 6 | fourth, index + 4)
  }

  /// The scalar that ends before `index` of valid UTF-8, and the index where it begins.
  @inline(__always)
  func scalar(before index: Int) -> (scalar: UInt32, start: Int) {
    var start = index - 1
    while self[start] & 0xC0 == 0x80 { start -= 1 }
    return (scalar(at: start).scalar, start)
  }

  /// Where the run of ASCII that begins at `start` ends.
  @inline(__always)
  func endOfASCII(from start: Int, before end: Int) -> Int {
    var index = start
    while index + 8 <= end {
      let word = UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { break }
      index += 8
    }
    while index < end, self[index] < 0x80 { index += 1 }
    return index
  }

  /// Whether a byte string stands at `index`.
  @inline(__always)
  func has(_ text: [UInt8], at index: Int, before end: Int) -> Bool {
    guard index + text.count <= end else { return false }
    for place in 0..<text.count where self[index + place] != text[place] { return false }
    return true
  }
}

extension [UInt8] {
  /// Appends one scalar's UTF-8 bytes.
  @inline(__always)
  mutating func append(utf8 scalar: UInt32) {
    func low(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 63) }
    func high(_ bits: UInt32, _ shift: UInt32) -> UInt8 {
      UInt8(truncatingIfNeeded: bits | scalar >> shift)
    }
    if scalar < 0x80 {
      append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      append(high(0xC0, 6))
      append(low(0))
    } else if scalar < 0x10000 {
      append(high(0xE0, 12))
      append(low(6))
      append(low(0))
    } else {
      append(high(0xF0, 18))
      append(low(12))
      append(low(6))
      append(low(0))
    }
  }

  /// Calls `body` with every scalar of valid UTF-8 and the range of its bytes.
  @inline(__always)
  func forEachScalar(_ body: (UInt32, Range<Int>) -> Void) {
    withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        let (scalar, next) = bytes.scalar(at: index)
        body(scalar, index..<next)
        index = next
      }
    }
  }
}

/// How many bytes a scalar has in UTF-8.
@inline(__always)
func utf8Length(_ scalar: UInt32) -> Int {
  scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
}
