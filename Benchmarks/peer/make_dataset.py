"""Writes a LeRobot v2.1 dataset of moving shapes: two demonstrations, two corrections, two autonomous.

    python make_dataset.py DIR [--frames 60] [--size 224x224] [--codec libsvtav1] [--action-dim 7]
"""

import argparse
import json
import os
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

os.environ.setdefault("SVT_LOG", "1")
FPS = 30
CAMERA = "observation.images.main"
TASKS = ["push the block to the target", "pick up the bottle and place it in the box"]
TYPES = ["demo", "demo", "correction", "correction", "autonomous", "autonomous"]


def picture(width: int, height: int, t: int, seed: int) -> np.ndarray:
    """A gradient, a moving disc and a moving bar."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    image = np.stack([x / width * 200, y / height * 200, np.full_like(x, 60 + 10 * seed)], -1)
    phase = 0.1 * t + seed
    cx, cy = width * (0.5 + 0.3 * np.cos(phase)), height * (0.5 + 0.3 * np.sin(phase))
    image[(x - cx) ** 2 + (y - cy) ** 2 < (0.12 * height) ** 2] = (240, 40 + 20 * seed, 30)
    left = (7 * t + 31 * seed) % width
    image[int(0.7 * height) : int(0.75 * height), left : left + width // 6] = (30, 220, 240)
    return image.astype(np.uint8)


def write_video(path: Path, width: int, height: int, frames: int, seed: int, codec: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"g": "2", "crf": "30"}
    if codec == "libsvtav1":
        options["preset"] = "10"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for t in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(width, height, t, seed), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_json_lines(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_dataset(root: Path, frames: int, size: tuple[int, int], codec: str, action_dim: int) -> None:
    width, height = size
    random = np.random.default_rng(0)
    episodes, statistics = [], []
    (root / "meta").mkdir(parents=True, exist_ok=True)
    for index, kind in enumerate(TYPES):
        t = np.arange(frames)
        action = np.stack([np.sin(0.1 * t * (a + 1) / 3 + index) for a in range(action_dim)], -1)
        action = (action + 0.05 * random.standard_normal(action.shape)).astype(np.float32)
        success = index % 2 == 0
        reward = ((t == frames - 1) & success).astype(np.float32)
        columns = {
            "action": pa.FixedSizeListArray.from_arrays(pa.array(action.ravel()), action_dim),
            "observation.state": pa.FixedSizeListArray.from_arrays(
                pa.array(np.roll(action, 1, 0).ravel()), action_dim),
            "next.reward": pa.array(reward), "next.done": pa.array(t == frames - 1),
            "timestamp": pa.array((t / FPS).astype(np.float32)), "frame_index": pa.array(t),
            "episode_index": pa.array(np.full(frames, index)),
            "index": pa.array(t + index * frames), "task_index": pa.array(np.full(frames, index % 2)),
        }
        data = root / f"data/chunk-000/episode_{index:06d}.parquet"
        data.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.table(columns), data)
        video = root / f"videos/chunk-000/{CAMERA}/episode_{index:06d}.mp4"
        write_video(video, width, height, frames, index, codec)
        episodes.append({
            "episode_index": index, "tasks": [TASKS[index % 2]], "length": frames, "episode_type": kind,
        })
        stats = {
            key: {
                "min": x.min(0).tolist(), "max": x.max(0).tolist(), "mean": x.mean(0).tolist(),
                "std": x.std(0).tolist(), "count": [frames],
            }
            for key, x in (("action", action), ("observation.state", np.roll(action, 1, 0)))
        }
        statistics.append({"episode_index": index, "stats": stats})
    vector = {"dtype": "float32", "shape": [action_dim], "names": None}
    scalar = lambda dtype: {"dtype": dtype, "shape": [1], "names": None}
    info = {
        "codebase_version": "v2.1", "robot_type": "synthetic", "total_episodes": len(TYPES),
        "total_frames": len(TYPES) * frames, "total_tasks": len(TASKS), "total_videos": len(TYPES),
        "total_chunks": 1, "chunks_size": 1000, "fps": FPS, "splits": {"train": f"0:{len(TYPES)}"},
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
        "features": {
            CAMERA: {
                "dtype": "video", "shape": [height, width, 3], "names": ["height", "width", "channels"],
                "info": {
                    "video.height": height, "video.width": width, "video.fps": FPS, "video.channels": 3,
                    "video.codec": "av1" if "av1" in codec else "h264", "video.pix_fmt": "yuv420p",
                    "video.is_depth_map": False, "has_audio": False,
                },
            },
            "action": vector, "observation.state": vector, "next.reward": scalar("float32"),
            "next.done": scalar("bool"), "timestamp": scalar("float32"),
            **{k: scalar("int64") for k in ("frame_index", "episode_index", "index", "task_index")},
        },
    }
    (root / "meta/info.json").write_text(json.dumps(info, indent=1) + "\n")
    write_json_lines(root / "meta/episodes.jsonl", episodes)
    write_json_lines(root / "meta/episodes_stats.jsonl", statistics)
    write_json_lines(
        root / "meta/tasks.jsonl", [{"task_index": i, "task": task} for i, task in enumerate(TASKS)])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", default="224x224")
    parser.add_argument("--codec", default="libsvtav1")
    parser.add_argument("--action-dim", type=int, default=7)
    arguments = parser.parse_args()
    size = tuple(int(n) for n in arguments.size.split("x"))
    write_dataset(arguments.folder, arguments.frames, size, arguments.codec, arguments.action_dim)


if __name__ == "__main__":
    main()
