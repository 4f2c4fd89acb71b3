/// Parquet's own descriptions (Thrift's compact protocol), with each number in them forged in turn.
struct ThriftForgery {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  /// Where the numbers are: values, lengths and counts, all of them varints.
  private var numbers: [Range<Int>] = []
  private var depth = 0

  /// Every forgery of a Parquet file's footer and page headers: one number set to each of `values`.
  static func forgeries(of file: [UInt8]) -> [[UInt8]] {
    let values: [UInt64] = [
      0xFFFF_FFFE, 0xFFFF_FFFF, 0x7FFF_FFFE, 1 << 41, .max - 1, .max, 0, 0x7F_FFFE,
    ]
    var result: [[UInt8]] = []
    let footer = footer(of: file)
    var walk = ThriftForgery(file, from: footer.lowerBound, to: footer.upperBound)
    walk.structure()
    for range in walk.numbers {
      for value in values {
        var forged = file
        forged.replaceSubrange(range, with: varint(value))
        let length = footer.count + forged.count - file.count
        for i in 0..<4 {
          forged[forged.count - 8 + i] = UInt8(truncatingIfNeeded: length >> (8 * i))
        }
        result.append(forged)
      }
    }
    var page = 4
    while page < footer.lowerBound {
      var walk = ThriftForgery(file, from: page, to: footer.lowerBound)
      let compressed = walk.structure()[3] ?? 0
      guard compressed > 0, walk.position + compressed <= footer.lowerBound else { break }
      for range in walk.numbers {
        for value in values {
          // Longer numbers take their room from the page's end: nothing else moves.
          let number = varint(value)
          let extra = max(0, number.count - range.count)
          guard extra < compressed else { continue }
          var forged = file
          forged.removeSubrange(walk.position + compressed - extra..<walk.position + compressed)
          forged.replaceSubrange(range, with: number)
          result.append(forged)
        }
      }
      page = walk.position + compressed
    }
    return result
  }

  private static func footer(of file: [UInt8]) -> Range<Int> {
    let length = (0..<4).reduce(0) { $0 | Int(file[file.count - 8 + $1]) << (8 * $1) }
    return file.count - 8 - length..<file.count - 8
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var value = value, result: [UInt8] = []
    while value > 0x7F {
      result.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    return result + [UInt8(value)]
  }

  private init(_ bytes: [UInt8], from start: Int, to end: Int) {
    (self.bytes, position, self.end) = (bytes, start, end)
  }

  private mutating func byte() -> UInt8 {
    guard position < end else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func varint() -> Int {
    let start = position
    var value: UInt64 = 0, shift: UInt64 = 0
    while true {
      let part = byte()
      value |= UInt64(part & 0x7F) &<< shift
      shift += 7
      if part & 0x80 == 0 || shift > 63 { break }
    }
    numbers.append(start..<position)
    return Int(truncatingIfNeeded: value)
  }

  /// The numbers among its fields, by the fields' numbers.
  @discardableResult
  private mutating func structure() -> [Int: Int] {
    var fields: [Int: Int] = [:]
    var field = 0
    depth += 1
    defer { depth -= 1 }
    while position < end, depth < 20 {
      let head = byte()
      if head == 0 { break }
      if head >> 4 == 0 {
        let number = varint()
        field = number >> 1 ^ -(number & 1)
      } else {
        field += Int(head >> 4)
      }
      if let value = self.value(head & 0xF) { fields[field] = value }
    }
    return fields
  }

  private mutating func value(_ type: UInt8) -> Int? {
    switch type {
    case 4, 5, 6:
      let number = varint()
      return number >> 1 ^ -(number & 1)
    case 3: position += 1
    case 7: position += 8
    case 8:
      let length = varint()
      position = min(end, position + max(length, 0))
    case 9, 10:
      let head = byte()
      let count = head >> 4 == 15 ? varint() : Int(head >> 4)
      for _ in 0..<max(count, 0) where position < end { _ = value(head & 0xF) }
    case 12: structure()
    default: break  // a boolean, in the field's head
    }
    return nil
  }
}
