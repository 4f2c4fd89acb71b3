"""Runs each benchmark side by side with its PyTorch peer, prints a table, writes results/<name>.json.

Started by Benchmarks/run. RECAP names the executable (default: .build/release/recap); RECAP_BENCH_TINY=1
makes everything small, to try the harness itself, and keeps its results out of results/.
"""

import functools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PEERS, WORK = HERE / "peer", HERE / ".work"
RECAP = os.environ.get("RECAP", str(HERE.parent / ".build/release/recap"))
TINY = os.environ.get("RECAP_BENCH_TINY") == "1"
RESULTS = WORK / "results" if TINY else HERE / "results"
THREADS = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))
FLOW_DEVICE = os.environ.get("RECAP_BENCH_DEVICE", "cpu")
EPOCHS = {"demo_epochs": 10, "correction_epochs": 5, "autonomous_epochs": 20}
LEROBOT = (
    "lerobot[dataset]==0.6.1", "torch==2.11.0", "torchcodec==0.11.1", "av==15.1.0", "datasets==4.8.5",
    "pyarrow==26.0.1", "pandas==2.3.3", "numpy==2.2.6",
)
FRAMES, EPISODES = (8, 6) if TINY else (60, 6)


class Failed(Exception):
    """A command did not do what the benchmark needs."""


@dataclass
class Finished:
    seconds: float
    started: float  # seconds since 1970
    output: str
    errors: str
    peak_megabytes: float

    def json_lines(self) -> list[dict]:
        return [json.loads(line) for line in self.output.splitlines() if line.startswith("{")]


@dataclass
class Result:
    """`ratio` above 1: ours is better. `checks` are (what, value, at least / at most, bound)."""

    name: str
    unit: str
    ours: float
    peer: float
    ratio: float
    checks: list[tuple[str, float, str, float]]
    details: dict = field(default_factory=dict)

    def write(self) -> None:
        RESULTS.mkdir(parents=True, exist_ok=True)
        fields = {k: getattr(self, k) for k in ("name", "unit", "ours", "peer", "ratio")}
        checks = [
            {"what": w, "value": v, f"at_{kind}": bound, "met": met(v, kind, bound)}
            for w, v, kind, bound in self.checks
        ]
        text = json.dumps(fields | {"checks": checks, "details": self.details | machine()}, indent=1)
        (RESULTS / f"{self.name}.json").write_text(text + "\n")


def met(value: float, kind: str, bound: float) -> bool:
    return value >= bound if kind == "least" else value <= bound


def machine() -> dict:
    model = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    return {
        "processor": model[0] if model else platform.machine(), "threads": THREADS,
        "load_at_end": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d"), "tiny": TINY,
    }


def run(*command, env: dict | None = None) -> Finished:
    """Runs a command to its end; its peak memory is that of the process itself."""
    quiet = {"TQDM_DISABLE": "1", "TRANSFORMERS_VERBOSITY": "error", "SVT_LOG": "1", "HF_HUB_OFFLINE": "1"}
    environment = os.environ | quiet | {"OMP_NUM_THREADS": str(THREADS)} | (env or {})
    arguments = [str(c) for c in command]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started, start = time.time(), time.perf_counter()
        process = subprocess.Popen(arguments, stdout=output, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0), errors.seek(0)
        done = Finished(seconds, started, output.read(), errors.read(), usage.ru_maxrss / 1024)
    if process.returncode != 0:
        tail = "\n".join((done.errors or done.output).strip().splitlines()[-8:])
        raise Failed(f"{' '.join(arguments)}\nexited with {process.returncode}:\n{tail}")
    return done


def peer(script: str, *arguments, env: dict | None = None) -> Finished:
    return run(sys.executable, PEERS / script, *arguments, env=env)


def alternate(rounds: int, ours, theirs) -> tuple[list, list]:
    """A B A B …, so that a busy moment of the machine meets both."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def made(path: Path, script: str, *arguments, python: str | None = None) -> Path:
    """`path`, made by a script of the peers unless it is there already."""
    if not path.exists():
        partial = path.with_name(path.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        if python:
            run(python, PEERS / script, partial, *arguments)
        else:
            peer(script, partial, *arguments)
        partial.rename(path)
    return path


def encoders() -> Path:
    return made(WORK / ("encoders-tiny" if TINY else "encoders"), "make_encoders.py", *(["--tiny"] if TINY else []))


def dataset() -> Path:
    return made(WORK / f"episodes-{FRAMES}", "make_dataset.py", "--frames", FRAMES, "--size", "224x224")


def write_config(folder: Path, data: Path, **training) -> Path:
    """The classic configuration with only paths changed (JSON is YAML)."""
    fields = {
        "model": {
            "action_dim": 7, "vision_model_name": str(encoders() / "vision"),
            "text_model_name": str(encoders() / "text"), "hidden_dim": 512, "freeze_vision": True,
            "freeze_text": True, "use_advantage_conditioning": True, "use_quality_conditioning": True,
        },
        "value_function": {"input_dim": 512, "hidden_dims": [512, 256], "activation": "gelu"},
        "dataset": {"path": str(data), "batch_size": 1, "image_keys": ["observation.images.main"]},
        "training": {
            "learning_rate": 1e-4, "value_lr": 1e-4, **EPOCHS, "use_wandb": False,
            "checkpoint_dir": str(folder / "checkpoints"), **training,
        },
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(fields, indent=1) + "\n")
    return path


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def empty_feature_cache(cache: Path) -> None:
    """Removes all that recap keeps between runs but the remembered hashes of weight files."""
    for path in sorted(cache.rglob("*"), reverse=True):
        if path.is_file() and path.name != "hashes.json":
            path.unlink()


def classic_recipe() -> Result:
    folder = fresh(WORK / "classic")
    cache = folder / "cache"
    env = {"XDG_CACHE_HOME": str(cache)}

    def ours() -> Finished:
        data = folder / "data"  # a fresh copy: no features are cached beside it
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)
        shutil.copytree(dataset(), data, ignore=shutil.ignore_patterns(".recap"))
        empty_feature_cache(cache)
        return run(RECAP, "train", "--config", write_config(folder, data), "--device", "cpu", env=env)

    def floor() -> dict:
        return peer("encode_floor.py", encoders() / "vision", FRAMES * EPISODES).json_lines()[-1]

    dataset(), encoders()
    (first, hashed), floors = alternate(2, ours, floor)
    best = min(floors, key=lambda f: f["seconds"])
    config = write_config(folder, dataset())
    theirs = peer("classic_recipe.py", "--config", config, "--device", "cpu", "--one-epoch").json_lines()[-1]
    ratio, over = theirs["seconds"] / first.seconds, hashed.seconds / best["seconds"]
    return Result(
        "classic-recipe", "seconds", first.seconds, theirs["seconds"], ratio,
        [("times faster", ratio, "least", 15), ("share of the encoding floor", over, "most", 1.3)],
        {
            "ours_hashes_remembered_seconds": hashed.seconds, "floor_seconds": best["seconds"],
            "ours_over_floor": over, "floor": floors, "ours_peak_megabytes": first.peak_megabytes,
            "peer": theirs, "peer_is_scaled_from_one_epoch_of_each_stage": True,
            "episodes": EPISODES, "frames_per_episode": FRAMES, **EPOCHS,
        })


def train_step() -> Result:
    steps, warmup = (5, 1) if TINY else (100, 10)

    def ours() -> float:
        lines = run(RECAP, "benchmark", "train-step", "--steps", steps + warmup).json_lines()
        seconds = [line["seconds_per_step"] for line in lines if "seconds_per_step" in line]
        if not seconds:
            raise Failed("recap benchmark train-step printed no line with seconds_per_step")
        return statistics.median(seconds[warmup:] if len(seconds) > warmup else seconds)

    def theirs() -> tuple[float, float]:
        options = ("--steps", steps, "--warmup", warmup)
        default, fused = peer("train_step.py", *options), peer("train_step.py", *options, "--fused")
        return tuple(done.json_lines()[-1]["seconds_per_step"] for done in (default, fused))

    a, b = alternate(1 if TINY else 5, ours, theirs)
    mine = statistics.median(a)
    eager, fused = statistics.median(d for d, _ in b), statistics.median(f for _, f in b)
    return Result(
        "train-step", "seconds", mine, eager, eager / mine,
        [("speed against PyTorch eager", eager / mine, "least", 0.95)],
        {
            "ours_rounds": a, "peer_rounds": [d for d, _ in b], "peer_fused_adamw": fused,
            "ratio_against_fused_adamw": fused / mine, "steps": steps, "warmup": warmup,
        })


def decode() -> Result:
    if not shutil.which("ffmpeg"):
        raise Failed("ffmpeg is not on the path: apt install ffmpeg")
    frames = 30 if TINY else 600
    details, checks, first = {}, [], None
    for codec in ("libsvtav1", "libx264"):
        root = made(
            WORK / f"video-{codec}-{frames}", "make_dataset.py", "--frames", frames, "--size", "640x480",
            "--codec", codec)
        video = next(iter(sorted(root.rglob("*.mp4"))))

        def ours() -> float:
            done = run(RECAP, "benchmark", "decode", video, "--threads", THREADS).json_lines()[-1]
            if done["frames"] != frames:
                raise Failed(f"{video}: recap decoded {done['frames']} frames of {frames}")
            return done["seconds"]

        def theirs() -> float:
            done = run(
                "ffmpeg", "-hide_banner", "-benchmark", "-threads", THREADS, "-i", video, "-pix_fmt",
                "rgb24", "-f", "rawvideo", "-y", "/dev/null")
            bench = next(line for line in done.errors.splitlines() if "rtime=" in line)
            return float(bench.split("rtime=")[1].rstrip("s"))

        a, b = alternate(1 if TINY else 7, ours, theirs)
        mine, reference = statistics.median(a), statistics.median(b)
        checks.append((f"speed against ffmpeg, {codec[3:]}", reference / mine, "least", 0.9))
        details[codec[3:]] = {
            "ours_seconds": mine, "peer_seconds": reference, "ours_rounds": a, "peer_rounds": b,
            "frames": frames, "size": "640x480",
        }
        first = first or (frames / mine, frames / reference)
    return Result("decode", "frames per second", first[0], first[1], first[0] / first[1], checks, details)


def startup() -> Result:
    rounds = 2 if TINY else 11
    a, b = alternate(
        rounds, lambda: run(RECAP, "--help").seconds,
        lambda: run(sys.executable, "-c", "import torch").seconds)
    ours, theirs = statistics.median(a), statistics.median(b)
    return Result(
        "startup", "seconds", ours, theirs, theirs / ours,
        [("times faster", theirs / ours, "least", 4)], {"ours_rounds": a, "peer_rounds": b})


def first_step() -> Result:
    folder = fresh(WORK / "first-step")
    config = write_config(folder, dataset(), demo_epochs=1, correction_epochs=1, autonomous_epochs=1, log_every=1)
    env = {"XDG_CACHE_HOME": str(folder / "cache")}

    def train() -> Finished:
        for pattern in ("checkpoint_*.pt", "metrics.jsonl"):
            for path in (folder / "checkpoints").rglob(pattern):
                path.unlink()
        return run(RECAP, "train", "--config", config, "--device", "cpu", env=env)

    def ours() -> float:
        done = train()
        found = sorted((folder / "checkpoints").rglob("metrics.jsonl"))
        if not found:
            raise Failed(f"recap train wrote no metrics.jsonl under {folder / 'checkpoints'}")
        return json.loads(found[0].read_text().splitlines()[0])["_timestamp"] - done.started

    def theirs() -> float:
        """Its images cost nothing here: ours reads them from its cache."""
        done = peer("classic_recipe.py", "--config", config, "--device", "cpu", "--first-step")
        line = done.json_lines()[-1]
        return line["_timestamp"] - done.started - sum(line[k] for k in ("decode", "process", "encode"))

    train()  # fills the feature cache
    a, b = alternate(1 if TINY else 3, ours, theirs)
    mine, reference = statistics.median(a), statistics.median(b)
    return Result(
        "first-step", "seconds", mine, reference, reference / mine,
        [("seconds to the first step", mine, "most", 3)],
        {"ours_rounds": a, "peer_rounds": b, "peer_without_decoding_processing_encoding": True})


class Worker:
    """A program that waits for a number a line, runs so many, and answers with {"seconds": [one each]}."""

    def __init__(self, *command) -> None:
        self.arguments = [str(c) for c in command]
        env = os.environ | {"OMP_NUM_THREADS": str(THREADS)}
        # torch.compile writes the number of threads into its kernels: a cache for each.
        env["TORCHINDUCTOR_CACHE_DIR"] = str(WORK / f"inductor-{THREADS}")
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)

    def __call__(self, count: int) -> float:
        """The median of so many."""
        try:
            self.process.stdin.write(f"{count}\n")
            self.process.stdin.flush()
            return statistics.median(json.loads(self.process.stdout.readline())["seconds"])
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise Failed(f"{' '.join(self.arguments)}\nended instead of answering") from error

    def end(self) -> float:
        """Its peak memory in megabytes."""
        self.process.stdin.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage.ru_maxrss / 1024


def take_turns(workers: dict[str, Worker], rounds: int, count: int, warmup: int) -> dict[str, dict]:
    """Each worker's rounds, A B C A B C …, after a warm-up in which torch.compile compiles."""
    for worker in workers.values():
        worker(warmup)
    seconds = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            seconds[name].append(worker(count))
    return {
        name: {"seconds": statistics.median(seconds[name]), "rounds": seconds[name], "peak_megabytes": worker.end()}
        for name, worker in workers.items()
    }


def paired(of: dict, over: dict) -> float:
    """The median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(of["rounds"], over["rounds"]))


def flow_workers(what: str, *ours) -> dict[str, Worker]:
    device = ("--device", FLOW_DEVICE)
    script = (sys.executable, PEERS / "flow_speed.py", what, *device)
    return {
        "ours": Worker(RECAP, "benchmark", f"flow-{what}", *device, *ours), "eager": Worker(*script),
        "compile": Worker(*script, "--mode", "compile"),
    }


def flow_train() -> Result:
    batch = 32
    done = take_turns(flow_workers("train"), *((1, 2, 2) if TINY else (15, 10, 10)))
    rates = {name: batch / d["seconds"] for name, d in done.items()}
    ratio = paired(done["compile"], done["ours"])
    return Result(
        "flow-train", "samples per second", rates["ours"], rates["compile"], ratio,
        [("speed against torch.compile", ratio, "least", 0.95)],
        {
            "samples_per_second": rates, "ratio_against_eager": paired(done["eager"], done["ours"]),
            "batch": batch, "device": FLOW_DEVICE, **done,
        })


def flow_act() -> Result:
    done = take_turns(flow_workers("act"), *((1, 3, 3) if TINY else (25, 20, 20)))
    share = paired(done["ours"], done["eager"])
    return Result(
        "flow-act", "seconds", done["ours"]["seconds"], done["eager"]["seconds"], 1 / share,
        [("share of eager's time", share, "most", 0.8)],
        {"ratio_against_compile": paired(done["compile"], done["ours"]), "device": FLOW_DEVICE, **done})


def flow_guidance() -> Result:
    command = (RECAP, "benchmark", "flow-act", "--device", FLOW_DEVICE)
    done = take_turns(
        {"guided": Worker(*command, "--guidance", 2), "plain": Worker(*command)},
        *((1, 3, 3) if TINY else (25, 20, 20)))
    times = paired(done["guided"], done["plain"])
    return Result(
        "flow-guidance", "seconds", done["guided"]["seconds"], done["plain"]["seconds"], 1 / times,
        [("times the time without guidance", times, "most", 2 if FLOW_DEVICE == "cpu" else 1.2)],
        {"device": FLOW_DEVICE, **done})


def lerobot_python() -> str:
    """A Python with LeRobot 0.6.1: RECAP_LEROBOT_061, else one that is set up here, once."""
    if named := os.environ.get("RECAP_LEROBOT_061"):
        return named
    venv = WORK / "lerobot"
    if not (venv / "complete").exists():
        found = [shutil.which(f"python3.{minor}") for minor in (12, 13)]
        base = next((p for p in found if p), None)
        if base is None:
            raise Failed("LeRobot 0.6.1 wants Python 3.12 or 3.13: install one, or set RECAP_LEROBOT_061")
        run(base, "-m", "venv", "--clear", venv)
        run(venv / "bin/python", "-m", "pip", "install", "--quiet", *LEROBOT)
        (venv / "complete").touch()
    return str(venv / "bin/python")


def lerobot(mode: str, dataset: Path, *arguments, env: dict | None = None) -> dict:
    env = {"HF_DATASETS_CACHE": str(WORK / "lerobot-cache/kept")} | (env or {})
    done = run(lerobot_python(), PEERS / "lerobot_loader.py", mode, dataset, *arguments, env=env)
    return done.json_lines()[-1]


def loader(mode: str, dataset: Path, *arguments, threads: int = THREADS) -> dict:
    done = run(RECAP, "benchmark", "dataset", dataset, "--mode", mode, "--threads", threads, *arguments)
    return done.json_lines()[-1]


def forget(folder: Path) -> None:
    """Takes a folder's files out of the system's cache, as far as it lets us: what follows is cold."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def twins() -> tuple[Path, Path]:
    """The same episodes in v3.0 and v2.1: those that RECAP_BENCH_DATASETS names ("NEW,OLD"), else made ones."""
    if named := os.environ.get("RECAP_BENCH_DATASETS"):
        new, old = (Path(p) for p in named.split(","))
        return new, old
    frames = 30 if TINY else 300
    old = made(WORK / f"loader-v21-{frames}", "make_dataset.py", "--frames", frames, "--size", "640x480")
    new = WORK / f"loader-v30-{frames}"
    if not new.exists():
        run(RECAP, "dataset", "convert", old, "--output", new, "--to", "v3.0")
    return new, old


def samples_per_second(mode: str, goal: float, *arguments) -> Result:
    new, old = twins()
    counts = {"ours": 40 if TINY else 1000, "peer": 20 if TINY else 300}
    ours = lambda: {
        name: loader(mode, folder, "--samples", counts["ours"], *arguments)
        for name, folder in (("v3.0", new), ("v2.1", old))
    }
    theirs = lambda: lerobot(mode, new, "--samples", counts["peer"], *arguments)
    rate = lambda r: r["samples"] / r["seconds"]
    theirs()  # its first run makes Arrow copies of the rows
    a, b = alternate(1 if TINY else 5, ours, theirs)
    rates = {name: statistics.median(rate(r[name]) for r in a) for name in a[0]}
    peer_rate = statistics.median(rate(r) for r in b)
    one_thread = loader(mode, new, "--samples", counts["ours"], *arguments, threads=1)
    bytes_rate = loader(mode, new, "--samples", counts["ours"], "--frame-type", "uint8", *arguments)
    return Result(
        f"dataset-{mode}", "samples per second", rates["v3.0"], peer_rate, rates["v3.0"] / peer_rate,
        [(f"times faster, {name}", mine / peer_rate, "least", goal) for name, mine in rates.items()],
        {
            "dataset": new.name, "ours_v21_samples_per_second": rates["v2.1"],
            "ours_uint8_samples_per_second": rate(bytes_rate),
            "ours_one_thread_samples_per_second": rate(one_thread),
            "ours_rounds": a, "peer_rounds": b, "decoder_threads_of_peer": 1,
            "frames": "float32 [C, H, W] from 0 to 1 on both sides",
        })


def dataset_sequential() -> Result:
    return samples_per_second("sequential", 4)


def dataset_random() -> Result:
    return samples_per_second("random", 1.5, "--window", 16)


def dataset_open() -> Result:
    episodes = 1000 if TINY else 100_000
    many = made(WORK / f"episodes-{episodes}", "make_many_episodes.py", "--episodes", episodes, python=lerobot_python())
    caches = fresh(WORK / "lerobot-cache")

    def ours() -> dict:
        forget(many)
        return loader("open", many)

    def theirs() -> dict:
        cache = fresh(caches / "round")
        first, again = (
            (forget(many), forget(cache), lerobot("open", many, env={"HF_DATASETS_CACHE": str(cache)}))[-1]
            for _ in range(2)
        )
        return {"first": first, "again": again}

    a, b = alternate(1 if TINY else 3, ours, theirs)
    mine = statistics.median(r["seconds"] for r in a)
    first, again = (statistics.median(r[k]["seconds"] for r in b) for k in ("first", "again"))
    peak = {"ours": max(r["peak_megabytes"] for r in a), "peer": min(r["again"]["peak_megabytes"] for r in b)}
    grown = {
        "ours": max(r["peak_megabytes"] - r["resident_before_megabytes"] for r in a),
        "peer": min(r["first"]["peak_megabytes"] - r["first"]["resident_before_megabytes"] for r in b),
    }
    million = 10_000 if TINY else 1_000_000
    huge = made(WORK / f"episodes-{million}", "make_many_episodes.py", "--episodes", million, "--without-data", python=lerobot_python())
    forget(huge)
    of_million = loader("open", huge)
    return Result(
        "dataset-open", "seconds", mine, first, first / mine,
        [
            ("times faster, cold", first / mine, "least", 5),
            ("times faster, cold, with the peer's Arrow copies made before", again / mine, "least", 5),
            ("peak memory against the peer's", peak["ours"] / peak["peer"], "most", 1),
            ("megabytes for a million episodes", of_million["peak_megabytes"], "most", 1000),
        ],
        {
            "episodes": episodes, "peer_with_arrow_copies_seconds": again, "peak_megabytes": peak,
            "megabytes_grown_by_opening": grown, "ours_million_episodes": of_million, "ours_rounds": a,
            "peer_rounds": b,
        })


BENCHMARKS = {
    "classic-recipe": classic_recipe, "train-step": train_step, "decode": decode, "startup": startup,
    "first-step": first_step, "dataset-sequential": dataset_sequential, "dataset-random": dataset_random,
    "dataset-open": dataset_open, "flow-train": flow_train, "flow-act": flow_act, "flow-guidance": flow_guidance,
}


def number(x: float) -> str:
    return f"{x:.4g}" if abs(x) < 1000 else f"{x:,.0f}"


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [n for n in names if n not in BENCHMARKS]
    if unknown:
        print(f"error: no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 1
    if not shutil.which(RECAP):
        print(f"error: {RECAP} is not there: run make build, or set RECAP", file=sys.stderr)
        return 1
    rows, failures = [], 0
    for name in names:
        print(f"{name}…", file=sys.stderr, flush=True)
        try:
            result = BENCHMARKS[name]()
        except Failed as failure:
            print(f"error: {name}: {failure}", file=sys.stderr)
            failures += 1
            continue
        result.write()
        for i, (what, value, kind, bound) in enumerate(result.checks):
            head = [name, number(result.ours), number(result.peer), result.unit, number(result.ratio)]
            verdict = "met" if met(value, kind, bound) else "MISSED"
            goal = f"{what}: {number(value)}, at {kind} {number(bound)}: {verdict}"
            rows.append((head if i == 0 else [""] * 5) + [goal])
    table = [["benchmark", "ours", "peer", "unit", "ratio", "goal"], *rows]
    widths = [max(len(row[i]) for row in table) for i in range(6)]
    for row in table if rows else []:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 1 if failures else 0


def tokenize(kind: str) -> Result:
    """10 MB of text, line by line, on one thread; what goes in is text, what comes out is ids."""
    folder = made(
        WORK / ("tokenizers-tiny" if TINY else "tokenizers"), "make_tokenizers.py", *(["--tiny"] if TINY else []))
    model, file = folder / kind, folder / "text.txt"
    if named := os.environ.get(f"RECAP_BENCH_{kind.upper()}"):
        model = Path(named)

    def ours() -> dict:
        return run(RECAP, "benchmark", "tokenize", "--model", model, file, "--rounds", 1).json_lines()[-1]

    def theirs() -> dict:
        return peer("tokenize_text.py", model, file).json_lines()[-1]

    a, b = alternate(1 if TINY else 5, ours, theirs)
    if {(r["tokens"], r["sum"]) for r in a} != {(r["tokens"], r["sum"]) for r in b}:
        raise Failed(f"{model}: the ids differ from those of the tokenizers library")
    mine, whole = (statistics.median(r[k] for r in a) for k in ("seconds", "seconds_with_offsets"))
    fast, full = (statistics.median(r[k] for r in b) for k in ("seconds", "seconds_with_offsets"))
    megabytes = file.stat().st_size / 1e6
    theirs_best = min(fast, full)
    return Result(
        f"tokenize-{kind}", "MB/s", megabytes / mine, megabytes / theirs_best, theirs_best / mine,
        [
            ("speed against tokenizers, ids alone", theirs_best / mine, "least", 1),
            ("speed against tokenizers, with tokens and offsets", full / whole, "least", 1),
        ],
        {
            "megabytes": megabytes, "tokens": a[0]["tokens"], "tokenizers": b[0]["version"],
            "encode_batch_seconds": full, "encode_batch_fast_seconds": fast, "ours_rounds": a, "peer_rounds": b,
        })


def encoder_vision() -> Result:
    """A DINOv2-small with random weights, forward alone and with the gradients of all parameters."""
    model = made(WORK / ("dinov2-tiny" if TINY else "dinov2-small"), "encoder_speed.py", "--write", *(["--tiny"] if TINY else []))
    done, ratios, memory = {}, {}, {}
    for what, flags in (("forward", ()), ("forward and backward", ("--train",))):
        options = ("--model", model, "--batch", 8, "--length", 224, *flags)
        turns = take_turns({
            "ours": Worker(RECAP, "benchmark", "encoder", *options),
            "peer": Worker(sys.executable, PEERS / "encoder_speed.py", *options),
        }, *((1, 1, 1) if TINY else (7, 2, 1)))
        done[what] = turns
        ratios[what] = paired(turns["peer"], turns["ours"])
        memory[what] = turns["ours"]["peak_megabytes"] / turns["peer"]["peak_megabytes"]
    train = done["forward and backward"]
    return Result(
        "encoder-vision", "seconds", train["ours"]["seconds"], train["peer"]["seconds"], ratios["forward and backward"],
        [
            *((f"speed against transformers, {what}", ratio, "least", 1) for what, ratio in ratios.items()),
            *((f"peak memory against the peer's, {what}", ratio, "most", 1) for what, ratio in memory.items()),
        ],
        {"model": "DINOv2-small, random weights, 224 x 224, batch 8, float32", **done})


def simulation() -> Result:
    """Every task by its demonstrators beside the bare scene in MuJoCo's Python package, on one core."""
    folder = fresh(WORK / "simulation")
    checks, done, drawn = [], {}, []
    rounds = (1, 20, 5) if TINY else (7, 400, 50)
    for task in ("carry", "push", "pick_and_place"):
        scene = folder / f"{task}.xml"
        told = run(RECAP, "benchmark", "simulate", "--task", task, "--scene", scene).json_lines()[0]
        control, cameras = 1 / told["fps"], told["cameras"]
        for what, flags, theirs in (
            ("physics", (), ("--seconds", control)), ("pictures", ("--pictures",), ("--cameras", *cameras))):
            done[f"{task}, {what}"] = take_turns({
                "ours": Worker(RECAP, "benchmark", "simulate", "--task", task, *flags),
                "peer": Worker(sys.executable, PEERS / "simulate.py", scene, *theirs),
            }, *rounds)
        pictures = done[f"{task}, pictures"]
        drawn.append({who: len(cameras) / turn["seconds"] for who, turn in pictures.items()})
        checks += [
            (f"{task}: times real time without pictures", control / done[f"{task}, physics"]["ours"]["seconds"],
             "least", 20),
            (f"{task}: pictures of 128 x 128 a second", drawn[-1]["ours"], "least", 300),
        ]
    ratios = {name: paired(turns["peer"], turns["ours"]) for name, turns in done.items()}
    return Result(
        "simulation", "pictures per second", min(d["ours"] for d in drawn), min(d["peer"] for d in drawn),
        min(ratio for name, ratio in ratios.items() if name.endswith("pictures")), checks, {"ratios": ratios, **done})


BENCHMARKS["simulation"] = simulation
BENCHMARKS["encoder-vision"] = encoder_vision
BENCHMARKS |= {f"tokenize-{kind}": functools.partial(tokenize, kind) for kind in ("wordpiece", "bpe")}


if __name__ == "__main__":
    sys.exit(main())
