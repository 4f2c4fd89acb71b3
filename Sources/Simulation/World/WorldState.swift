import CMuJoCo

/// Positions, velocities and what drives them.
///
/// Positions of bodies are those of the last `step` or `forward`, in the world's
/// frame. Quaternions are (w, x, y, z).
extension World {
  /// Generalised positions, all joints' one after another.
  public var jointPositions: [Double] { Array(numbers(CMJ_QPOS)) }

  /// Generalised velocities, all joints' one after another.
  public var jointVelocities: [Double] { Array(numbers(CMJ_QVEL)) }

  /// Where a hinge or slide joint is.
  public func position(joint: Int) -> Double { numbers(CMJ_QPOS)[positionAddress(joint)] }

  /// How fast a hinge or slide joint moves.
  public func velocity(joint: Int) -> Double { numbers(CMJ_QVEL)[velocityAddress(joint)] }

  /// Puts a hinge or slide joint somewhere.
  public func set(joint: Int, position: Double, velocity: Double = 0) {
    numbers(CMJ_QPOS)[positionAddress(joint)] = position
    numbers(CMJ_QVEL)[velocityAddress(joint)] = velocity
  }

  /// Puts a body with a free joint somewhere, with a linear velocity and no spin.
  public func set(
    freeJoint joint: Int, position: SIMD3<Double>,
    orientation: SIMD4<Double> = SIMD4(1, 0, 0, 0), velocity: SIMD3<Double> = .zero
  ) {
    let (positions, velocities) = (numbers(CMJ_QPOS), numbers(CMJ_QVEL))
    let (first, firstVelocity) = (positionAddress(joint), velocityAddress(joint))
    for i in 0..<3 {
      positions[first + i] = position[i]
      velocities[firstVelocity + i] = velocity[i]
      velocities[firstVelocity + 3 + i] = 0
    }
    for i in 0..<4 { positions[first + 3 + i] = orientation[i] }
  }

  /// The linear velocity of a body with a free joint.
  public func velocity(freeJoint joint: Int) -> SIMD3<Double> {
    let first = velocityAddress(joint)
    let velocities = numbers(CMJ_QVEL)
    return SIMD3(velocities[first], velocities[first + 1], velocities[first + 2])
  }

  private func positionAddress(_ joint: Int) -> Int {
    Int(cmj_joint_position_address(raw, Int32(joint)))
  }

  private func velocityAddress(_ joint: Int) -> Int {
    Int(cmj_joint_velocity_address(raw, Int32(joint)))
  }

  /// Where a body's frame is.
  public func position(body: Int) -> SIMD3<Double> { vector(CMJ_XPOS, body) }

  /// How a body's frame is turned.
  public func orientation(body: Int) -> SIMD4<Double> { quaternion(CMJ_XQUAT, body) }

  // MARK: What drives it

  /// Tells an actuator what to do from the next step on.
  public func set(actuator: Int, control: Double) { numbers(CMJ_CTRL)[actuator] = control }

  /// Moves a mocap body, which goes where it is put; a programming error for any other body.
  public func set(mocap body: Int, position: SIMD3<Double>) {
    let index = Int(cmj_mocap_index(raw, Int32(body)))
    guard index >= 0 else { fatalError("body \(body) is no mocap body") }
    set(CMJ_MOCAP_POS, index, position)
  }

  // MARK: Equalities

  /// Whether an equality constraint is on.
  public func isActive(equality: Int) -> Bool { cmj_equality_is_active(raw, Int32(equality)) != 0 }

  /// Switches an equality constraint on or off.
  public func set(equality: Int, active: Bool) {
    cmj_set_equality(raw, Int32(equality), active ? 1 : 0)
  }

  /// Switches a weld on that holds its two bodies as they are to each other now, after the last `step`
  /// or `forward`: a grasp.
  public func hold(weld: Int) { cmj_hold_weld(raw, Int32(weld)) }

  // MARK: Contacts

  /// Two geoms that touch.
  public struct Contact: Sendable, Equatable {
    /// By index.
    public let geoms: (Int, Int)
    /// Whose geoms they are.
    public let bodies: (Int, Int)
    /// Negative where they are inside each other.
    public let distance: Double
    /// Halfway between the two surfaces.
    public let position: SIMD3<Double>

    public static func == (a: Contact, b: Contact) -> Bool {
      a.geoms == b.geoms && a.distance == b.distance && a.position == b.position
    }
  }

  /// All contacts of the last `step` or `forward`.
  public var contacts: [Contact] {
    (0..<cmj_contact_count(raw)).map { index in
      var contact = cmj_contact()
      cmj_get_contact(raw, index, &contact)
      let (first, second) = (contact.geom1, contact.geom2)
      return Contact(
        geoms: (Int(first), Int(second)),
        bodies: (Int(cmj_body_of_geom(raw, first)), Int(cmj_body_of_geom(raw, second))),
        distance: contact.distance,
        position: SIMD3(contact.position.0, contact.position.1, contact.position.2))
    }
  }
}
