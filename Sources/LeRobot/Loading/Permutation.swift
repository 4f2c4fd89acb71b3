/// The numbers 0..<count in an order that looks random, each computed when it is asked for: a
/// shuffle of a hundred million takes no memory.
///
/// A Feistel network of six rounds over the next even power of two, walked until it lands inside
/// (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002).
package struct Permutation: Sendable {
  package let count: Int
  private let keys: [UInt64]
  /// Bits of each half.
  private let bits: UInt64

  /// - Parameter generator: its next numbers decide the order.
  package init(count: Int, using generator: inout some RandomNumberGenerator) {
    self.count = count
    let width = UInt64(Int.bitWidth - max(count - 1, 1).leadingZeroBitCount)
    bits = (width + 1) / 2
    keys = (0..<6).map { _ in generator.next() }
  }

  /// The number at a place of the order.
  package subscript(place: Int) -> Int {
    guard (0..<count).contains(place) else {
      fatalError("place \(place) is not one of the \(count) of a permutation")
    }
    var number = UInt64(place)
    repeat { number = encipher(number) } while number >= UInt64(count)
    return Int(number)
  }

  private func encipher(_ number: UInt64) -> UInt64 {
    let mask = (1 << bits) - 1 as UInt64
    var (left, right) = (number >> bits, number & mask)
    for key in keys {
      var mixer = SplitMix64(seed: key ^ right)
      (left, right) = (right, left ^ (mixer.next() & mask))
    }
    return left << bits | right
  }
}
