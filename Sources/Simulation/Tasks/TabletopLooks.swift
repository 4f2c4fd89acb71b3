/// What the scenes of push and pick_and_place have alike, drawn anew for every episode.
extension World {
  /// Of a brightness from 0 to 1, a little blue.
  static func grey(_ brightness: Float) -> Color {
    Color(brightness, brightness, brightness + 0.03, 1)
  }

  /// The colours of the table and of the floor below it.
  func drawTable(from random: inout RandomSource) {
    set(
      geom: index(.geom, "table"),
      color: random.color(from: SIMD3(0.68, 0.6, 0.5), to: SIMD3(0.9, 0.82, 0.72)))
    set(
      geom: index(.geom, "floor"), color: World.grey(Float(random.uniform(0.2...0.5))))
  }

  /// The lamp's brightness and direction, and where the cameras are, to a centimetre.
  func drawLightAndView(_ cameras: [String], from random: inout RandomSource) {
    let lamp = index(.light, "lamp")
    set(light: lamp, diffuse: SIMD3(repeating: Float(random.uniform(0.45...0.75))))
    set(
      light: lamp, position: SIMD3(0, -0.3, 1.2),
      direction: SIMD3(random.uniform(-0.5...0.5), random.uniform(-0.2...0.5), -1))
    for name in cameras {
      let camera = index(.camera, name)
      let shift = SIMD3(
        random.uniform(-0.01...0.01), random.uniform(-0.01...0.01), random.uniform(-0.01...0.01))
      set(camera: camera, position: position(camera: camera) + shift)
    }
  }
}
