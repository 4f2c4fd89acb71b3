"""Times a scene in MuJoCo's own Python package, at rest and with nobody acting.

    python simulate.py SCENE --seconds S          control steps of S seconds each
    python simulate.py SCENE --cameras NAME…      a picture of 128 x 128 from each camera

Reads a number a line, and for each runs so many and prints {"seconds": [one each]}.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("MUJOCO_GL", "egl")
import mujoco  # noqa: E402  MUJOCO_GL is read when it is imported.


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("scene")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--cameras", nargs="+")
    arguments = parser.parse_args()
    model = mujoco.MjModel.from_xml_path(arguments.scene)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    if arguments.cameras:
        renderer = mujoco.Renderer(model, height=128, width=128)
    steps = round((arguments.seconds or 0) / model.opt.timestep)

    def once() -> None:
        if not arguments.cameras:
            mujoco.mj_step(model, data, steps)
            return
        for camera in arguments.cameras:
            renderer.update_scene(data, camera=camera)
            renderer.render()

    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            once()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
