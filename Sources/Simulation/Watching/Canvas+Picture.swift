package import PolicyInterface

extension Canvas {
  /// Draws a picture in a rectangle of the canvas, enlarged or reduced bilinearly.
  ///
  /// Pixels' middles are mapped to each other, as OpenCV does; what lies outside the picture
  /// continues its border.
  package mutating func draw(_ picture: Image, x: Int, y: Int, width: Int, height: Int) {
    guard picture.width > 0, picture.height > 0 else { return }
    let columns = Canvas.weights(picture.width, to: width)
    let rows = Canvas.weights(picture.height, to: height)
    let visible = max(0, -x)..<max(0, -x, min(width, self.width - x))
    let canvasWidth = self.width
    let stride = picture.width * 3
    rgb.withUnsafeMutableBufferPointer { target in
      picture.rgb.withUnsafeBufferPointer { source in
        for row in max(0, -y)..<max(0, -y, min(height, self.height - y)) {
          let (top, bottom) = (rows[row].first * stride, rows[row].second * stride)
          let lower = rows[row].share
          for column in visible {
            let weight = columns[column]
            let (left, right) = (weight.first * 3, weight.second * 3)
            let place = ((y + row) * canvasWidth + x + column) * 3
            for channel in 0..<3 {
              let above = mix(
                Int(source[top + left + channel]), Int(source[top + right + channel]),
                weight.share)
              let below = mix(
                Int(source[bottom + left + channel]), Int(source[bottom + right + channel]),
                weight.share)
              target[place + channel] = UInt8((mix(above, below, lower) + 1 << 15) >> 16)
            }
          }
        }
      }
    }

    /// 256 times the mean of `a` and `b`, with `share` / 256 of `b`.
    func mix(_ a: Int, _ b: Int, _ share: Int) -> Int { a * (256 - share) + b * share }
  }

  /// For each place of the target: two places of the source, and how much of 256 the second gets.
  private static func weights(
    _ source: Int, to target: Int
  ) -> [(first: Int, second: Int, share: Int)] {
    (0..<target).map { place in
      let middle = (Double(place) + 0.5) * Double(source) / Double(target) - 0.5
      let inside = min(max(middle, 0), Double(source - 1))
      let first = Int(inside)
      return (first, min(first + 1, source - 1), Int(((inside - Double(first)) * 256).rounded()))
    }
  }
}
