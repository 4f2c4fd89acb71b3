import CMuJoCo

/// A scene with its physics, from MJCF text.
///
/// The same calls after the same `reset` give the same numbers to the bit. A world belongs to one
/// thread at a time. Lengths are in metres, angles in radians, times in seconds, masses in kilograms.
///
/// Elements of the scene are addressed by their index of a kind, looked up once by name:
/// ```swift
/// let world = try World(mjcf: scene)
/// let cube = world.index(.body, "cube")
/// world.step(10)
/// print(world.position(body: cube))
/// ```
public final class World {
  /// Kinds of named elements of a scene.
  public enum Kind: Sendable, CaseIterable {
    case body, joint, geom, camera, light, equality, actuator

    var raw: cmj_kind {
      switch self {
      case .body: CMJ_BODY
      case .joint: CMJ_JOINT
      case .geom: CMJ_GEOM
      case .camera: CMJ_CAMERA
      case .light: CMJ_LIGHT
      case .equality: CMJ_EQUALITY
      case .actuator: CMJ_ACTUATOR
      }
    }
  }

  let raw: OpaquePointer
  /// The scene as it was given.
  public let mjcf: String
  /// Why the episode at hand is worth nothing: MuJoCo's warning about numbers that are none, a
  /// singular mass or lack of room; nil as long as all is well. `reset` forgets it.
  public private(set) var problem: String?

  /// Compiles a scene.
  ///
  /// - Throws: `SimulationError` with MuJoCo's message, which names the element at fault.
  public init(mjcf: String) throws {
    var made: OpaquePointer?
    guard cmj_load(&made, mjcf) == 0, let made else {
      throw SimulationError("the scene cannot be compiled: \(World.lastError)")
    }
    raw = made
    self.mjcf = mjcf
  }

  deinit { cmj_free(raw) }

  /// The version of the physics engine, as "3.8.1".
  public static var engineVersion: String { String(cString: cmj_version()) }

  static var lastError: String { String(cString: cmj_last_error()) }

  /// The index of a named element; a programming error when there is none.
  public func index(_ kind: Kind, _ name: String) -> Int {
    let index = Int(cmj_index(raw, kind.raw, name))
    guard index >= 0 else {
      let names = (0..<count(kind)).map { String(cString: cmj_name(raw, kind.raw, Int32($0))) }
      fatalError("the scene has no \(kind) '\(name)', only \(names)")
    }
    return index
  }

  /// How many elements of a kind there are.
  public func count(_ kind: Kind) -> Int { Int(cmj_count(raw, kind.raw)) }

  // MARK: Time

  /// Seconds since `reset`.
  public var time: Double { cmj_time(raw) }

  /// Puts everything back to how it was loaded: state, controls, and what was drawn anew.
  public func reset() {
    problem = nil
    note(cmj_reset(raw))
  }

  /// Works out poses and contacts after positions were set, without time passing.
  public func forward() {
    note(cmj_forward(raw))
  }

  /// Lets `count` physics steps pass; none once there is a `problem`.
  public func step(_ count: Int = 1) {
    guard problem == nil else { return }
    var done: Int32 = 0
    note(cmj_step(raw, Int32(count), &done))
  }

  private func note(_ status: Int32) {
    if status != 0 {
      problem = "MuJoCo stopped: \(World.lastError)"
    } else if problem == nil, let warning = cmj_warning(raw) {
      problem = "the physics diverged at \(time) s: \(String(cString: warning))"
    }
  }

  // MARK: Numbers

  /// Numbers that live in the scene, to read and to write.
  func numbers(_ which: cmj_numbers) -> UnsafeMutableBufferPointer<Double> {
    var count: Int32 = 0
    let start = cmj_array(raw, which, &count)
    return UnsafeMutableBufferPointer(start: start, count: Int(count))
  }

  func colors(_ which: cmj_colors) -> UnsafeMutableBufferPointer<Float> {
    var count: Int32 = 0
    let start = cmj_color_array(raw, which, &count)
    return UnsafeMutableBufferPointer(start: start, count: Int(count))
  }

  func vector(_ which: cmj_numbers, _ index: Int) -> SIMD3<Double> {
    let all = numbers(which)
    return SIMD3(all[3 * index], all[3 * index + 1], all[3 * index + 2])
  }

  func set(_ which: cmj_numbers, _ index: Int, _ value: SIMD3<Double>) {
    let all = numbers(which)
    for i in 0..<3 { all[3 * index + i] = value[i] }
  }

  func quaternion(_ which: cmj_numbers, _ index: Int) -> SIMD4<Double> {
    let all = numbers(which)
    return SIMD4(all[4 * index], all[4 * index + 1], all[4 * index + 2], all[4 * index + 3])
  }

  func set(_ which: cmj_numbers, _ index: Int, _ value: SIMD4<Double>) {
    let all = numbers(which)
    for i in 0..<4 { all[4 * index + i] = value[i] }
  }
}
