import Foundation

/// Damages bytes, the same way every time for a seed.
public struct Mutation {
  private var random: SplitMix

  public init(seed: UInt64) { random = SplitMix(state: seed) }

  /// One to three kinds of damage: bits flipped, cut short, a length forged, a part removed, doubled
  /// or overwritten with noise.
  public mutating func mutant(of original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard bytes.count > 16 else { break }
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1: flip(&bytes)
      case 2: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
      case 3, 4, 5: forge(&bytes)
      case 6:
        let part = part(of: bytes, upTo: 64)
        if Bool.random(using: &random) {
          bytes.removeSubrange(part)
        } else {
          bytes.insert(contentsOf: bytes[part], at: part.lowerBound)
        }
      default:
        for i in part(of: bytes, upTo: 32) { bytes[i] = .random(in: 0...255, using: &random) }
      }
    }
    return bytes
  }

  private mutating func flip(_ bytes: inout [UInt8]) {
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      bytes[position(in: bytes)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
  }

  /// Overwrites 1, 2, 4 or 8 bytes with a number that a length or a count should not be.
  private mutating func forge(_ bytes: inout [UInt8]) {
    let width = [1, 2, 4, 8].randomElement(using: &random)!
    let values: [UInt64] = [
      0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFF0,
      0x4000_0000, 1 << 40, .max >> 1, 1 << 63, .max,
    ]
    let value = values.randomElement(using: &random)!
    let isBig = Bool.random(using: &random)
    let start = min(position(in: bytes), bytes.count - width)
    for i in 0..<width {
      bytes[start + i] = UInt8(
        truncatingIfNeeded: value >> UInt64(8 * (isBig ? width - 1 - i : i)))
    }
  }

  /// Anywhere, but half of the time near an end, where formats keep what they say of themselves.
  private mutating func position(in bytes: [UInt8]) -> Int {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: Int.random(in: 0..<min(bytes.count, 256), using: &random)
    case 1: bytes.count - 1 - Int.random(in: 0..<min(bytes.count, 1024), using: &random)
    default: Int.random(in: 0..<bytes.count, using: &random)
    }
  }

  private mutating func part(of bytes: [UInt8], upTo length: Int) -> Range<Int> {
    let start = position(in: bytes)
    return start..<min(bytes.count, start + Int.random(in: 1...length, using: &random))
  }
}

/// A text with one of its numbers set to one that it should not be, in up to `count` ways.
public func forgedNumbers(in text: String, count: Int) -> [[UInt8]] {
  let forged = [
    "-1", "0", "1e308", "-1e308", "0.5", "4294967296", "9223372036854775807",
    "99999999999999999999", "NaN", "-Infinity", "[3]", "\"3\"", "null",
  ]
  let numbers = text.matches(of: /-?[0-9]+(\.[0-9]+)?/)
  let all = numbers.count * forged.count
  return stride(from: 0, to: all, by: max(1, all / max(count, 1))).map {
    let number = numbers[$0 / forged.count].range
    return Array(text.replacingCharacters(in: number, with: forged[$0 % forged.count]).utf8)
  }
}

public struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  public init(state: UInt64) { self.state = state }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
