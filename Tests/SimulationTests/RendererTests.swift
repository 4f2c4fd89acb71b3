import PolicyInterface
import Simulation
import Testing

@Suite struct RendererTests {
  let camera = TaskSpecification.Camera(key: "eye", name: "eye", width: 64, height: 48)

  @Test func picturesAreRightSideUp() throws {
    let world = try World(mjcf: ballScene)
    world.set(freeJoint: world.index(.joint, "ball"), position: SIMD3(0, 0, 1.1))
    world.forward()
    let image = try Renderer(world: world).picture(of: world, camera: camera)
    #expect(image.width == 64 && image.height == 48)
    // The ball is above the camera, the ground below it.
    func mean(_ rows: Range<Int>, _ channel: Int) -> Int {
      rows.reduce(0) { sum, y in
        (0..<64).reduce(sum) { $0 + Int(image.rgb[(y * 64 + $1) * 3 + channel]) }
      } / (rows.count * 64)
    }
    #expect(mean(0..<24, 0) > mean(24..<48, 0), "red is above")
    #expect(mean(24..<48, 2) > mean(0..<24, 2), "blue is below")
  }

  @Test func anyWorldOfTheSceneIsDrawnAndNoOther() throws {
    let (first, second) = (try World(mjcf: ballScene), try World(mjcf: ballScene))
    let renderer = try Renderer(world: first)
    #expect(!renderer.device.isEmpty)
    let picture = try renderer.picture(of: first, camera: camera)
    #expect(try renderer.picture(of: second, camera: camera) == picture)
    second.set(geom: second.index(.geom, "ball"), color: World.Color(0, 1, 0, 1))
    #expect(try renderer.picture(of: second, camera: camera) != picture)
    let wide = TaskSpecification.Camera(key: "eye", name: "eye", width: 1000, height: 700)
    #expect(try renderer.picture(of: first, camera: wide).rgb.count == 1000 * 700 * 3)
    #expect(try renderer.picture(of: first, camera: camera) == picture)

    let other = try World(
      mjcf: "<mujoco><worldbody><camera name='eye'/><geom size='1'/></worldbody></mujoco>")
    #expect(
      message { _ = try renderer.picture(of: other, camera: camera) }
        == "camera 'eye' cannot be drawn: this renderer was made for another scene")
    // Two renderers of one thread do not disturb each other.
    let another = try Renderer(world: other)
    _ = try another.picture(of: other, camera: camera)
    #expect(try renderer.picture(of: first, camera: camera) == picture)
  }

  @Test func withoutEGLTheMessageSaysWhatToInstall() throws {
    let world = try World(mjcf: ballScene)
    for libraries in [
      Renderer.Libraries(egl: "libNoSuchEGL.so.1"), Renderer.Libraries(openGL: "libNoSuchGL.so.1"),
    ] {
      let text = message { _ = try Renderer(world: world, libraries: libraries) }
      #expect(text.contains("libNoSuch") && text.contains("apt-get install libegl1"), "\(text)")
    }
  }

  @Test func statesAloneNeedNoEGL() throws {
    var rollout = Rollout(
      task: Endless.task(), actor: .demonstrators(.init("idle", Demonstrator())))
    rollout.makeRenderer = { try Renderer(world: $0, libraries: .init(egl: "libNoSuchEGL.so.1")) }
    var count = 0
    try rollout.run(seeds: [1, 2, 3]) { _, _ in count += 1 }
    #expect(count == 3)
    rollout.pictures = .frames
    let text = message { try rollout.run(seeds: [1, 2, 3]) { _, _ in } }
    #expect(text.hasPrefix("cameras cannot be drawn: libNoSuchEGL.so.1 cannot be loaded; install"))
  }
}
