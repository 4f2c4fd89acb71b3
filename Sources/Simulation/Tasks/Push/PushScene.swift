extension Push {
  /// Metres: half sizes of the table and of the blocks, and the pusher's radius.
  static let tableHalf = 0.25
  static let blockHalf = 0.025, blockHalfHeight = 0.02
  static let pusherRadius = 0.014

  /// A table with two blocks that slide on it, a marked place, and an upright rod on two slides.
  static let mjcf = """
    <mujoco model="push">
      <option timestep="0.005" integrator="implicitfast" cone="elliptic" impratio="3"/>
      <visual>
        <quality shadowsize="0" offsamples="0" numslices="16" numstacks="8"/>
        <global offwidth="128" offheight="128"/>
        <headlight ambient="0.3 0.3 0.3" diffuse="0.25 0.25 0.25" specular="0 0 0"/>
        <map znear="0.05" zfar="20"/>
      </visual>
      <default>
        <geom solref="0.01 1" friction="0.4 0.005 0.0001"/>
        <default class="block">
          <geom type="box" size="\(blockHalf) \(blockHalf) \(blockHalfHeight)" mass="0.08"/>
        </default>
        <default class="mark">
          <geom type="cylinder" contype="0" conaffinity="0"/>
        </default>
      </default>
      <worldbody>
        <light name="lamp" directional="true" pos="0 -0.3 1.2" dir="-0.15 0.25 -1"
          diffuse="0.6 0.6 0.6" specular="0.1 0.1 0.1"/>
        <camera name="top" pos="0 0 0.72" xyaxes="1 0 0 0 1 0" fovy="45"/>
        <camera name="front" pos="0 -0.56 0.46" xyaxes="1 0 0 0 0.66 0.75" fovy="48"/>
        <geom name="floor" type="plane" size="9 9 0.1" pos="0 0 -0.4" rgba="0.4 0.4 0.42 1"/>
        <geom name="table" type="box" size="\(tableHalf) \(tableHalf) 0.02" pos="0 0 -0.02"
          rgba="0.8 0.72 0.6 1"/>
        <body name="goal">
          <geom name="mark" class="mark" size="0.036 0.0005" pos="0 0 0.0006"
            rgba="0.97 0.97 0.97 1"/>
          <geom name="inside" class="mark" size="0.027 0.0005" pos="0 0 0.0013"
            rgba="0.2 0.2 0.2 1"/>
        </body>
        <body name="pusher" pos="0 0 0.04">
          <joint name="x" type="slide" axis="1 0 0" range="-0.3 0.3"/>
          <joint name="y" type="slide" axis="0 1 0" range="-0.3 0.3"/>
          <geom name="pusher" type="cylinder" size="\(pusherRadius) 0.035" mass="0.5"
            rgba="0.3 0.3 0.33 1"/>
        </body>
        <body name="block 0" pos="0.1 0 \(blockHalfHeight)">
          <freejoint name="block 0"/>
          <geom name="block 0" class="block" rgba="0.82 0.12 0.1 1"/>
        </body>
        <body name="block 1" pos="-0.1 0 \(blockHalfHeight)">
          <freejoint name="block 1"/>
          <geom name="block 1" class="block" rgba="0.12 0.28 0.82 1"/>
        </body>
      </worldbody>
      <actuator>
        <velocity name="x" joint="x" kv="100"/>
        <velocity name="y" joint="y" kv="100"/>
      </actuator>
    </mujoco>
    """

  /// What may look different in every episode, but the blocks' colours by name.
  func drawLooks(of colors: [ObjectColor], from random: inout RandomSource) {
    for (block, color) in zip(blockGeoms, colors) {
      world.set(geom: block, color: color.shade(from: &random))
    }
    world.drawTable(from: &random)
    let grey = Float(random.uniform(0.2...0.5))
    world.set(geom: world.index(.geom, "pusher"), color: World.grey(grey))
    world.drawLightAndView(["top", "front"], from: &random)
  }
}
