/// Colours that instructions name objects by.
enum ObjectColor: String, CaseIterable {
  case red, green, blue, yellow

  /// The middle of what goes by this name.
  var middle: SIMD3<Float> {
    switch self {
    case .red: SIMD3(0.82, 0.12, 0.1)
    case .green: SIMD3(0.12, 0.62, 0.2)
    case .blue: SIMD3(0.12, 0.28, 0.82)
    case .yellow: SIMD3(0.92, 0.78, 0.1)
    }
  }

  /// Some shade of it.
  func shade(from random: inout RandomSource) -> World.Color {
    let spread = SIMD3<Float>(repeating: 0.06)
    return random.color(from: middle - spread, to: middle + spread)
  }

  /// So many different ones, in any order.
  static func draw(_ count: Int, from random: inout RandomSource) -> [ObjectColor] {
    Array(allCases.shuffled(using: &random).prefix(count))
  }
}

extension RandomSource {
  /// A whole number from 0 to `count` − 1.
  mutating func index(_ count: Int) -> Int { Int(uniform() * Double(count)) }
}
