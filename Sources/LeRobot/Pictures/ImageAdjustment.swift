import Foundation

/// Formulas of torchvision 0.26's transforms.v2 on uint8 tensors (`functional/_color.py`,
/// `_geometry.py`), which is what LeRobot applies to video frames: computed in `Float`, cut off
/// (not rounded) to bytes except where they round.
extension ImageAdjustment {
  /// Applies adjustments in order to frames in place, the same to each.
  ///
  /// - Parameter pixels: [N, height, width, 3]
  public static func apply(
    _ adjustments: [ImageAdjustment], to pixels: inout [UInt8], width: Int, height: Int
  ) {
    let size = width * height * 3
    guard size > 0, pixels.count % size == 0 else {
      fatalError("\(pixels.count) bytes are not frames of \(width)×\(height)")
    }
    pixels.withUnsafeMutableBufferPointer { pixels in
      for start in stride(from: 0, to: pixels.count, by: size) {
        let frame = FramePixels(
          bytes: UnsafeMutableBufferPointer(rebasing: pixels[start..<start + size]), width: width,
          height: height)
        for adjustment in adjustments { adjustment.apply(to: frame) }
      }
    }
  }

  private func apply(to frame: FramePixels) {
    switch self {
    case .brightness(let factor): frame.map(brightness(factor))
    case .contrast(let factor): frame.map(contrast(factor, mean: frame.meanLuma()))
    case .saturation(let factor): frame.saturate(factor)
    case .hue(let turns): frame.turnHue(turns)
    case .sharpness(let factor): frame.sharpen(factor)
    case .affine(let degrees, let shiftX, let shiftY):
      frame.move(degrees: degrees, shiftX: shiftX, shiftY: shiftY)
    }
  }

  private func brightness(_ factor: Double) -> [UInt8] {
    (0..<256).map { byte(Float($0) * Float(factor)) }
  }

  private func contrast(_ factor: Double, mean: Float) -> [UInt8] {
    (0..<256).map { byte(sum(Float($0) * Float(factor), mean, times: Float(1 - factor))) }
  }
}

/// One frame being changed: [height, width, 3].
struct FramePixels {
  let bytes: UnsafeMutableBufferPointer<UInt8>
  let width: Int
  let height: Int

  /// Replaces every value by its entry of a table.
  func map(_ table: [UInt8]) {
    table.withUnsafeBufferPointer { table in
      for i in bytes.indices { bytes[i] = table[Int(bytes[i])] }
    }
  }

  func meanLuma() -> Float {
    let luma = LumaTable()
    var total = 0
    for pixel in stride(from: 0, to: bytes.count, by: 3) {
      total += luma[bytes[pixel], bytes[pixel + 1], bytes[pixel + 2]]
    }
    return Float(total) / Float(width * height)
  }

  func saturate(_ factor: Double) {
    let luma = LumaTable()
    let own = (0..<256).map { Double(Float($0) * Float(factor)) }
    let gray = (0..<256).map { Double($0) * Double(Float(1 - factor)) }
    own.withUnsafeBufferPointer { own in
      gray.withUnsafeBufferPointer { gray in
        for pixel in stride(from: 0, to: bytes.count, by: 3) {
          let share = gray[luma[bytes[pixel], bytes[pixel + 1], bytes[pixel + 2]]]
          for i in pixel..<pixel + 3 { bytes[i] = byte(Float(own[Int(bytes[i])] + share)) }
        }
      }
    }
  }

  /// Blends with the mean of each pixel's neighbours, itself five times; the border is left alone.
  func sharpen(_ factor: Double) {
    guard width > 2, height > 2 else { return }
    let rest = Double(Float(1 - factor))
    let row = width * 3
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count) { copy in
      _ = copy.initialize(from: bytes)
      for y in 1..<height - 1 {
        for i in y * row + 3..<(y + 1) * row - 3 {
          let own = Int(copy[i])
          var sum = 4 * own
          for line in [i - row, i, i + row] {
            sum += Int(copy[line - 3]) + Int(copy[line]) + Int(copy[line + 3])
          }
          let blurred = (2 * sum + 13) / 26  // rounded; 13 is odd, so there are no ties
          bytes[i] = byte(Float(Double(own) + rest * Double(blurred - own)))
        }
      }
    }
  }

  /// Rotates around the centre, then shifts; the nearest pixel is taken, and black outside.
  func move(degrees: Double, shiftX: Double, shiftY: Double) {
    let x = (shiftX * Double(width)).rounded(.toNearestOrEven)
    let y = (shiftY * Double(height)).rounded(.toNearestOrEven)
    let angle = degrees * .pi / 180
    let (cosine, sine) = (cos(angle), sin(angle))
    // From a pixel of the result back to the source, in PyTorch's coordinates of −1 to 1.
    let (halfWidth, halfHeight) = (Float(width) / 2, Float(height) / 2)
    let right = (Float(cosine) / halfWidth, Float(-sine) / halfHeight)
    let down = (Float(sine) / halfWidth, Float(cosine) / halfHeight)
    let origin = (
      Float(-cosine * x - sine * y) / halfWidth, Float(sine * x - cosine * y) / halfHeight
    )
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count) { copy in
      _ = copy.initialize(from: bytes)
      for row in 0..<height {
        let v = Float(row) - (Float(height) - 1) / 2
        for column in 0..<width {
          let u = Float(column) - (Float(width) - 1) / 2
          let sourceX = (u * right.0 + v * down.0 + origin.0 + 1) * halfWidth - 0.5
          let sourceY = (u * right.1 + v * down.1 + origin.1 + 1) * halfHeight - 0.5
          let (fromX, fromY) = (nearest(sourceX), nearest(sourceY))
          let to = (row * width + column) * 3
          let isInside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height
          let from = isInside ? (fromY * width + fromX) * 3 : 0
          for channel in 0..<3 { bytes[to + channel] = isInside ? copy[from + channel] : 0 }
        }
      }
    }
  }
}

/// Luma of a pixel, cut off to a whole number: 0.2989 r + 0.587 g + 0.114 b.
private struct LumaTable {
  private let red = (0..<256).map { Double(Float($0) * 0.2989) }
  private let green = (0..<256).map { Double($0) * Double(Float(0.587)) }
  private let blue = (0..<256).map { Double($0) * Double(Float(0.114)) }

  subscript(r: UInt8, g: UInt8, b: UInt8) -> Int {
    let redAndGreen = Float(red[Int(r)] + green[Int(g)])
    return Int(Float(Double(redAndGreen) + blue[Int(b)]))
  }
}

/// a + b · c, rounded once, as PyTorch's vectorised sums are.
private func sum(_ a: Float, _ b: Float, times c: Float) -> Float {
  Float(Double(a) + Double(b) * Double(c))
}

/// Clamped and cut off.
func byte(_ value: Float) -> UInt8 { UInt8(max(0, min(255, value))) }

/// Rounded to the nearest whole number, ties to even.
private func nearest(_ value: Float) -> Int {
  // Adding and taking away 1.5 · 2^23 rounds; values are far smaller.
  Int((value + 12_582_912) - 12_582_912)
}
