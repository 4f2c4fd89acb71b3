"""Makes the datasets in language/ with LeRobot itself; run in this folder.

Made with Python 3.11, lerobot 0.6.1, datasets 5.2.0 and pyarrow 26.0.1. Language columns are written by LeRobot's annotation
writer from staged rows; rollouts have the columns of its evaluation. `advantage` is a style that LeRobot's pull request 3764 (RECAP)
registers; 0.6.1 takes it in the same way.
"""
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

import datasets
import numpy as np
from lerobot.annotations.steerable_pipeline.executor import Executor
from lerobot.annotations.steerable_pipeline.reader import iter_episodes
from lerobot.annotations.steerable_pipeline.staging import EpisodeStaging
from lerobot.annotations.steerable_pipeline.writer import LanguageColumnsWriter, speech_atom
from lerobot.datasets import language
from lerobot.datasets.dataset_tools import delete_episodes
from lerobot.datasets.lerobot_dataset import LeRobotDataset

datasets.disable_progress_bars()
language.PERSISTENT_STYLES.add("advantage")
FEATURES = {"observation.state": {"dtype": "float32", "shape": (2,), "names": ["x", "y"]},
            "action": {"dtype": "float32", "shape": (2,), "names": ["x", "y"]}}
FLAG = {"dtype": "bool", "shape": (1,), "names": None}
TOOL = {"type": "function", "function": {
    "name": "grip", "description": "Close the gripper.",
    "parameters": {"type": "object", "properties": {"force": {"type": "number"}}, "required": ["force"]}}}


def create(name, features):
    shutil.rmtree(f"language/{name}", ignore_errors=True)
    return LeRobotDataset.create(f"local/{name}", fps=10, features=features, root=f"language/{name}",
                                 robot_type="tiny", use_videos=False)


def record(name, lengths, more=None, values=lambda episode, t: {}):
    dataset = create(name, FEATURES | (more or {}))
    for episode, length in enumerate(lengths):
        for t in range(length):
            dataset.add_frame({"observation.state": np.array([episode, t], np.float32),
                               "action": np.array([t, -episode], np.float32), "task": "Put the cup down.",
                               **values(episode, t)})
        dataset.save_episode()
    dataset.finalize()
    return Path(f"language/{name}")


def row(style, content, role="assistant", timestamp=0.0, camera=None, calls=None):
    return {"role": role, "content": content, "style": style, "timestamp": timestamp, "camera": camera,
            "tool_calls": calls}


def annotate(root, rows):
    """Rows by episode, as the annotation command's last step writes them."""
    with tempfile.TemporaryDirectory() as staging:
        records = list(iter_episodes(root))
        for record in records:
            # Events are of frames: a time of a row is one of theirs.
            times = record.frame_timestamps
            own = [r | {"timestamp": times[r.pop("frame")]} if "frame" in r else r
                   for r in rows(record.episode_index, times)]
            EpisodeStaging(Path(staging), record.episode_index).write("plan", own)
        LanguageColumnsWriter().write_all(records, Path(staging), root)
    Executor._ensure_annotation_metadata_in_info(root)


def annotated(episode, times):
    """Styles of every kind; the last episode has none."""
    if episode == 2:
        return []
    return [
        row("subtask", "reach", timestamp=0.0), row("subtask", "lower — täglich", timestamp=times[2]),
        row("plan", "1. reach\n2. lower"), row("memory", ""), row("task_aug", "Set it down.", "user"),
        row("interjection", "Slower!", "user") | {"frame": 1},
        row("vqa", "Where is the cup?", "user", camera="observation.images.front") | {"frame": 3},
        row("vqa", '{"point": [12, 5]}', camera="observation.images.front") | {"frame": 3},
        speech_atom(times[1], f"Slowly, {episode}."),
    ]


def other_types(episode, times):
    """No tool is called and no camera named, so that the columns' types have nulls in them."""
    return [row("subtask", f"wipe {episode}"), row("interjection", "Stop.", "user") | {"frame": 0}]


def advantages(episode, times):
    """Every frame but each fourth, which is dropped for the unconditional branch; episode 2 has none."""
    if episode == 2:
        return []
    return [row("advantage", "positive" if (t + episode) % 3 == 0 else "negative", "user", timestamp=time)
            for t, time in enumerate(times) if t % 4 != 3]


def rollout():
    """The columns of `lerobot-eval --eval.recording`: a success that lasts, one that does not, a failure."""
    successes = [[0, 0, 1, 1], [0, 1, 0], [0, 0, 0, 0, 0]]
    reward = {"dtype": "float32", "shape": (1,), "names": None}
    record("rollout", [len(own) for own in successes], {"next.reward": reward, "next.success": FLAG, "next.done": FLAG},
           lambda episode, t: {"next.reward": np.array([-1], np.float32), "next.success": np.array([successes[episode][t] == 1]),
                               "next.done": np.array([t + 1 == len(successes[episode])])})


def main():
    annotate(record("annotated", [5, 4, 6]), annotated)
    # LeRobot's own copies have the calls of tools as JSON in texts, and no tools in info.json.
    shutil.rmtree("language/json_calls", ignore_errors=True)
    delete_episodes(LeRobotDataset("local/annotated", root="language/annotated"), [2],
                    output_dir="language/json_calls", repo_id="local/json_calls")
    annotate(record("other_types", [3, 2]), other_types)
    root = Path("language/other_types")
    meta = LeRobotDataset("local/other_types", root=root).meta
    meta.tools = [TOOL] + meta.tools
    rollout()
    # A person takes over in the middle of the first episode, and for the whole of the last.
    annotate(record("advantage", [6, 8, 5], {"intervention": FLAG, "next.success": FLAG}, lambda episode, t: {
        "intervention": np.array([episode == 0 and t in (2, 3) or episode == 2]),
        "next.success": np.array([episode != 1 and t > 3])}), advantages)
    for path in Path("language").rglob("*"):
        if path.name in ("README.md", "images", ".cache"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    main()
