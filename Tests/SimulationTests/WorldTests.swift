import Simulation
import Testing

@Suite struct WorldTests {
  @Test func theSameCallsGiveTheSameNumbers() throws {
    func run() throws -> [Double] {
      let world = try World(mjcf: ballScene)
      world.set(
        freeJoint: world.index(.joint, "ball"), position: SIMD3(0, 0, 0.5),
        velocity: SIMD3(0.3, 0.2, 0))
      world.step(300)
      return world.jointPositions + world.jointVelocities
    }
    #expect(try run() == run())
  }

  @Test func aResetPutsBackWhatWasDrawnAnew() throws {
    let world = try World(mjcf: ballScene)
    let (ball, joint) = (world.index(.geom, "ball"), world.index(.joint, "ball"))
    let before = (world.jointPositions, world.size(geom: ball))
    world.set(geom: ball, size: SIMD3(0.3, 0, 0))
    world.set(freeJoint: joint, position: SIMD3(1, 1, 1))
    world.step(20)
    #expect(world.time > 0)
    world.reset()
    #expect(world.jointPositions == before.0 && world.size(geom: ball) == before.1)
    #expect(world.time == 0)
  }

  @Test func aBallComesToRestOnTheGround() throws {
    let world = try World(mjcf: ballScene)
    let ball = world.index(.body, "ball")
    world.set(freeJoint: world.index(.joint, "ball"), position: SIMD3(0, 0, 0.3))
    world.forward()
    #expect(world.contacts.isEmpty)
    world.step(1000)
    #expect(world.contacts.count == 1 && world.contacts[0].bodies == (0, ball))
    #expect(abs(world.position(body: ball).z - 0.1) < 0.002)
  }

  @Test func aSceneWithAMistakeIsAnError() {
    let text = message {
      _ = try World(mjcf: "<mujoco><worldbody><geom typ='box'/></worldbody></mujoco>")
    }
    #expect(text.hasPrefix("the scene cannot be compiled: ") && text.contains("typ"))
    #expect(!text.contains("\n"))
  }

  @Test func numbersThatAreNoneStopTheWorld() throws {
    let world = try World(mjcf: ballScene)
    world.set(freeJoint: world.index(.joint, "ball"), position: SIMD3(.nan, 0, 0))
    world.step(10)
    #expect(world.problem?.hasPrefix("the physics diverged at ") == true)
    let time = world.time
    world.step(10)
    #expect(world.time == time)
    world.reset()
    world.step(10)
    #expect(world.problem == nil && world.time > 0)
  }

  @Test func anErrorOfMuJoCoDoesNotEndTheProcess() throws {
    // No room for what twenty balls in a heap need.
    let balls = (0..<20).map {
      "<body pos='0 0 \(0.1 * Double($0))'><freejoint/><geom size='0.1'/></body>"
    }
    let text = message {
      let world = try World(
        mjcf: "<mujoco><size memory='6K'/><worldbody>\(balls.joined())</worldbody></mujoco>")
      world.step(3)
      throw SimulationError(world.problem ?? "no problem")
    }
    #expect(text.contains("MuJoCo") || text.contains("compiled"), "\(text)")
    #expect(text.contains("memory") || text.contains("stack"), "\(text)")
  }

  @Test func aWeldHoldsTwoBodiesAsTheyAre() throws {
    let world = try World(
      mjcf: """
        <mujoco>
          <worldbody>
            <body name="hand" mocap="true" pos="0 0 1"/>
            <body name="thing" pos="0.2 0.1 0.9">
              <freejoint name="thing"/><geom size="0.05" mass="0.1"/>
            </body>
          </worldbody>
          <equality><weld name="grip" body1="hand" body2="thing" active="false"/></equality>
        </mujoco>
        """)
    let (hand, thing) = (world.index(.body, "hand"), world.index(.body, "thing"))
    let grip = world.index(.equality, "grip")
    world.set(
      freeJoint: world.index(.joint, "thing"), position: SIMD3(0.2, 0.1, 0.9),
      orientation: SIMD4(0.8, 0.6, 0, 0))
    world.forward()
    world.hold(weld: grip)
    #expect(world.isActive(equality: grip))
    world.step(200)
    let turned = world.orientation(body: thing) - SIMD4(0.8, 0.6, 0, 0)
    #expect((turned * turned).sum() < 1e-4)
    for i in 1...100 {
      world.set(mocap: hand, position: SIMD3(0, 0, 1 + 0.002 * Double(i)))
      world.step(5)
    }
    let off = world.position(body: thing) - SIMD3(0.2, 0.1, 1.1)
    #expect((off * off).sum().squareRoot() < 0.01)
    world.set(equality: grip, active: false)
    world.step(100)
    #expect(world.position(body: thing).z < 1.0)
  }
}
