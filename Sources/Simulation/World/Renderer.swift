import CMuJoCo
public import PolicyInterface

/// Draws what the cameras of a scene see, without a display.
///
/// It draws any world of the scene that it was made for, and belongs to the thread that made it. The
/// same state gives the same pixels on one machine; another machine's graphics may differ in a few.
public final class Renderer: CameraRenderer {
  /// The libraries it is drawn with, loaded when the first renderer is made.
  public struct Libraries: Sendable, Equatable {
    public var egl: String
    public var openGL: String

    public init(egl: String = "libEGL.so.1", openGL: String = "libGL.so.1") {
      self.egl = egl
      self.openGL = openGL
    }
  }

  private let raw: OpaquePointer

  /// - Throws: `SimulationError` that says what to install where EGL, OpenGL or a device is missing.
  public init(world: World, libraries: Libraries = Libraries()) throws {
    var made: OpaquePointer?
    guard
      cmj_make_renderer(&made, world.raw, libraries.egl, libraries.openGL) == 0, let made
    else {
      throw SimulationError(
        "cameras cannot be drawn: \(World.lastError); "
          + "install EGL and Mesa (apt-get install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri), "
          + "or do without cameras, which needs neither")
    }
    raw = made
  }

  deinit { cmj_free_renderer(raw) }

  /// What it draws with, as OpenGL names it.
  public var device: String { String(cString: cmj_renderer_device(raw)) }

  /// What a camera sees now, after the last `step` or `forward` of the world.
  ///
  /// - Throws: `SimulationError` when OpenGL fails.
  public func picture(of world: World, camera: TaskSpecification.Camera) throws -> Image {
    let (width, height) = (camera.width, camera.height)
    let index = Int32(world.index(.camera, camera.name))
    var status: Int32 = 0
    let rgb = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      status = cmj_render(
        raw, world.raw, index, Int32(width), Int32(height), buffer.baseAddress)
      count = buffer.count
    }
    guard status == 0 else {
      throw SimulationError("camera '\(camera.name)' cannot be drawn: \(World.lastError)")
    }
    return Image(width: width, height: height, rgb: rgb)
  }
}

/// Whatever draws the cameras of a rollout.
public protocol CameraRenderer: AnyObject {
  func picture(of world: World, camera: TaskSpecification.Camera) throws -> Image
}
