"""Writes a v3.0 dataset of very many tiny episodes, its metadata as LeRobot 0.6.1 writes it.

    python make_many_episodes.py DIR [--episodes 100000] [--frames 10] [--without-data]

Every episode has its row of meta/episodes with the statistics of every feature (min, max, mean, std, count
and five quantiles); tasks are 50. Row groups hold 1000 episodes, which reads faster than the 10 that
LeRobot's recorder writes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas  # its index holds the task's text, as LeRobot writes it
import pyarrow as pa
import pyarrow.parquet as parquet

FPS, WIDTH, TASKS, GROUP, FILE = 30, 7, 50, 1000, 50_000
QUANTILES = ["q01", "q10", "q50", "q90", "q99"]
VECTORS = {"action": WIDTH, "observation.state": WIDTH}
SCALARS = {
    "timestamp": "float32", "frame_index": "int64", "episode_index": "int64", "index": "int64", "task_index": "int64",
}


def lists(values: np.ndarray) -> pa.Array:
    """[N, D] as list<double> or list<int64>."""
    offsets = pa.array(np.arange(len(values) + 1, dtype=np.int32) * values.shape[1])
    return pa.ListArray.from_arrays(offsets, pa.array(values.ravel()))


def episode_rows(start: int, count: int, frames: int, random: np.random.Generator) -> pa.Table:
    index = np.arange(start, start + count)
    columns = {
        "episode_index": pa.array(index),
        "tasks": pa.array([[f"task number {i % TASKS}: put it there"] for i in index]),
        "length": pa.array(np.full(count, frames)), "data/chunk_index": pa.array(np.zeros(count, np.int64)),
        "data/file_index": pa.array(index // FILE), "dataset_from_index": pa.array(index * frames),
        "dataset_to_index": pa.array((index + 1) * frames),
    }
    for key, width in VECTORS.items() | {(k, 1) for k in SCALARS}:
        for name in ("min", "max", "mean", "std", *QUANTILES):
            columns[f"stats/{key}/{name}"] = lists(random.standard_normal((count, width)))
        columns[f"stats/{key}/count"] = lists(np.full((count, 1), frames))
    columns["meta/episodes/chunk_index"] = pa.array(np.zeros(count, np.int64))
    columns["meta/episodes/file_index"] = pa.array(index // FILE)
    return pa.table(columns)


def data_rows(start: int, count: int, frames: int, random: np.random.Generator) -> pa.Table:
    rows, t = count * frames, np.tile(np.arange(frames), count)
    episode = np.repeat(np.arange(start, start + count), frames)
    columns = {
        key: pa.FixedSizeListArray.from_arrays(pa.array(random.standard_normal(rows * w, np.float32)), w)
        for key, w in VECTORS.items()
    }
    return pa.table(columns | {
        "timestamp": pa.array((t / FPS).astype(np.float32)), "frame_index": pa.array(t),
        "episode_index": pa.array(episode), "index": pa.array(start * frames + np.arange(rows)),
        "task_index": pa.array(episode % TASKS),
    })


def write(folder: Path, episodes: int, make) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file, first in enumerate(range(0, episodes, FILE)):
        writer = None
        for start in range(first, min(first + FILE, episodes), GROUP):
            table = make(start, min(GROUP, episodes - start))
            writer = writer or parquet.ParquetWriter(folder / f"file-{file:03d}.parquet", table.schema)
            writer.write_table(table)
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--episodes", type=int, default=100_000)
    parser.add_argument("--frames", type=int, default=10)
    parser.add_argument("--without-data", action="store_true")
    arguments = parser.parse_args()
    root, episodes, frames = arguments.folder, arguments.episodes, arguments.frames
    random = np.random.default_rng(0)
    write(root / "meta/episodes/chunk-000", episodes, lambda s, n: episode_rows(s, n, frames, random))
    if not arguments.without_data:
        write(root / "data/chunk-000", episodes, lambda s, n: data_rows(s, n, frames, random))
    tasks = [f"task number {i}: put it there" for i in range(TASKS)]
    pandas.DataFrame({"task_index": range(TASKS)}, index=pandas.Index(tasks, name="task")).to_parquet(root / "meta/tasks.parquet")
    features = {k: {"dtype": "float32", "shape": [w], "names": None} for k, w in VECTORS.items()}
    features |= {k: {"dtype": d, "shape": [1], "names": None} for k, d in SCALARS.items()}
    stats = {
        key: {n: [0.0] * f["shape"][0] for n in ("min", "max", "mean", "std", *QUANTILES)} | {"count": [episodes * frames]}
        for key, f in features.items()
    }
    (root / "meta/stats.json").write_text(json.dumps(stats) + "\n")
    info = {
        "codebase_version": "v3.0", "robot_type": "synthetic", "total_episodes": episodes,
        "total_frames": episodes * frames, "total_tasks": TASKS, "chunks_size": 1000, "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200, "fps": FPS, "splits": {"train": f"0:{episodes}"},
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet", "video_path": None, "features": features,
    }
    (root / "meta/info.json").write_text(json.dumps(info, indent=1) + "\n")


if __name__ == "__main__":
    main()
