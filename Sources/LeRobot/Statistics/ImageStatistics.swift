import Foundation

/// The statistics of a camera, as LeRobot takes them: over some of an episode's frames, thinned to
/// about 150 pixels a side, by colour, on a scale of 0 to 1.
///
/// They come from a count of each of the 256 values, so that quantiles are exact.
package struct ImageStatistics: Sendable {
  private var histogram = [Int](repeating: 0, count: 3 * 256)
  private var frames = 0

  package init() {}

  /// Which of an episode's frames to add: all of up to 100, then about length^0.75 of them, evenly
  /// spread, first and last included.
  package static func frames(of length: Int) -> [Int] {
    guard length > 1 else { return Array(0..<max(length, 0)) }
    let count = max(min(length, 100), min(Int(pow(Double(length), 0.75)), 10_000))
    let step = Double(length - 1) / Double(count - 1)
    return (0..<count).map {
      $0 == count - 1 ? length - 1 : Int((Double($0) * step).rounded(.toNearestOrEven))
    }
  }

  /// Every which of a frame's rows and columns is taken.
  static func step(width: Int, height: Int) -> Int {
    max(width, height) < 300 ? 1 : max(width, height) / 150
  }

  /// Adds a frame of [height, width, 3].
  package mutating func add(_ pixels: UnsafeBufferPointer<UInt8>, width: Int, height: Int) {
    guard pixels.count == width * height * 3 else {
      fatalError("\(pixels.count) bytes are not a frame of \(width)×\(height)")
    }
    let step = Self.step(width: width, height: height)
    histogram.withUnsafeMutableBufferPointer { histogram in
      for y in stride(from: 0, to: height, by: step) {
        for x in stride(from: 0, to: width, by: step) {
          let pixel = (y * width + x) * 3
          histogram[Int(pixels[pixel])] += 1
          histogram[256 + Int(pixels[pixel + 1])] += 1
          histogram[512 + Int(pixels[pixel + 2])] += 1
        }
      }
    }
    frames += 1
  }

  /// As ``add(_:width:height:)`` of bytes in place.
  package mutating func add(_ pixels: [UInt8], width: Int, height: Int) {
    pixels.withUnsafeBufferPointer { add($0, width: width, height: height) }
  }

  /// Three elements, red, green and blue, which LeRobot writes in the shape (3, 1, 1); the count is
  /// that of frames. Nil without a frame.
  package var statistics: FeatureStatistics? {
    guard frames > 0 else { return nil }
    var result = FeatureStatistics(mean: [], std: [], min: [], max: [], count: frames)
    for channel in 0..<3 {
      let counts = histogram[channel * 256..<(channel + 1) * 256].map { $0 }
      let total = counts.reduce(0, +)
      let mean =
        counts.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.element) }
        / Double(total)
      let squares = counts.enumerated().reduce(0.0) {
        let deviation = Double($1.offset) - mean
        return $0 + deviation * deviation * Double($1.element)
      }
      result.mean.append(mean / 255)
      result.std.append((squares / Double(total)).squareRoot() / 255)
      result.min.append(Double(counts.firstIndex { $0 > 0 }!) / 255)
      result.max.append(Double(counts.lastIndex { $0 > 0 }!) / 255)
      for percent in FeatureStatistics.percents {
        let position = QuantilePosition(percent: percent, count: total)
        let level = position.value(
          level(counts, at: position.lower), level(counts, at: position.upper))
        result.quantiles[percent, default: []].append(level / 255)
      }
    }
    return result
  }

  /// The value at a rank.
  private func level(_ counts: [Int], at rank: Int) -> Double {
    var below = 0
    return Double(
      counts.firstIndex {
        below += $0
        return rank < below
      }!)
  }
}
