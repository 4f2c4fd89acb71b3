"""Makes depth/: datasets with depth maps as LeRobot 0.6.1 records them, as video and as pictures, and what
LeRobot reads of them. Run with LeRobot 0.6.1: python make_depth.py
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from lerobot.datasets.depth_utils import dequantize_depth
from lerobot.datasets.lerobot_dataset import LeRobotDataset

import torch

folder = Path(__file__).parent / "depth"
shutil.rmtree(folder, ignore_errors=True)
camera = "observation.images.depth"
height, width = 24, 32
y, x = np.mgrid[0:height, 0:width]


def depth(frame):
    """Millimetres: 0.3 to 8.9 m."""
    return (300 + 250 * x + 37 * y + 5 * frame).astype(np.uint16)


golden = {}
for name, is_video, in_metres in [("video", True, False), ("millimetres", False, False), ("metres", False, True)]:
    features = {
        "action": {"dtype": "float32", "shape": (2,), "names": ["x", "y"]},
        camera: {
            "dtype": "video" if is_video else "image", "shape": (height, width, 1),
            "names": ["height", "width", "channels"], "info": {"is_depth_map": True},
        },
    }
    dataset = LeRobotDataset.create("a/b", fps=10, features=features, root=folder / name, use_videos=is_video)
    for frame in range(4):
        map = depth(frame)
        if in_metres:
            map = (map / 1000).astype(np.float32)
        dataset.add_frame({"action": np.array([0, frame], np.float32), camera: map[..., None], "task": "push"})
    dataset.save_episode()
    dataset.finalize()
    read = LeRobotDataset("a/b", root=folder / name)
    golden[name] = [
        hashlib.sha256(read[i][camera].numpy().astype("<f4").tobytes()).hexdigest() for i in range(len(read))
    ]
    shutil.rmtree(folder / name / "images", ignore_errors=True)

codes = torch.arange(4096)[None, None]
golden["millimetres_of_codes"] = {
    "logarithm": dequantize_depth(codes)[0, 0].int().tolist(),
    "linear": dequantize_depth(codes, depth_min=0.2, depth_max=4, use_log=False)[0, 0].int().tolist(),
}
(folder / "golden.json").write_text(json.dumps(golden))
