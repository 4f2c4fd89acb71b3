extension Carry {
  /// Metres: height of the pads, room below the object while it is held, half size of the object.
  static let padHeight = 0.08
  static let clearance = 0.012
  static let halfSize = 0.025
  static let padRadius = 0.06
  /// Where the object's middle is while it is held.
  static let carryHeight = padHeight + clearance + halfSize

  /// A gantry over a table: a gripper on two slides that holds an object by a weld, the pad where it was
  /// taken from and the pad where it is to go.
  static let mjcf = """
    <mujoco model="carry">
      <option timestep="0.005" integrator="implicitfast" cone="pyramidal"/>
      <visual>
        <quality shadowsize="0" offsamples="0" numslices="12" numstacks="6"/>
        <global offwidth="128" offheight="128"/>
        <headlight ambient="0.25 0.25 0.25" diffuse="0.2 0.2 0.2" specular="0 0 0"/>
        <map znear="0.05" zfar="20"/>
      </visual>
      <worldbody>
        <light name="lamp" pos="0 -0.3 1.6" dir="0 0.2 -1" diffuse="0.6 0.6 0.6"
          specular="0.1 0.1 0.1"/>
        <camera name="top" pos="0 0 1.35" xyaxes="1 0 0 0 1 0" fovy="45"/>
        <camera name="front" pos="0 -0.95 0.6" xyaxes="1 0 0 0 0.52 0.854" fovy="50"/>
        <geom name="floor" type="plane" size="2 2 0.1" pos="0 0 -0.3" rgba="0.3 0.3 0.33 1"
          contype="0" conaffinity="0"/>
        <geom name="table" type="box" size="0.52 0.38 0.02" pos="0 0 -0.02"
          rgba="0.72 0.6 0.46 1" friction="0.8 0.01 0.001"/>
        <body name="start" pos="-0.32 0 0">
          <geom name="start" type="cylinder" size="\(padRadius) \(padHeight / 2)"
            pos="0 0 \(padHeight / 2)" rgba="0.45 0.45 0.5 1" friction="0.8 0.01 0.001"/>
        </body>
        <body name="goal" pos="0.32 0 0">
          <geom name="goal" type="cylinder" size="\(padRadius) \(padHeight / 2)"
            pos="0 0 \(padHeight / 2)" rgba="0.2 0.7 0.3 1" friction="0.8 0.01 0.001"/>
        </body>
        <body name="gripper" pos="0 0 \(carryHeight)" gravcomp="1">
          <joint name="x" type="slide" axis="1 0 0"/>
          <joint name="y" type="slide" axis="0 1 0"/>
          <geom name="palm" type="box" size="0.045 0.018 0.012" pos="0 0 0.05" mass="0.5"
            rgba="0.25 0.25 0.28 1" contype="0" conaffinity="0"/>
          <geom name="left" type="box" size="0.006 0.014 0.03" pos="-0.034 0 0.015" mass="0.1"
            rgba="0.25 0.25 0.28 1" contype="0" conaffinity="0"/>
          <geom name="right" type="box" size="0.006 0.014 0.03" pos="0.034 0 0.015" mass="0.1"
            rgba="0.25 0.25 0.28 1" contype="0" conaffinity="0"/>
          <geom name="rod" type="cylinder" size="0.012 0.12" pos="0 0 0.18" mass="0.3"
            rgba="0.55 0.55 0.6 1" contype="0" conaffinity="0"/>
        </body>
        <body name="object" pos="0 0 \(carryHeight)">
          <freejoint name="object"/>
          <geom name="block" type="box" size="\(halfSize) \(halfSize) \(halfSize)" mass="0.1"
            rgba="0.8 0.2 0.2 1" friction="0.8 0.01 0.001"/>
          <geom name="can" type="cylinder" size="\(halfSize) \(halfSize)" mass="0"
            rgba="0.8 0.2 0.2 0" contype="0" conaffinity="0"/>
        </body>
      </worldbody>
      <equality>
        <weld name="grip" body1="gripper" body2="object" active="false" solref="0.01 1"
          solimp="0.95 0.99 0.001"/>
      </equality>
      <actuator>
        <velocity name="x" joint="x" kv="200"/>
        <velocity name="y" joint="y" kv="200"/>
      </actuator>
    </mujoco>
    """

  /// What may look different in every episode.
  func drawLooks(from random: inout RandomSource) {
    let isCan = random.uniform() < 0.5
    var color = random.color(from: SIMD3(0.1, 0.1, 0.1), to: SIMD3(0.95, 0.5, 0.95))
    color[Int(random.uniform() * 3)] = 0.9
    var hidden = color
    hidden[3] = 0
    world.set(geom: block, color: isCan ? hidden : color)
    world.set(geom: can, color: isCan ? color : hidden)
    let scale = random.uniform(0.85...1)
    world.set(geom: can, size: SIMD3(Carry.halfSize * scale, Carry.halfSize, 0))
    let wood = Float(random.uniform(0.75...1.15))
    world.set(
      geom: table, color: World.Color(0.72 * wood, 0.6 * wood, 0.46 * wood, 1))
    world.set(
      geom: pads.goal, color: random.color(from: SIMD3(0.1, 0.55, 0.15), to: SIMD3(0.3, 0.8, 0.4)))
    let grey = Float(random.uniform(0.35...0.55))
    world.set(geom: pads.start, color: World.Color(grey, grey, grey + 0.04, 1))
    let bright = Float(random.uniform(0.45...0.75))
    world.set(light: lamp, diffuse: SIMD3(repeating: bright))
    world.set(
      light: lamp,
      position: SIMD3(random.uniform(-0.4...0.4), random.uniform(-0.6...0.1), 1.6),
      direction: SIMD3(random.uniform(-0.2...0.2), random.uniform(0...0.3), -1))
  }
}
