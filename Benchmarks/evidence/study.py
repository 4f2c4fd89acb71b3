#!/usr/bin/env python3
"""RECAP against its rivals in simulated tasks, over several seeds: `make evidence`.

For every task and seed `recap iterate` runs its rounds; then every arm is fitted to all that those rounds
collected, from the same pre-trained policy and value function, with the same number of steps, and evaluated in
the same episodes, which are the seed's own. A row of results.json is written when it is done and skipped when the study is run again.

    study.py [--tasks carry,pick_and_place] [--seeds 21,22,23,24,25] [--arms a,b] [--episodes 200] [--report]
"""

import argparse
import concurrent.futures
import json
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RECAP = os.environ.get("RECAP", str(ROOT / ".build/release/recap"))
WORK = Path(os.environ.get("RECAP_EVIDENCE_WORK", HERE.parent / ".work/evidence"))
RESULTS = HERE / "results.json"

# What an arm's last fit is told, and how its policy acts. Without the first the policy of the last round acts.
ARMS = {
    "recap-b2": (None, ["--guidance", "2"]),
    "recap-b1": (None, ["--guidance", "1"]),
    "recap-b1.5": (None, ["--guidance", "1.5"]),
    "negative": (None, ["--condition", "negative", "--guidance", "1"]),
    "unconditional": (None, ["--condition", "unconditional", "--guidance", "1"]),
    "bc-demos": (["recap.method=bc_demonstrations"], []),
    "bc-all": (["recap.method=bc_all"], []),
    "filtered-bc": (["recap.method=filtered_bc"], []),
    "top40-bc": (["recap.method=best_bc"], []),
    "positive-bc": (["recap.method=positive_bc"], []),
    "awr": (["recap.method=awr"], []),
    "shuffled": (["recap.shuffle_indicators=frames"], ["--guidance", "1"]),
    "shuffled-b2": (["recap.shuffle_indicators=frames"], ["--guidance", "2"]),
    "recap-b2-unforced": (["recap.force_corrections=false"], ["--guidance", "2"]),
    "recap-b2-10%": (["recap.positive_fraction=0.1"], ["--guidance", "2"]),
    "recap-b2-N=T": (["recap.advantage_steps=100000"], ["--guidance", "2"]),
}
HEADLINE, BASELINE = "recap-b2", "bc-demos"
# Student's t, two-sided 95 %, by degrees of freedom.
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}

lock = threading.Lock()


def rows() -> list[dict]:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else []


def record(row: dict) -> None:
    """Adds a row, whole or not at all."""
    with lock:
        found = rows() + [row]
        found.sort(key=lambda r: (r["task"], r["seed"], list(ARMS).index(r["arm"])))
        partial = RESULTS.with_suffix(".partial")
        partial.write_text("[\n" + ",\n".join(json.dumps(r) for r in found) + "\n]\n")
        partial.replace(RESULTS)
    print(f"{row['task']} seed {row['seed']} {row['arm']}: success {row['success']:.3f}, "
          f"{row['throughput_per_hour']:.0f} an hour", flush=True)


class Lineage:
    """The folder of one task and seed."""

    def __init__(self, task: str, seed: int, episodes: int):
        self.task, self.seed, self.episodes = task, seed, episodes
        self.folder = WORK / task / str(seed)
        self.folder.mkdir(parents=True, exist_ok=True)

    def recap(self, *arguments) -> None:
        log = self.folder / "log.txt"
        with open(log, "a") as out:
            # Small networks: a core for each lineage beats several for one.
            done = subprocess.run(
                [RECAP, *map(str, arguments)], cwd=ROOT, stdout=out, stderr=out,
                env=os.environ | {"OMP_NUM_THREADS": "1"})
        if done.returncode:
            raise RuntimeError(f"recap {arguments[0]} failed, see the end of {log}")

    def settings(self, folder: Path, *more: str) -> list[str]:
        pairs = [f"training.checkpoint_dir={folder}", f"training.seed={self.seed}", "training.use_wandb=false", *more]
        config = ["--config", f"configs/{self.task}.yaml"]
        return config + [word for pair in pairs for word in ("--set", pair)]

    def rounds(self) -> Path:
        folder = self.folder / "rounds"
        self.recap("iterate", *self.settings(folder))
        return folder

    def fitted(self, sets: list[str] | None) -> Path:
        """The folder with the checkpoint of an arm, fitted unless it is there."""
        rounds = self.folder / "rounds"
        last = max(rounds.glob("round-*"), key=lambda p: int(p.name.split("-")[1]))
        if sets is None:
            return last
        folder = self.folder / "-".join(sets).replace("recap.", "")
        if (folder / "checkpoint_final.pt").exists():
            return folder
        demonstrations = rounds / "demonstrations"
        pretrained = rounds / "pretrain/checkpoint_demo.pt"
        if "recap.shuffle_indicators=frames" in sets:
            # The control's labels mean nothing from the start.
            own = self.folder / "pretrain-shuffled"
            pretrained = own / "checkpoint_demo.pt"
            if not pretrained.exists():
                self.recap("train", "--resume", "--dataset_path", demonstrations, *self.settings(
                    own, *sets, "training.train_corrections=false", "training.train_autonomous=false"))
        self.recap(
            "train", "--resume", "--checkpoint", pretrained, "--dataset_path", last / "data",
            *self.settings(folder, *sets, "training.train_demonstrations=false", "training.train_corrections=false"))
        return folder

    def evaluate(self, arm: str) -> None:
        sets, acting = ARMS[arm]
        folder = self.fitted(sets)
        figures = self.folder / f"{arm}.json"
        self.recap("evaluate", "--task", self.task, "--checkpoint", folder, "--episodes", self.episodes,
                   "--seed", self.seed, "--workers", 1, "--json", figures, *acting)
        found = json.loads(figures.read_text())
        keys = ("episodes", "successes", "success", "throughput_per_hour", "mean_steps", "broken")
        record({"task": self.task, "arm": arm, "seed": self.seed} | {key: found[key] for key in keys})


def run(task: str, seed: int, arms: list[str], episodes: int) -> None:
    done = {row["arm"] for row in rows() if (row["task"], row["seed"]) == (task, seed)}
    missing = [arm for arm in arms if arm not in done]
    if not missing:
        return
    lineage = Lineage(task, seed, episodes)
    lineage.rounds()
    for arm in missing:
        lineage.evaluate(arm)


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half of the 95 % t-interval over seeds."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, math.nan
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return mean, T95.get(len(values) - 1, 1.96) * deviation / math.sqrt(len(values))


def summary() -> dict[str, list[tuple]]:
    """Of each task the arms with seeds, success and throughput, each a mean and half an interval."""
    found = {}
    for row in rows():
        found.setdefault(row["task"], {}).setdefault(row["arm"], []).append(row)
    return {
        task: [
            (arm, len(own), interval([r["success"] for r in own]), interval([r["throughput_per_hour"] for r in own]))
            for arm in ARMS if (own := arms.get(arm))
        ] for task, arms in found.items()
    }


def plus_minus(value: tuple[float, float], digits: int) -> str:
    mean, half = value
    return f"{mean:.{digits}f}" + ("" if math.isnan(half) else f" ± {half:.{digits}f}")


def table() -> str:
    lines = []
    for task, arms in summary().items():
        base = next((rate[0] for arm, _, _, rate in arms if arm == BASELINE), math.nan)
        lines += [f"### {task}", "", "| arm | seeds | success | per hour | of " + BASELINE + " |", "|---|---|---|---|---|"]
        lines += [
            f"| {arm} | {seeds} | {plus_minus(success, 2)} | {plus_minus(rate, 0)} | {rate[0] / base:.2f} |"
            for arm, seeds, success, rate in arms
        ]
        lines.append("")
    return "\n".join(lines)


def plot() -> str:
    """Throughput of every arm with its interval, as SVG."""
    tasks = summary()
    row, left, width = 22, 150, 420
    height = sum(len(arms) * row + 60 for arms in tasks.values())
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" '
             'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>']
    top = 0
    for task, arms in tasks.items():
        most = max(rate[0] + (0 if math.isnan(rate[1]) else rate[1]) for *_, rate in arms)
        parts.append(f'<text x="10" y="{top + 24}" font-weight="bold">{task}: successes an hour, '
                     '95 % intervals over seeds</text>')
        for i, (arm, _, _, (mean, half)) in enumerate(arms):
            y, scale = top + 40 + i * row, width / most
            fill = "#0072b2" if arm == HEADLINE else "#b0b5bd"
            parts.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{arm}</text>')
            parts.append(f'<rect x="{left}" y="{y}" width="{mean * scale:.1f}" height="15" fill="{fill}"/>')
            if not math.isnan(half):
                low, high = left + max(0, mean - half) * scale, left + (mean + half) * scale
                parts.append(f'<path d="M{low:.1f} {y + 7.5}H{high:.1f}M{low:.1f} {y + 3}v9M{high:.1f} {y + 3}v9" '
                             'stroke="black" fill="none"/>')
            parts.append(f'<text x="{left + width + 10}" y="{y + 12}">{mean:.0f}</text>')
        top += len(arms) * row + 60
    return "\n".join(parts) + "\n</svg>\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default="carry,pick_and_place")
    parser.add_argument("--seeds", default="21,22,23,24,25")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--report", action="store_true", help="only write table and plot anew")
    options = parser.parse_args()
    arms = options.arms.split(",")
    if unknown := [arm for arm in arms if arm not in ARMS]:
        sys.exit(f"study.py: error: no arm {', '.join(unknown)}; wanted some of {', '.join(ARMS)}")
    failed = []
    if not options.report:
        jobs = [(task, int(seed)) for task in options.tasks.split(",") for seed in options.seeds.split(",")]
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            running = {pool.submit(run, task, seed, arms, options.episodes): (task, seed) for task, seed in jobs}
            for future in concurrent.futures.as_completed(running):
                if error := future.exception():
                    failed.append(f"{running[future][0]} seed {running[future][1]}: {error}")
    (HERE / "table.md").write_text(table())
    (HERE / "throughput.svg").write_text(plot())
    print(table())
    if failed:
        sys.exit("\n".join(f"study.py: error: {line}" for line in failed))


if __name__ == "__main__":
    main()
