"""Records a tiny dataset with LeRobot itself (0.3.3 writes v2.1, 0.6.1 writes v3.0): every kind of feature.

    python record_with_lerobot.py DIR [--kind av1|h264|images]
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("SVT_LOG", "1")

import datasets
import numpy as np
from lerobot.datasets import lerobot_dataset
from lerobot.datasets.lerobot_dataset import LeRobotDataset

datasets.disable_progress_bars()
LENGTHS = [7, 12, 5]
SIZE = {"observation.images.front": (48, 64), "observation.images.wrist": (70, 90)}
TASKS = ["Put the block in the box.", "Öffne die Tür — schnell."]


def scalar(dtype: str) -> dict:
    return {"dtype": dtype, "shape": (1,), "names": None}


def features(camera: str) -> dict:
    cameras = {
        key: {"dtype": camera, "shape": (*size, 3), "names": ["height", "width", "channels"]}
        for key, size in SIZE.items()
    }
    return cameras | {
        "observation.state": {"dtype": "float32", "shape": (4,), "names": ["x", "y", "z", "grip"]},
        "action": {"dtype": "float32", "shape": (3,), "names": {"motors": ["a", "b", "c"]}},
        "observation.precise": {"dtype": "float64", "shape": (2,), "names": None},
        "observation.tactile": {"dtype": "float32", "shape": (2, 3), "names": None},
        "observation.depth_grid": {"dtype": "float32", "shape": (2, 2, 3), "names": None},
        "observation.ticks": {"dtype": "int64", "shape": (2,), "names": None},
        "next.reward": scalar("float32"), "next.success": scalar("bool"), "next.done": scalar("bool"),
        "complementary_info.is_intervention": scalar("float32"), "temperature": scalar("float64"),
        "note": scalar("string"),
    }


def picture(size: tuple[int, int], t: int, seed: int) -> np.ndarray:
    height, width = size
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([x * 3 + t * 5, y * 3 + seed * 40, (x + y + t) * 2], -1) % 256
    image[t : t + 12, 2 * t : 2 * t + 14] = (240, 30, 60)
    return image.astype(np.uint8)


def create(root: Path, kind: str) -> LeRobotDataset:
    options = {}
    if kind == "h264":
        try:  # 0.6.1
            from lerobot.configs.video import RGBEncoderConfig

            options["rgb_encoder"] = RGBEncoderConfig(vcodec="h264")
        except ImportError:  # 0.3.3 has no setting for it
            encode = lerobot_dataset.encode_video_frames
            lerobot_dataset.encode_video_frames = lambda *a, **k: encode(*a, vcodec="h264", **k)
    return LeRobotDataset.create(
        "local/recorded", fps=10, features=features("image" if kind == "images" else "video"), root=root,
        robot_type="tiny", use_videos=kind != "images", **options)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=["av1", "h264", "images"], default="av1")
    arguments = parser.parse_args()
    dataset = create(arguments.folder, arguments.kind)
    old = not hasattr(dataset, "finalize")
    random = np.random.default_rng(3)
    for episode, length in enumerate(LENGTHS):
        for t in range(length):
            last, task = t == length - 1, TASKS[(episode + (t > 3)) % 2]
            frame = {
                "observation.state": random.standard_normal(4).astype(np.float32),
                "action": random.standard_normal(3).astype(np.float32),
                "observation.precise": random.standard_normal(2),
                "observation.tactile": random.standard_normal((2, 3)).astype(np.float32),
                "observation.depth_grid": random.standard_normal((2, 2, 3)).astype(np.float32),
                "observation.ticks": random.integers(-(2**52), 2**52, 2),
                "next.reward": np.array([1.0 if last else 0.0], np.float32),
                "next.success": np.array([last and episode != 1]), "next.done": np.array([last]),
                "complementary_info.is_intervention": np.array([float(3 <= t < 5)], np.float32),
                "temperature": random.standard_normal(1), "note": f"é{episode}.{t}",
            }
            frame |= {key: picture(size, t, episode) for key, size in SIZE.items()}
            if old:
                dataset.add_frame(frame, task=task)
            else:
                dataset.add_frame(frame | {"task": task})
        dataset.save_episode()
    if not old:
        dataset.finalize()


if __name__ == "__main__":
    main()
