"""Makes the fixtures of LeRobotTests; run in this folder.

Made with Python 3.11, av 18.1.0 (FFmpeg 8.1.2), pillow 13.0.0, pyarrow 26.0.1, numpy 2.4.6 and ffmpeg 5.1.9 (Debian 12) with
libx264, libx265 and libaom; both FFmpegs give the same bytes. ioai_h264 and ioai_image are not made here: they are test fixtures of
github.com/ioai-tech/lerobot-studio at 3cf43e7f (MIT, see their LICENSE).
"""
import hashlib
import io
import json
import os
import subprocess

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def sha(data):
    return hashlib.sha256(data).hexdigest()


def ffmpeg_frames(path, size):
    """The frames as FFmpeg's command converts them."""
    data = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                          check=True, capture_output=True).stdout
    return [data[i:i + size] for i in range(0, len(data), size)]


def pyav_frames(path):
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24").tobytes() for frame in container.decode(video=0)]


VIDEOS = {
    # name: (size, frames, encoder arguments)
    "hevc.mp4": ("64x48", 10, "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p"),
    "mpeg4.mp4": ("64x48", 10, "-c:v mpeg4 -bf 2 -pix_fmt yuv420p"),
    "mpeg4.avi": ("64x48", 10, "-c:v mpeg4 -pix_fmt yuv420p"),
    # An odd width, B-frames and one key frame, as recorders other than lerobot write.
    "h264_narrow.mp4": ("102x74", 12, "-c:v libx264 -bf 3 -g 250 -pix_fmt yuv420p"),
    # A stream that names its matrix and range.
    "h264_bt709_full.mp4": ("64x48", 6, "-vf scale=out_color_matrix=bt709:out_range=full -c:v libx264 "
                            "-pix_fmt yuv420p -colorspace bt709 -color_range pc"),
    "h264_444.mp4": ("66x50", 4, "-c:v libx264 -pix_fmt yuv444p"),
    "av1_narrow.mp4": ("70x52", 6, "-c:v libaom-av1 -cpu-used 8 -g 2 -crf 30 -pix_fmt yuv420p"),
}


def videos():
    golden = {}
    for name, (size, count, arguments) in VIDEOS.items():
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=10",
                        "-frames:v", str(count), *arguments.split(), "-map_metadata", "-1", name],
                       check=True, stderr=subprocess.DEVNULL)
        width, height = map(int, size.split("x"))
        frames = ffmpeg_frames(name, width * height * 3)
        with av.open(name) as container:
            codec = container.streams.video[0].codec_context.codec.canonical_name
        pyav = pyav_frames(name)
        if pyav != frames:
            print(name, "PyAV differs by at most",
                  max(np.abs(np.frombuffer(a, np.uint8).astype(int) - np.frombuffer(b, np.uint8)).max()
                      for a, b in zip(pyav, frames)))
        golden[name] = {"width": width, "height": height, "codec": codec, "sha256": [sha(f) for f in frames]}
    for name, path in {
        "ioai_h264": "ioai_h264/videos/chunk-000/observation.images.cam/episode_000001.mp4",
        "pusht": "../../../Examples/pusht/videos/chunk-000/observation.image/episode_000003.mp4",
    }.items():
        frames = pyav_frames(path)
        golden[name] = {"sha256": [sha(f) for f in frames]}
    return golden


def pictures():
    golden = {}
    y, x = np.mgrid[0:37, 0:45]
    rgb = np.stack([x * 5, y * 6, (x * y) % 256], -1).astype(np.uint8)
    picture = Image.fromarray(rgb)
    picture.save("rgb.png")
    picture.convert("L").save("gray.png")
    picture.quantize(16).save("palette.png")
    picture.convert("RGBA").save("rgba.png")
    picture.convert("1").save("bilevel.png")
    picture.resize((64, 48)).save("photo.jpg", quality=95)
    for name in ["rgb.png", "gray.png", "palette.png", "rgba.png", "bilevel.png"]:
        golden[name] = sha(Image.open(name).convert("RGB").tobytes())
    return golden


def columns():
    """Every Parquet type that recorders write, in two row groups."""
    n = 5

    def png(i):
        out = io.BytesIO()
        Image.fromarray(np.full((4, 6, 3), i * 10, np.uint8)).save(out, "PNG")
        return out.getvalue()

    flat = pa.array(np.arange(n * 2, dtype=np.float32))
    table = pa.table({
        "float32": pa.array(np.arange(n, dtype=np.float32) / 4),
        "float64": pa.array(np.arange(n, dtype=np.float64) / 8),
        "float16": pa.array(np.arange(n, dtype=np.float16) / 2),
        "int64": pa.array([0, 1, -2, 2**40, 4]),
        "int32": pa.array([0, 1, -2, 3, 4], pa.int32()),
        "uint8": pa.array([0, 1, 255, 3, 4], pa.uint8()),
        "bool": pa.array([True, False, True, True, False]),
        "string": pa.array(["a", "ä", "", "d", "e"]),
        "large_string": pa.array(["a", "b", "c", "d", "e"], pa.large_string()),
        "dictionary": pa.array(["x", "y", "x", "x", "y"]).dictionary_encode(),
        "string_with_null": pa.array(["a", None, "c", "d", "e"]),
        "float32_with_null": pa.array([0, None, 2, 3, 4], pa.float32()),
        "list": pa.array([[i, i + 0.5] for i in range(n)], pa.list_(pa.float64())),
        "list_uneven": pa.array([[1], [1, 2], [1], [1], [1]], pa.list_(pa.float32())),
        "fixed_list": pa.FixedSizeListArray.from_arrays(flat, 2),
        "matrix": pa.array([[[i, 1], [2, 3]] for i in range(n)], pa.list_(pa.list_(pa.float32()))),
        "picture": pa.array([{"bytes": png(i), "path": f"frame_{i:06d}.png"} for i in range(n)]),
        "picture_with_null": pa.array([{"bytes": png(i) if i != 3 else None, "path": "p"} for i in range(n)]),
        "binary": pa.array([png(i) for i in range(n)]),
    })
    pq.write_table(table, "columns.parquet", row_group_size=3)


def mutated():
    """A small file of the usual types, for the tests to forge."""
    n = 40
    table = pa.table({
        "timestamp": pa.array((np.arange(n) / 10).astype(np.float32)),
        "action": pa.array([[i, i + 0.5] for i in range(n)], pa.list_(pa.float32())),
        "index": pa.array(np.arange(n)),
        "done": pa.array(np.arange(n) == n - 1),
        "task": pa.array(["a", "b"] * (n // 2)),
        "picture": pa.array([{"bytes": bytes([i]) * 30, "path": "p"} for i in range(n)]),
    })
    pq.write_table(table, "mutated.parquet", row_group_size=25)


columns()
mutated()
golden = {"videos": videos(), "pictures": pictures()}
with open("golden.json", "w") as file:
    json.dump(golden, file, indent=1)
print({f: os.path.getsize(f) for f in sorted(os.listdir(".")) if os.path.isfile(f)})
