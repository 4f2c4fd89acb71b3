"""Writes small datasets as third parties write them, each odd in ways of its own; run in this folder.

Made with Python 3.11, pyarrow 26.0.1, pillow 13.0.0, numpy 2.4.6 and ffmpeg 5.1.9 (Debian 12, libx264, mpeg4). The oddities
are named at each dataset. Row t of episode e has state and action values that the tests can compute:
action = [e + t / 10, -t], state = [t, e, 0.5]. Pictures are one colour, (10 e + t, 2 t, 200).
"""

import hashlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

HERE = Path(__file__).parent
golden: dict[str, object] = {}


def lines(path: Path, rows: list[dict], end: str = "\n", head: str = "", tail: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = head + "".join(json.dumps(row, ensure_ascii=False) + end for row in rows) + tail
    path.write_bytes(text.encode())


def info(root: Path, version: str, features: dict, **more) -> None:
    (root / "meta").mkdir(parents=True, exist_ok=True)
    fields = {"codebase_version": version, "fps": 10, "features": features} | more
    (root / "meta/info.json").write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n")


def feature(dtype: str, shape: list, names=None, **more) -> dict:
    return {"dtype": dtype, "shape": shape, "names": names} | more


def actions(e: int, n: int, kind=None) -> pa.Array:
    return pa.array([[e + t / 10, -t] for t in range(n)], kind or pa.list_(pa.float32()))


def states(e: int, n: int, kind=None) -> pa.Array:
    return pa.array([[t, e, 0.5] for t in range(n)], kind or pa.list_(pa.float32()))


def save(path: Path, columns: dict, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, path, **options)


def colour(e: int, t: int, size=(24, 32)) -> np.ndarray:
    return np.full((*size, 3), (10 * e + t, 2 * t, 200), np.uint8)


def encoded(image: np.ndarray, kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, kind)
    return out.getvalue()


def gradient(t: int, size=(48, 64)) -> np.ndarray:
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    return (np.stack([x * 2 + 3 * t, y * 3, (x + y) * 2 + 5 * t], -1) % 256).astype(np.uint8)


def video(name: str, path: Path, frames: list[np.ndarray], fps: str, *options: str) -> None:
    """Encodes with the ffmpeg command; golden holds the SHA-256 of what it decodes again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = frames[0].shape[:2]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", fps, "-i", "-"]
    quiet = ["ffmpeg", "-y", "-v", "error", "-threads", "1"]
    subprocess.run(
        [*quiet, *raw, *options, "-pix_fmt", "yuv420p", "-map_metadata", "-1", "-fflags", "+bitexact", str(path)],
        input=b"".join(f.tobytes() for f in frames), check=True)
    out = subprocess.run(
        [*quiet, "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-"],
        check=True, capture_output=True).stdout
    size = width * height * 3
    assert len(out) == size * len(frames), (path, len(out) / size)
    golden[name] = [hashlib.sha256(out[i : i + size]).hexdigest() for i in range(0, len(out), size)]


def fresh(name: str) -> Path:
    shutil.rmtree(HERE / name, ignore_errors=True)
    return HERE / name


def v20_minimal() -> None:
    """v2.0: fps 29.97, int shape, no index, task_index, timestamp or episode_index column, no totals, no templates,
    no tasks.jsonl, `task` instead of `tasks`; episodes.jsonl with BOM, CRLF and blank lines; UNCOMPRESSED rows."""
    root = fresh("v20_minimal")
    info(root, "v2.0", {
        "action": feature("float32", 2), "observation.state": feature("float32", [3], {"joints": ["a", "b"], "tool": ["g"]}),
    }, fps=29.97)
    lines(root / "meta/episodes.jsonl", [
        {"episode_index": 0, "length": 4, "task": "pick up the 杯子 — schnell!"},
        {"episode_index": 1, "length": 3, "task": "pick up the 杯子 — schnell!"},
    ], end="\r\n", head="\ufeff", tail="\r\n  \r\n\n")
    for e, n in ((0, 4), (1, 3)):
        save(root / f"data/chunk-000/episode_{e:06d}.parquet", {
            "action": actions(e, n), "observation.state": states(e, n, pa.list_(pa.float64())),
            "frame_index": pa.array(range(n), pa.int32()),
        }, compression="none", use_dictionary=False)


def v21_gaps() -> None:
    """v2.1: episodes 3, 4 and 9 out of order in episodes.jsonl, chunks_size 4, `{chunk_index:03d}` in the templates,
    list<double> actions, int32 and int16 indices, a bool of shape [1] as a list of one, scalars of shape [] and 1-lists,
    extra columns, null names, names as name -> position, key before the chunk folder, video_info, codec 'H264' in
    capitals where the file is h264 with key frames 250 apart and B-frames, total_* that are wrong."""
    root = fresh("v21_gaps")
    camera = "observation.images.Top View"
    info(root, "v2.1", {
        "action": feature("float32", [2], {"x": 1, "y": 0}), "observation.state": feature("float64", [3], ["a", ["b", "c"]]),
        "next.success": feature("bool", [1]), "next.reward": feature("float32", []),
        camera: feature("video", [3, 48, 64], ["channels", "height", "width"], video_info={
            "video.fps": 10.0, "video.codec": "H264", "video.pix_fmt": "yuv420p", "has_audio": False}),
        "timestamp": feature("float32", [1]), "frame_index": feature("int32", [1]),
        "episode_index": feature("int32", [1]), "task_index": feature("int16", [1]),
    }, fps=10.0, chunks_size=4, total_episodes=99, total_frames=5, robot_type=None,
        data_path="data/chunk-{chunk_index:03d}/episode_{episode_index:06d}.parquet",
        video_path="videos/{video_key}/chunk-{chunk_index:03d}/episode_{episode_index:06d}.mp4")
    rows = [(9, 5), (3, 6), (4, 30)]
    lines(root / "meta/episodes.jsonl", [
        {"episode_index": e, "tasks": ["b"] if e == 4 else ["a"], "length": n, "success": [None, 1, "failure"][i]}
        for i, (e, n) in enumerate(rows)])
    lines(root / "meta/tasks.jsonl", [{"task": "b", "task_index": 7}, {"task_index": 2, "task": "a", "note": "first"}])
    for e, n in rows:
        success = [[t == n - 1 and e == 9] for t in range(n)]
        save(root / f"data/chunk-{e // 4:03d}/episode_{e:06d}.parquet", {
            "observation.state": states(e, n, pa.list_(pa.float64())), "action": actions(e, n, pa.list_(pa.float64())),
            "next.success": pa.array(success, pa.list_(pa.bool_())),
            "next.reward": pa.array([[float(s[0])] for s in success], pa.list_(pa.float64(), 1)),
            "timestamp": pa.array([t / 10 for t in range(n)], pa.float64()),
            "frame_index": pa.array(range(n), pa.int32()), "episode_index": pa.array([e] * n, pa.int32()),
            "task_index": pa.array([7 if e == 4 else 2] * n, pa.int16()),
            "recorder_note": pa.array([None if t else "start" for t in range(n)]),
            "wall_clock": pa.array([10**18 + t for t in range(n)], pa.timestamp("ns")),
            "lengths": pa.array([[0] * (t % 3) for t in range(n)]),
        })
        video(f"v21_gaps {e}", root / f"videos/{camera}/chunk-{e // 4:03d}/episode_{e:06d}.mp4",
              [gradient(t + e) for t in range(n)], "10", "-c:v", "libx264", "-g", "250", "-bf", "3", "-crf", "30")


def v21_pictures() -> None:
    """v2.1: pictures as plain binary, JPEG in one camera and PNG in the other, grey PNG in a third as struct without
    path; a text column of large_string, a dictionary-encoded one, 2-D to 5-D features, 0-d shape, uint8, float16."""
    root = fresh("v21_pictures")
    grid = np.arange(2 * 3 * 2 * 2 * 2, dtype=np.float32)
    info(root, "v2.1", {
        "images.jpeg": feature("image", [24, 32, 3], ["height", "width", "channel"]),
        "images.png": feature("image", [3, 24, 32], ["channels", "height", "width"]),
        "images.grey": feature("image", [24, 32, 1]),
        "action": feature("float32", [2], [["x", "y"]]), "observation.state": feature("float32", [3]),
        "grid2": feature("float32", [2, 3]), "grid3": feature("float32", [2, 3, 2]),
        "grid4": feature("float32", [2, 3, 2, 2]), "grid5": feature("float64", [2, 3, 2, 2, 2]),
        "byte": feature("uint8", []), "half": feature("float16", [1]), "instruction": feature("string", [1]),
        "note": feature("string", [1]), "task_index": feature("int64", [1]),
    }, data_path="data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet")
    rows = [(0, 3), (1, 2)]
    lines(root / "meta/episodes.jsonl", [{"episode_index": e, "tasks": [], "length": n} for e, n in rows])
    for e, n in rows:
        grids = {
            f"grid{d}": pa.array([(grid[: int(np.prod(s))].reshape(s) + t).tolist() for t in range(n)])
            for d, s in ((2, (2, 3)), (3, (2, 3, 2)), (4, (2, 3, 2, 2)), (5, (2, 3, 2, 2, 2)))
        }
        grey = [encoded(np.full((24, 32), 60 + t, np.uint8), "PNG") for t in range(n)]
        save(root / f"data/chunk-000/episode_{e:06d}.parquet", grids | {
            "images.jpeg": pa.array([encoded(colour(e, t), "JPEG") for t in range(n)], pa.large_binary()),
            "images.png": pa.array([encoded(colour(e, t), "PNG") for t in range(n)]),
            "images.grey": pa.array([{"bytes": b} for b in grey]),
            "action": actions(e, n, pa.large_list(pa.float32())), "observation.state": states(e, n, pa.list_(pa.float32(), 3)),
            "byte": pa.array([255 - t for t in range(n)], pa.uint8()),
            "half": pa.array(np.arange(n, dtype=np.float16) / 2),
            "instruction": pa.array([f"step {t} ✓" for t in range(n)], pa.large_string()),
            "note": pa.array(["even" if t % 2 == 0 else "odd" for t in range(n)]).dictionary_encode(),
            "task_index": pa.array([0] * n), "timestamp": pa.array([t / 10 for t in range(n)], pa.float32()),
        })
    golden["v21_pictures jpeg"] = [
        hashlib.sha256(np.asarray(Image.open(io.BytesIO(encoded(colour(0, t), "JPEG")))).tobytes()).hexdigest() for t in range(3)]


def v30(root: Path, features: dict, episodes: list[dict], files: dict[tuple[int, int], list[int]], columns, **more) -> None:
    """Rows of v3.0: `files` says which episodes lie in which data file."""
    info(root, "v3.0", features, **more)
    for (chunk, number), indices in files.items():
        tables = [pa.table(columns(e)) for e in indices]
        save(root / f"data/chunk-{chunk:03d}/file-{number:03d}.parquet", pa.concat_tables(tables))


def v30_files() -> None:
    """v3.0: three data files in two chunks, two meta/episodes files (columns in different order, the second with rows out
    of order), two video files shared unevenly, from_timestamp with a drifted sum, tasks.parquet with `__index_level_0__`
    and task_index that is not the row's position, episode_success as text, language columns, bool of shape [1] as list."""
    root = fresh("v30_files")
    camera = "observation.images.cam"
    lengths = [4, 6, 5, 3]
    place = {0: (0, 0), 1: (0, 0), 2: (0, 1), 3: (1, 0)}
    videos = {0: (0, 0, 0), 1: (0, 0, 4), 2: (0, 0, 10), 3: (0, 1, 0)}
    starts = np.cumsum([0, *lengths]).tolist()

    def columns(e: int) -> dict:
        n = lengths[e]
        event = [{"role": "user", "content": f"go {t}", "style": "interjection"} for t in range(n)]
        return {
            "action": actions(e, n), "observation.state": states(e, n),
            "next.done": pa.array([[t == n - 1] for t in range(n)], pa.list_(pa.bool_())),
            "language_events": pa.array([[x] if t % 2 else [] for t, x in enumerate(event)]),
            "timestamp": pa.array([t / 10 for t in range(n)], pa.float32()), "frame_index": pa.array(range(n)),
            "episode_index": pa.array([e] * n), "index": pa.array(range(starts[e], starts[e] + n)),
            "task_index": pa.array([(e + (t > 1)) % 2 for t in range(n)]),
        }

    v30(root, {
        "action": feature("float32", [2], fps=10), "observation.state": feature("float32", [3], fps=10),
        "next.done": feature("bool", [1]), "language_events": feature("language", [1]),
        camera: feature("video", [48, 64, 3], ["height", "width", "channels"], info={
            "video.codec": "mp4v", "video.fps": 10, "video.height": 48, "video.width": 64}),
        "timestamp": feature("float32", [1]), "frame_index": feature("int64", [1]),
        "episode_index": feature("int64", [1]), "index": feature("int64", [1]), "task_index": feature("int64", [1]),
    }, [], {(0, 0): [0, 1], (0, 1): [2], (1, 0): [3]}, columns, chunks_size=2, data_files_size_in_mb=1, total_episodes=4,
        data_path="data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        video_path="videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4")

    def meta(order: list[int]) -> dict:
        return {
            "episode_index": pa.array(order), "tasks": pa.array([["zwei", "eins"]] * len(order)),
            "length": pa.array([lengths[e] for e in order]),
            "data/chunk_index": pa.array([place[e][0] for e in order]), "data/file_index": pa.array([place[e][1] for e in order]),
            "dataset_from_index": pa.array([starts[e] for e in order]), "dataset_to_index": pa.array([starts[e + 1] for e in order]),
            f"videos/{camera}/chunk_index": pa.array([videos[e][0] for e in order]),
            f"videos/{camera}/file_index": pa.array([videos[e][1] for e in order]),
            f"videos/{camera}/from_timestamp": pa.array([videos[e][2] / 10 + 0.004 * (e == 2) for e in order]),
            f"videos/{camera}/to_timestamp": pa.array([(videos[e][2] + lengths[e]) / 10 for e in order]),
            "episode_success": pa.array(["success" if e % 2 == 0 else "failure" for e in order]),
            "stats/action/mean": pa.array([[0.0, 0.0]] * len(order)), "stats/action/count": pa.array([[lengths[e]] for e in order]),
            "meta/episodes/chunk_index": pa.array([0] * len(order)), "meta/episodes/file_index": pa.array([int(e > 1) for e in order]),
        }

    save(root / "meta/episodes/chunk-000/file-000.parquet", meta([0, 1]))
    save(root / "meta/episodes/chunk-000/file-001.parquet", dict(reversed(meta([3, 2]).items())))
    tasks = pa.table({"task_index": pa.array([1, 0]), "__index_level_0__": pa.array(["eins", "zwei"])})
    save(root / "meta/tasks.parquet", tasks)
    for number, indices in ((0, [0, 1, 2]), (1, [3])):
        video(f"v30_files {number}", root / f"videos/{camera}/chunk-000/file-{number:03d}.mp4",
              [gradient(10 * e + t) for e in indices for t in range(lengths[e])], "10", "-c:v", "mpeg4", "-g", "12", "-q:v", "8")


def v30_sparse() -> None:
    """v3.0: episodes 5 and 8 alone (the rest was deleted, indices kept), no dataset_from_index, no stats, no tasks.parquet
    but tasks.jsonl, chunk folder before the key in videos, file names of v2.1 inside the template, no frame_index,
    success as bool, float fps, rows of an image column in two row groups."""
    root = fresh("v30_sparse")
    lengths = {5: 3, 8: 4}

    def columns(e: int) -> dict:
        n = lengths[e]
        return {
            "action": actions(e, n, pa.list_(pa.float64(), 2)), "state": pa.array(np.arange(n, dtype=np.float64)),
            "image": pa.array([{"bytes": encoded(colour(e, t), "PNG"), "path": None} for t in range(n)]),
            "episode_index": pa.array([e] * n, pa.int32()), "task_index": pa.array([1] * n, pa.int32()),
        }

    v30(root, {
        "action": feature("float64", [2]), "state": feature("float64", []), "image": feature("image", [24, 32, 3]),
        "episode_index": feature("int32", [1]), "task_index": feature("int32", [1]),
    }, [], {(0, 0): [5, 8]}, columns, fps=12.5, video_path=None)
    save(root / "meta/episodes/chunk-000/file-000.parquet", {
        "episode_index": pa.array([5, 8], pa.int32()), "length": pa.array([3, 4], pa.int32()),
        "data/chunk_index": pa.array([0, 0], pa.int32()), "data/file_index": pa.array([0, 0], pa.int32()),
        "success": pa.array([True, None]),
    })
    lines(root / "meta/tasks.jsonl", [{"task_index": 0, "task": "unused"}, {"task_index": 1, "task": "wipe"}])


for make in (v20_minimal, v21_gaps, v21_pictures, v30_files, v30_sparse):
    make()
(HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
