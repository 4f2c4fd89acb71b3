import Foundation
import LeRobot

/// Random numbers from a seed: the same ones for the same seed and purpose, whatever else was drawn.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64

  /// - Parameter purpose: what the numbers are for, so that two uses of one seed share nothing.
  public init(seed: UInt64, purpose: String = "") {
    // FNV-1a of the purpose.
    let hash = purpose.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    var mixer = SplitMix64(seed: seed)
    generator = SplitMix64(seed: mixer.next() ^ hash)
  }

  public mutating func next() -> UInt64 { generator.next() }

  /// Even in [0, 1).
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Even in a range.
  public mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Normal with mean 0 and deviation 1 (Box and Muller).
  public mutating func normal() -> Double {
    let (radius, angle) = (1 - uniform(), uniform())
    return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
  }

  /// A color between two, each channel drawn by itself.
  public mutating func color(
    from low: SIMD3<Float>, to high: SIMD3<Float>
  ) -> World.Color {
    var color = World.Color(1, 1, 1, 1)
    for i in 0..<3 { color[i] = Float(uniform(Double(low[i])...Double(high[i]))) }
    return color
  }
}
