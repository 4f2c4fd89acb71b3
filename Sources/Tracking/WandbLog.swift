/// W&B's log format: LevelDB's, with another header and checksum. A file is `:W&B`, 0xBEE1, version
/// 0, then chunks of checksum, length, type and data, none of which crosses a block of 32 KiB.
package struct WandbLog {
  private static let block = 32768
  private static let chunkHeader = 7
  /// Bytes written so far; the header counts in the first block.
  private var position = 0

  package init() {}

  package mutating func header() -> [UInt8] {
    position = 7
    return [0x3A, 0x57, 0x26, 0x42, 0xE1, 0xBE, 0x00]
  }

  /// The chunks of one record: one (type 1), or a first (2), middle ones (3) and a last (4).
  package mutating func chunks(of record: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    var isFirst = true
    repeat {
      var room = Self.block - position % Self.block
      if room < Self.chunkHeader {
        result += repeatElement(0, count: room)
        position += room
        room = Self.block
      }
      let length = min(room - Self.chunkHeader, record.count - start)
      let isLast = start + length == record.count
      let type: UInt8 = isFirst ? (isLast ? 1 : 2) : (isLast ? 4 : 3)
      let data = record[start..<start + length]
      let checksum = CRC32.checksum(type, data)
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        result.append(UInt8(truncatingIfNeeded: checksum >> shift))
      }
      result += [UInt8(length & 255), UInt8(length >> 8), type]
      result += data
      position += Self.chunkHeader + length
      start += length
      isFirst = false
    } while start < record.count
    return result
  }
}

/// The checksum of zlib and Ethernet: polynomial 0xEDB88320, reflected.
enum CRC32 {
  static func checksum(_ first: UInt8, _ rest: ArraySlice<UInt8>) -> UInt32 {
    var value = next(0xFFFF_FFFF, first)
    for byte in rest { value = next(value, byte) }
    return ~value
  }

  @inline(__always)
  private static func next(_ value: UInt32, _ byte: UInt8) -> UInt32 {
    table[Int((value ^ UInt32(byte)) & 255)] ^ value >> 8
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1
    }
  }
}
