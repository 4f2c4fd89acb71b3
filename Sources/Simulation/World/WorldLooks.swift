import CMuJoCo

/// What a task may draw anew for every episode; `reset` puts it all back.
extension World {
  /// Red, green, blue and opacity, each from 0 to 1.
  public typealias Color = SIMD4<Float>

  /// Paints a geom that has no material.
  public func set(geom: Int, color: Color) { set(CMJ_GEOM_RGBA, geom, color) }

  /// Paints a site that has no material.
  public func set(site: Int, color: Color) { set(CMJ_SITE_RGBA, site, color) }

  /// Paints whatever is made of a material.
  public func set(material: Int, color: Color) { set(CMJ_MAT_RGBA, material, color) }

  private func set(_ which: cmj_colors, _ index: Int, _ color: Color) {
    let all = colors(which)
    for i in 0..<4 { all[4 * index + i] = color[i] }
  }

  /// A light's colour, with its brightness in it, and the part of it that comes from everywhere.
  public func set(light: Int, diffuse: SIMD3<Float>, ambient: SIMD3<Float>? = nil) {
    for i in 0..<3 {
      colors(CMJ_LIGHT_DIFFUSE)[3 * light + i] = diffuse[i]
      if let ambient { colors(CMJ_LIGHT_AMBIENT)[3 * light + i] = ambient[i] }
    }
  }

  /// Where a light is, and where it shines.
  public func set(light: Int, position: SIMD3<Double>, direction: SIMD3<Double>) {
    set(CMJ_LIGHT_POS, light, position)
    set(CMJ_LIGHT_DIR, light, direction)
  }

  /// Where a body without joints is within its parent.
  public func set(
    fixedBody body: Int, position: SIMD3<Double>, orientation: SIMD4<Double>? = nil
  ) {
    set(CMJ_BODY_POS, body, position)
    if let orientation { set(CMJ_BODY_QUAT, body, orientation) }
  }

  /// Where a geom is within its body.
  public func set(geom: Int, position: SIMD3<Double>) { set(CMJ_GEOM_POS, geom, position) }

  /// A geom's half sizes, or radius and half length, as MJCF has them; mass and inertia stay.
  public func set(geom: Int, size: SIMD3<Double>) { set(CMJ_GEOM_SIZE, geom, size) }

  /// A geom's half sizes, or radius and half length.
  public func size(geom: Int) -> SIMD3<Double> { vector(CMJ_GEOM_SIZE, geom) }

  /// Sliding, torsional and rolling friction.
  public func set(geom: Int, friction: SIMD3<Double>) { set(CMJ_GEOM_FRICTION, geom, friction) }

  /// Where a site is within its body.
  public func set(site: Int, position: SIMD3<Double>) { set(CMJ_SITE_POS, site, position) }

  /// Where a camera is within its body.
  public func position(camera: Int) -> SIMD3<Double> { vector(CMJ_CAM_POS, camera) }

  /// Moves a camera within its body, or zooms; its vertical field of view in degrees.
  public func set(camera: Int, position: SIMD3<Double>? = nil, fieldOfView: Double? = nil) {
    if let position { set(CMJ_CAM_POS, camera, position) }
    if let fieldOfView { numbers(CMJ_CAM_FOVY)[camera] = fieldOfView }
  }
}
