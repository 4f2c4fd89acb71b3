extension FramePixels {
  /// Turns every pixel's hue by a share of the colour circle, through HSV.
  ///
  /// As torchvision's `adjust_hue` on uint8: values of 0 to 1 in `Float`, and back by cutting off
  /// 255.999 times the value.
  func turnHue(_ turns: Double) {
    let turns = Float(turns)
    for pixel in stride(from: 0, to: bytes.count, by: 3) {
      let r = Float(bytes[pixel]) * (1 / 255)
      let g = Float(bytes[pixel + 1]) * (1 / 255)
      let b = Float(bytes[pixel + 2]) * (1 / 255)
      let high = max(r, max(g, b))
      let low = min(r, min(g, b))
      var hue: Float = 0
      var saturation: Float = 0
      if high != low {
        let range = high - low
        saturation = range / high
        let (fromR, fromG, fromB) = ((high - r) / range, (high - g) / range, (high - b) / range)
        let sixths: Float =
          if high == r { fromB - fromG } else if high == g {
            fromR + 2 - fromB
          } else {
            fromG + 4 - fromR
          }
        hue = sixths * (1 / 6) + 1
        if hue >= 1 { hue -= 1 }
      }
      hue += turns
      if hue >= 1 { hue -= 1 } else if hue < 0 { hue += 1 }

      let sixths = hue * 6
      let sector = Int(sixths)
      let within = sixths - Float(sector)
      let p = clamped((1 - saturation) * high)
      let q = clamped((1 - saturation * within) * high)
      let t = clamped((saturation * within + (1 - saturation)) * high)
      let (red, green, blue) =
        switch sector {
        case 1: (q, high, p)
        case 2: (p, high, t)
        case 3: (p, q, high)
        case 4: (t, p, high)
        case 5: (high, p, q)
        default: (high, t, p)
        }
      bytes[pixel] = UInt8(red * 255.999)
      bytes[pixel + 1] = UInt8(green * 255.999)
      bytes[pixel + 2] = UInt8(blue * 255.999)
    }
  }

  private func clamped(_ value: Float) -> Float { max(0, min(1, value)) }
}
