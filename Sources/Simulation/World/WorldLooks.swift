import CMuJoCo

/// What a task may draw anew for every episode; `reset` puts it all back.
extension World {
  /// Red, green, blue and opacity, each from 0 to 1.
  public typealias Color = SIMD4<Float>

  /// Paints a geom that has no material.
  public func set(geom: Int, color: Color) {
    let all = colors(CMJ_GEOM_RGBA)
    for i in 0..<4 { all[4 * geom + i] = color[i] }
  }

  /// A light's colour, with its brightness in it.
  public func set(light: Int, diffuse: SIMD3<Float>) {
    for i in 0..<3 { colors(CMJ_LIGHT_DIFFUSE)[3 * light + i] = diffuse[i] }
  }

  /// Where a light is, and where it shines.
  public func set(light: Int, position: SIMD3<Double>, direction: SIMD3<Double>) {
    set(CMJ_LIGHT_POS, light, position)
    set(CMJ_LIGHT_DIR, light, direction)
  }

  /// Where a body without joints is within its parent.
  public func set(fixedBody body: Int, position: SIMD3<Double>) {
    set(CMJ_BODY_POS, body, position)
  }

  /// A geom's half sizes, or radius and half length, as MJCF has them; mass and inertia stay.
  public func set(geom: Int, size: SIMD3<Double>) { set(CMJ_GEOM_SIZE, geom, size) }

  /// A geom's half sizes, or radius and half length.
  public func size(geom: Int) -> SIMD3<Double> { vector(CMJ_GEOM_SIZE, geom) }

  /// Where a camera is within its body.
  public func position(camera: Int) -> SIMD3<Double> { vector(CMJ_CAM_POS, camera) }

  /// Moves a camera within its body.
  public func set(camera: Int, position: SIMD3<Double>) { set(CMJ_CAM_POS, camera, position) }
}
