"""Loads a dataset with LeRobot itself and writes down what it gives: values, tasks, frames, windows.

    python check_with_lerobot.py DATASET --dump OUT.json [--frames] [--rows 0,5,10] [--deltas JSON --at 0,5,10]

Runs with LeRobot 0.3.3 (v2.1) and 0.6.1 (v3.0). Numbers are those of the Parquet column as LeRobot's table
holds them, printed so that they read back exactly; frames are the SHA-256 of [height, width, 3] bytes.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import warnings
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
warnings.filterwarnings("ignore")

import datasets
import numpy as np
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

datasets.disable_progress_bars()


def plain(value):
    """Nested lists of Python values: float32 widened, exactly."""
    if isinstance(value, (torch.Tensor, np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def frame(image: torch.Tensor) -> dict:
    """A float [C, H, W] in 0…1 is a byte over 255, and is made one again."""
    if image.dtype != torch.uint8:
        scaled = image * 255
        image = scaled.round().to(torch.uint8)
        assert (scaled - image).abs().max() < 1e-3, "pixels are not bytes over 255"
    data = image.permute(1, 2, 0).contiguous().numpy()
    return {"width": data.shape[1], "height": data.shape[0], "sha256": hashlib.sha256(data.tobytes()).hexdigest()}


def depth(image: torch.Tensor) -> dict:
    """Millimetres, as LeRobot gives them by default."""
    data = image.numpy().astype("<f4")
    return {
        "width": data.shape[-1], "height": data.shape[-2], "depth_unit": "mm", "min": float(data.min()),
        "max": float(data.max()), "sha256": hashlib.sha256(data.tobytes()).hexdigest(),
    }


def frames(images: torch.Tensor) -> list[dict]:
    return [frame(image) for image in (images if images.dim() == 4 else images[None])]


def close(a, b) -> bool:
    """A row's value as the item gives it is the table's, in float32 when that is a double."""
    if isinstance(a, torch.Tensor):
        b = torch.tensor(b, dtype=a.dtype)
        return a.shape == b.reshape(a.shape).shape and torch.equal(a.nan_to_num(), b.reshape(a.shape).nan_to_num())
    return plain(a) == plain(b)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--dump", type=Path, required=True)
    parser.add_argument("--frames", action="store_true")
    parser.add_argument("--rows", help="indices, with commas; all without")
    parser.add_argument("--deltas", type=json.loads, default={}, help='{"action": [0, 0.1]}')
    parser.add_argument("--at", default="", help="indices of windows, with commas")
    parser.add_argument("--backend", help="torchcodec or pyav; LeRobot's default without")
    arguments = parser.parse_args()
    options = {"video_backend": arguments.backend} if arguments.backend else {}

    def load(**more):
        return LeRobotDataset("local/dataset", root=arguments.dataset, **options, **more)

    dataset = load()
    cameras = dataset.meta.camera_keys
    depths = getattr(dataset.meta, "depth_keys", [])
    table = dataset.hf_dataset.with_format(None)
    table = table.select_columns([c for c in table.column_names if c not in cameras])
    rows = [int(i) for i in arguments.rows.split(",")] if arguments.rows else range(len(dataset))
    items = []
    for i in rows:
        raw = table[i]
        item = {"index": i, "values": plain(raw)}
        if arguments.frames:
            whole = dataset[i]
            assert all(close(whole[k], raw[k]) for k in raw), (i, raw, whole)
            item |= {"task": whole["task"], "cameras": {c: (depth if c in depths else frame)(whole[c]) for c in cameras}}
        else:
            tasks = dataset.meta.tasks
            item["task"] = tasks[raw["task_index"]] if isinstance(tasks, dict) else tasks.iloc[raw["task_index"]].name
        items.append(item)
    windows = []
    if arguments.at:
        windowed = load(delta_timestamps=arguments.deltas)
        for i in map(int, arguments.at.split(",")):
            item = windowed[i]
            windows.append({
                "index": i,
                "values": {k: plain(item[k]) for k in arguments.deltas if k not in cameras},
                "is_pad": {k: plain(item[f"{k}_is_pad"]) for k in arguments.deltas},
                "cameras": {k: frames(item[k]) for k in arguments.deltas if k in cameras},
            })
    episodes = dataset.meta.episodes
    episodes = list(episodes.values()) if isinstance(episodes, dict) else list(episodes)
    result = {
        "lerobot": importlib.metadata.version("lerobot"), "fps": dataset.fps, "frames": len(dataset),
        "features": {k: {"dtype": f["dtype"], "shape": list(f["shape"])} for k, f in dataset.features.items()},
        "episodes": [
            {"episode_index": int(e["episode_index"]), "length": int(e["length"]), "tasks": list(e["tasks"])}
            for e in episodes
        ],
        "stats": {k: {n: plain(v) for n, v in s.items()} for k, s in (dataset.meta.stats or {}).items()},
        "items": items, "windows": windows,
    }
    arguments.dump.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
