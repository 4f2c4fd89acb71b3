"""Makes videos/, whose frames are sought by number in VideoSeekingTests and copied in VideoCopyTests; run in this folder.

Made with ffmpeg 5.1.9 (Debian 12) with libx264, libx265, libaom and libsvtav1. videos.json has the SHA-256 of every frame as FFmpeg's
command gives them from the first to the last.
"""
import hashlib
import json
import os
import subprocess

SIZE = "80x64"


def ffmpeg(*arguments):
    return subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, capture_output=True).stdout


def source(frames):
    return ["-f", "lavfi", "-i", f"testsrc2=size={SIZE}:rate=10", "-frames:v", str(frames), "-pix_fmt", "yuv420p"]


X264 = "-c:v libx264 -crf 40 -threads 1".split()
VIDEOS = {
    "av1_g2.mp4": [*source(12), "-c:v", "libsvtav1", "-g", "2", "-crf", "50", "-preset", "12"],
    # One key frame and B-frames that other B-frames need.
    "h264_g250.mp4": [*source(40), *X264, *"-g 250 -bf 3 -b_strategy 0 -sc_threshold 0".split(), "-x264-params", "b-pyramid=normal"],
    # Frames shown before the key frame that they are stored after.
    "h264_open.mp4": [*source(40), *X264, *"-g 8 -keyint_min 8 -bf 3 -b_strategy 0 -sc_threshold 0".split(), "-x264-params", "open-gop=1"],
    "h264_open.mkv": ["-i", "videos/h264_open.mp4", "-c", "copy"],
    "hevc_open.mp4": [*source(40), "-c:v", "libx265", "-x265-params",
                      "log-level=none:crf=40:keyint=8:min-keyint=8:open-gop=1:bframes=3:b-adapt=0:pools=none:frame-threads=1"],
    # Three GOPs that can be cut.
    "h264_g10.mp4": [*source(30), *X264, *"-g 10 -keyint_min 10 -bf 2 -b_strategy 0 -sc_threshold 0 -flags +cgop".split()],
    "h264_plain.mp4": [*source(12), *X264, *"-g 4 -keyint_min 4 -bf 0 -sc_threshold 0".split()],
    "h264_again.mp4": [*source(12), "-vf", "negate", *X264, *"-g 4 -keyint_min 4 -bf 0 -sc_threshold 0".split()],
    # The first frame is shown after 0.7 s.
    "h264_offset.mkv": ["-itsoffset", "0.7", "-i", "videos/h264_g10.mp4", "-c", "copy"],
    "h264_offset.mp4": ["-itsoffset", "0.7", "-i", "videos/h264_g10.mp4", "-c", "copy"],
    # An edit list hides the frames before 1.3 s.
    "h264_edited.mp4": ["-ss", "1.3", "-i", "videos/h264_g10.mp4", "-c", "copy"],
    # An edit list hides frame 6 of av1_g2.mp4, which FFmpeg 5.1 gives nevertheless: see below.
    "av1_edited.mp4": ["-ss", "0.7", "-i", "videos/av1_g2.mp4", "-t", "0.4", "-c", "copy"],
    # Frames shown for longer and longer.
    "h264_variable.mp4": [*source(20), "-vf", "settb=1/1000,setpts=N*(N+3)*0.02/TB", *"-vsync passthrough -enc_time_base 1:1000".split(),
                          *X264, *"-g 6 -bf 2".split()],
    # Two frames at one time.
    "h264_same_time.mp4": [*source(20), "-vf", "setpts=N*(N+3)*0.02/TB", *"-vsync passthrough -enc_time_base 1:1000".split(), *X264,
                           *"-g 6 -bf 2".split()],
    "mpeg4_b.avi": [*source(20), *"-c:v mpeg4 -q:v 20 -g 6 -bf 2".split()],
    "h264_fragments.mp4": ["-i", "videos/h264_g10.mp4", "-c", "copy", "-movflags", "frag_keyframe+empty_moov"],
    "h264_stream.ts": ["-i", "videos/h264_g10.mp4", "-c", "copy"],
}

os.makedirs("videos", exist_ok=True)
golden = {}
for name, arguments in VIDEOS.items():
    path = f"videos/{name}"
    ffmpeg(*arguments, "-map_metadata", "-1", "-fflags", "+bitexact", path)
    raw = ffmpeg("-i", path, "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    size = 80 * 64 * 3
    golden[name] = [hashlib.sha256(raw[i:i + size]).hexdigest() for i in range(0, len(raw), size)]
# As FFmpeg 6.1 and later, PyAV and TorchCodec have it.
golden["av1_edited.mp4"] = golden["av1_g2.mp4"][7:11]
with open("videos.json", "w") as file:
    json.dump(golden, file, indent=0)
for name in VIDEOS:
    print(name, os.path.getsize(f"videos/{name}"), len(golden[name]))
