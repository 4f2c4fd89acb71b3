"""Times LeRobot's own loader, one process without workers; prints one JSON line.

    python lerobot_loader.py open|sequential|random DATASET [--samples 500] [--window 16] [--seed 0] [--skip 10]

`open` constructs LeRobotDataset; `sequential` takes the samples of consecutive indices, one frame of every
camera each; `random` takes random indices, each with a window of actions and one frame. Frames come as LeRobot's
default, float [C, H, W]. `--skip` samples are taken first, untimed. Peak memory is the process's own.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

import argparse
import importlib.metadata
import json
import random
import resource
import time

import datasets
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

datasets.disable_progress_bars()


def resident() -> float:
    """Megabytes at present."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["open", "sequential", "random"])
    parser.add_argument("dataset")
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip", type=int, default=10)
    parser.add_argument("--uint8", action="store_true", help="frames as bytes, not LeRobot's default")
    arguments = parser.parse_args()
    options = {"return_uint8": True} if arguments.uint8 else {}
    if arguments.mode == "random":
        from lerobot.datasets.dataset_metadata import LeRobotDatasetMetadata

        fps = LeRobotDatasetMetadata("local/dataset", root=arguments.dataset).fps
        options["delta_timestamps"] = {"action": [i / fps for i in range(arguments.window)]}
    before, start = resident(), time.perf_counter()
    dataset = LeRobotDataset("local/dataset", root=arguments.dataset, **options)
    seconds, samples, check = time.perf_counter() - start, 0, 0.0
    if arguments.mode != "open":
        count = len(dataset)
        if arguments.mode == "sequential":
            order = [i % count for i in range(arguments.samples + arguments.skip)]
        else:
            chooser = random.Random(arguments.seed)
            order = [chooser.randrange(count) for _ in range(arguments.samples + arguments.skip)]
        for index in order[: arguments.skip]:
            dataset[index]
        start = time.perf_counter()
        for index in order[arguments.skip :]:
            check += float(dataset[index]["action"].sum())
            samples += 1
        seconds = time.perf_counter() - start
    print(json.dumps({
        "mode": arguments.mode, "seconds": seconds, "samples": samples, "frames": len(dataset),
        "episodes": dataset.num_episodes, "check": check, "cameras": len(dataset.meta.camera_keys),
        "resident_before_megabytes": before, "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "lerobot": importlib.metadata.version("lerobot"), "torchcodec": importlib.metadata.version("torchcodec"),
        "torch_threads": torch.get_num_threads(), "workers": 0, "frame_type": "uint8" if arguments.uint8 else "float32",
    }))


if __name__ == "__main__":
    main()
