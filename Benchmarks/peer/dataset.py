"""Reads a LeRobot v2.1 dataset as whole episodes, the way the classic program does: every time anew."""

import json
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as parquet
import torch

from recap_reference import Batch
from stopwatch import timed


class Episodes(torch.utils.data.Dataset):
    """The episodes of one type; all of them when no episode has a type or none has this one."""

    def __init__(self, settings: dict, image_processor, kind: str):
        self.settings, self.image_processor = settings, image_processor
        self.root = Path(settings["path"])
        self.info = json.loads((self.root / "meta/info.json").read_text())
        entries = read_lines(self.root / "meta/episodes.jsonl")
        chosen = [e for e in entries if e.get("episode_type") == kind]
        if not chosen:
            print(f"no episode is marked {kind!r}: all {len(entries)} are used")
        self.entries = chosen or entries
        self.tasks = {t["task_index"]: t["task"] for t in read_lines(self.root / "meta/tasks.jsonl")}
        cameras = sorted(k for k, f in self.info["features"].items() if f["dtype"] == "video")
        wanted = settings["image_keys"][0]
        self.camera = wanted if wanted in cameras else cameras[0]

    def __len__(self) -> int:
        return len(self.entries)

    def path(self, template: str, index: int) -> Path:
        chunk = index // self.info["chunks_size"]
        return self.root / template.format(
            episode_chunk=chunk, chunk_index=chunk, episode_index=index, video_key=self.camera)

    def __getitem__(self, position: int) -> dict:
        entry = self.entries[position]
        index = entry["episode_index"]
        table = parquet.read_table(self.path(self.info["data_path"], index))
        columns, keys = set(table.column_names), self.settings
        length = table.num_rows

        def first(*names):
            return next((table[n].to_pylist() for n in names if n in columns), None)

        last = [t == length - 1 for t in range(length)]
        dones = first(keys["done_key"], "next.done") or last
        rewards = first(keys["reward_key"], "next.reward")
        if rewards is None:
            rewards = [float(x and entry.get("success", False)) for x in last]
        text = (first(keys["text_key"]) or [self.tasks.get(table["task_index"][0].as_py(), "")])[0]
        frames = decode(self.path(self.info["video_path"], index))
        if len(frames) != length:
            raise ValueError(f"episode {index}: {len(frames)} frames but {length} rows")
        with timed("process"):
            pixels = self.image_processor(frames, return_tensors="pt")["pixel_values"]
        return {
            "pixels": pixels, "text": text,
            "actions": torch.tensor(table[keys["action_key"]].to_pylist(), dtype=torch.float32),
            "rewards": torch.tensor(rewards, dtype=torch.float32).reshape(length),
            "dones": torch.tensor(dones, dtype=torch.bool).reshape(length),
        }


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def decode(path: Path) -> list[np.ndarray]:
    with timed("decode"), av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def collate(tokenizer):
    """Pads whole episodes with zeros to the longest."""

    def pad(items: list[torch.Tensor]) -> torch.Tensor:
        return torch.nn.utils.rnn.pad_sequence(items, batch_first=True)

    def build(episodes: list[dict]) -> Batch:
        tokens = tokenizer(
            [e["text"] for e in episodes], padding=True, truncation=True, max_length=512, return_tensors="pt")
        return Batch(
            pixels=pad([e["pixels"] for e in episodes]),
            tokens={k: tokens[k] for k in ("input_ids", "attention_mask")},
            actions=pad([e["actions"] for e in episodes]),
            rewards=pad([e["rewards"] for e in episodes]),
            dones=pad([e["dones"] for e in episodes]),
            valid=pad([torch.ones(len(e["rewards"]), dtype=torch.bool) for e in episodes]))

    return build
