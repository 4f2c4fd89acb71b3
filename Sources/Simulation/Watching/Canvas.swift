/// A colour of 8 bits a channel.
package struct Color: Sendable, Equatable {
  package var red, green, blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// So much of this colour, the rest of the other: 1 is all of this one.
  func mixed(_ share: Double, with other: Color) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) * share + Double(b) * (1 - share)).rounded())
    }
    return Color(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}

/// Pixels to draw on; what lies outside is not drawn.
package struct Canvas: Sendable {
  package let width: Int
  package let height: Int
  /// [height, width, 3], row by row, red first.
  package var rgb: [UInt8]

  package init(width: Int, height: Int, color: Color) {
    (self.width, self.height) = (width, height)
    rgb = Array(repeating: 0, count: width * height * 3)
    fill(x: 0, y: 0, width: width, height: height, color)
  }

  package subscript(x: Int, y: Int) -> Color {
    get {
      let place = (y * width + x) * 3
      return Color(rgb[place], rgb[place + 1], rgb[place + 2])
    }
    set {
      let place = (y * width + x) * 3
      rgb[place] = newValue.red
      rgb[place + 1] = newValue.green
      rgb[place + 2] = newValue.blue
    }
  }

  /// Fills a rectangle; with an opacity below 1, what was there shines through.
  package mutating func fill(
    x: Int, y: Int, width: Int, height: Int, _ color: Color, opacity: Double = 1
  ) {
    let columns = max(0, x)..<max(0, x, min(self.width, x + width))
    for row in max(0, y)..<max(0, y, min(self.height, y + height)) {
      for column in columns {
        self[column, row] = opacity < 1 ? color.mixed(opacity, with: self[column, row]) : color
      }
    }
  }

  /// Draws a smooth line with round ends. Coordinates are those of the pixels' corners: a
  /// horizontal line of thickness 2 at y = 5 fills the rows 4 and 5.
  package mutating func line(
    from start: SIMD2<Double>, to end: SIMD2<Double>, thickness: Double, _ color: Color
  ) {
    let reach = thickness / 2 + 1
    let along = end - start
    let squaredLength = (along * along).sum()
    let lower = pointwiseMin(start, end) - reach
    let upper = pointwiseMax(start, end) + reach
    let columns = max(0, Int(max(lower.x, 0)))..<max(0, min(width, Int(max(upper.x, 0)) + 1))
    let rows = max(0, Int(max(lower.y, 0)))..<max(0, min(height, Int(max(upper.y, 0)) + 1))
    for row in rows {
      for column in columns {
        let offset = SIMD2(Double(column) + 0.5, Double(row) + 0.5) - start
        let share =
          squaredLength > 0 ? min(1, max(0, (offset * along).sum() / squaredLength)) : 0
        let gap = offset - share * along
        let coverage = thickness / 2 + 0.5 - (gap * gap).sum().squareRoot()
        guard coverage > 0 else { continue }
        self[column, row] = color.mixed(min(1, coverage), with: self[column, row])
      }
    }
  }

  /// Writes one line of text; `x` and `y` are its upper left corner, a letter takes 6 × 8 pixels
  /// times `scale`.
  package mutating func text(_ text: String, x: Int, y: Int, scale: Int, _ color: Color) {
    for (place, character) in text.enumerated() {
      let left = x + place * BitmapFont.advance * scale
      for column in 0..<BitmapFont.width {
        for row in 0..<BitmapFont.height
        where BitmapFont.hasInk(character, column: column, row: row) {
          fill(x: left + column * scale, y: y + row * scale, width: scale, height: scale, color)
        }
      }
    }
  }

  /// The width of a text in pixels.
  package static func width(of text: String, scale: Int) -> Int {
    max(0, text.count * BitmapFont.advance - 1) * scale
  }
}
