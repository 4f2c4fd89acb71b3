extension PickAndPlace {
  /// Metres: half sizes of the table, a can's radius and half height.
  static let tableHalf = SIMD2(0.27, 0.22)
  static let canRadius = 0.02, canHalfHeight = 0.025
  /// Metres: half the width of a bin, height of its rim, where the bins' middles are.
  static let binHalf = 0.065, rim = 0.04
  static let binPlaces = [SIMD2(-0.13, 0.125), SIMD2(0.13, 0.125)]
  /// Metres: how far a finger opens, and half the length of it that holds something.
  static let opening = 0.042, fingerHalf = 0.012

  private static func bin(_ name: String, at place: SIMD2<Double>) -> String {
    let walls = [("west", -1.0, 0.0), ("east", 1, 0), ("south", 0, -1), ("north", 0, 1)].map {
      (side, x, y) in
      """
          <geom name="\(name) \(side)" class="bin" pos="\(x * binHalf) \(y * binHalf) \(rim / 2)"
            size="\(x == 0 ? binHalf : 0.004) \(y == 0 ? binHalf : 0.004) \(rim / 2)"/>
      """
    }
    return """
      <body name="\(name)" pos="\(place.x) \(place.y) 0">
        <geom name="\(name) floor" class="bin" pos="0 0 0.002" size="\(binHalf) \(binHalf) 0.002"/>
        \(walls.joined(separator: "\n"))
      </body>
      """
  }

  private static func can(_ index: Int) -> String {
    """
    <body name="can \(index)" pos="\(Double(index) * 0.15 - 0.15) -0.1 \(canHalfHeight)">
      <freejoint name="can \(index)"/>
      <geom name="can \(index)" class="can"/>
    </body>
    """
  }

  private static func finger(_ name: String, side: Double) -> String {
    """
    <body name="\(name) finger" pos="\(side * 0.005) 0 0.02" gravcomp="1">
      <joint name="\(name) finger" type="slide" axis="\(side) 0 0" range="0 \(opening)"/>
      <geom name="\(name) finger" class="finger"/>
    </body>
    """
  }

  /// A table with three cans and two bins, under a gantry: three slides that carry a gripper with two
  /// fingers, which move together. Cans are held by friction alone.
  ///
  /// What cans stand on is a plane, three times as fast as the table's box and invisible: an episode is
  /// over before one would be seen beyond the edge.
  static let mjcf = """
    <mujoco model="pick_and_place">
      <option timestep="0.005" integrator="implicitfast" cone="elliptic" impratio="10"/>
      <visual>
        <quality shadowsize="0" offsamples="0" numslices="16" numstacks="8"/>
        <global offwidth="128" offheight="128"/>
        <headlight ambient="0.3 0.3 0.3" diffuse="0.25 0.25 0.25" specular="0 0 0"/>
        <map znear="0.05" zfar="20"/>
      </visual>
      <default>
        <default class="can">
          <geom type="cylinder" size="\(canRadius) \(canHalfHeight)" mass="0.05" condim="4"
            friction="0.35 0.005 0.0005" rgba="0.82 0.12 0.1 1"/>
        </default>
        <default class="bin">
          <geom type="box" rgba="0.5 0.5 0.55 1" friction="0.5 0.005 0.0001"/>
        </default>
        <default class="finger">
          <geom type="box" size="0.005 \(fingerHalf) 0.025" mass="0.05" condim="4"
            friction="0.35 0.005 0.0005" rgba="0.2 0.2 0.22 1"/>
        </default>
      </default>
      <worldbody>
        <light name="lamp" directional="true" pos="0 -0.3 1.2" dir="-0.15 0.25 -1"
          diffuse="0.6 0.6 0.6" specular="0.1 0.1 0.1"/>
        <camera name="front" pos="0 -0.52 0.5" xyaxes="1 0 0 0 0.68 0.73" fovy="48"/>
        <camera name="side" pos="0.6 -0.1 0.4" xyaxes="0.1 1 0 -0.55 0.055 0.83" fovy="50"/>
        <geom name="floor" type="plane" size="9 9 0.1" pos="0 0 -0.4" rgba="0.4 0.4 0.42 1"
          contype="0" conaffinity="0"/>
        <geom name="table" type="box" size="\(tableHalf.x) \(tableHalf.y) 0.02" pos="0 0 -0.02"
          rgba="0.8 0.72 0.6 1" contype="0" conaffinity="0"/>
        <geom name="surface" type="plane" size="1 1 0.1" rgba="0 0 0 0"
          friction="0.5 0.005 0.0001"/>
        \(bin("left bin", at: binPlaces[0]))
        \(bin("right bin", at: binPlaces[1]))
        \((0..<3).map(can).joined(separator: "\n"))
        <body name="gripper" gravcomp="1">
          <joint name="x" type="slide" axis="1 0 0"/>
          <joint name="y" type="slide" axis="0 1 0"/>
          <joint name="z" type="slide" axis="0 0 1"/>
          <geom name="palm" type="box" size="0.054 0.016 0.01" pos="0 0 0.056" mass="0.4"
            rgba="0.35 0.35 0.38 1"/>
          <geom name="column" type="cylinder" size="0.012 0.2" pos="0 0 0.26" mass="0.1"
            rgba="0.7 0.7 0.72 1" contype="0" conaffinity="0"/>
          \(finger("west", side: -1))
          \(finger("east", side: 1))
        </body>
      </worldbody>
      <equality>
        <joint joint1="west finger" joint2="east finger"/>
      </equality>
      <actuator>
        <position name="x" joint="x" kp="1000" dampratio="1" forcerange="-40 40"/>
        <position name="y" joint="y" kp="1000" dampratio="1" forcerange="-40 40"/>
        <position name="z" joint="z" kp="1000" dampratio="1" forcerange="-20 20"/>
        <position name="west finger" joint="west finger" kp="300" dampratio="1"
          forcerange="-4 4"/>
        <position name="east finger" joint="east finger" kp="300" dampratio="1"
          forcerange="-4 4"/>
      </actuator>
    </mujoco>
    """

  /// What may look different in every episode, but the cans' colours by name.
  func drawLooks(of colors: [ObjectColor], from random: inout RandomSource) {
    for (index, color) in colors.enumerated() {
      world.set(
        geom: world.index(.geom, "can \(index)"), color: color.shade(from: &random))
    }
    world.drawTable(from: &random)
    for bin in ["left bin", "right bin"] {
      let grey = Float(random.uniform(0.4...0.65))
      for part in ["floor", "west", "east", "south", "north"] {
        // The inside is darker than the walls.
        let shade = part == "floor" ? 0.6 * grey : grey
        world.set(
          geom: world.index(.geom, "\(bin) \(part)"),
          color: World.grey(shade))
      }
    }
    let grey = Float(random.uniform(0.15...0.4))
    for part in ["palm", "west finger", "east finger"] {
      world.set(geom: world.index(.geom, part), color: World.grey(grey))
    }
    world.drawLightAndView(["front", "side"], from: &random)
  }
}
