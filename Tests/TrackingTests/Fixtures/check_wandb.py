"""Reads an offline run with W&B's own message definitions and checks every record.

The run is the one that WandbTests.swift writes. Chunks are taken apart here (the client's Python
part has no reader since it moved to Go); messages are parsed by wandb.proto. Tried with wandb
0.31.0. Run: python check_wandb.py RUN_FOLDER
"""

import json
import math
import pathlib
import struct
import sys
import zlib

from google.protobuf import unknown_fields
from wandb.proto import wandb_internal_pb2


def records(path):
    data = path.read_bytes()
    assert data[:7] == b":W&B" + struct.pack("<HB", 0xBEE1, 0)
    position, pending, kinds = 7, None, set()
    while position < len(data):
        room = 32768 - position % 32768
        if room < 7:
            assert not any(data[position:position + room])
            position += room
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, position)
        part = data[position + 7:position + 7 + length]
        assert length <= room - 7 and len(part) == length
        assert checksum == zlib.crc32(bytes([kind]) + part)
        position += 7 + length
        kinds.add(kind)
        assert (pending is None) == (kind in (1, 2)), kind
        pending = part if kind in (1, 2) else pending + part
        if kind in (1, 4):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(pending)
            pending = None
            yield record
    assert pending is None and kinds == {1, 2, 3, 4}, kinds


def is_known(message):
    """Whether the message and all within it have no field but the definitions' own."""
    if len(unknown_fields.UnknownFieldSet(message)):
        return False
    inner = [value for field, value in message.ListFields() if field.message_type]
    return all(is_known(part) for value in inner
               for part in ([value] if hasattr(value, "ListFields") else value))


def values(items):
    return {"/".join(i.nested_key) if len(i.nested_key) > 1 else i.nested_key[0]:
            json.loads(i.value_json) for i in items}


def main():
    folder = pathlib.Path(sys.argv[1])
    assert {p.name for p in folder.iterdir()} >= {"files", "logs", "tmp"}
    assert (folder / "tmp/code").is_dir()
    assert (folder.parent / "latest-run").resolve() == folder.resolve()
    (path,) = folder.glob("run-*.wandb")
    run_id = path.stem.removeprefix("run-")
    assert folder.name.startswith("offline-run-") and folder.name.endswith("-" + run_id)

    everything = list(records(path))
    assert [r.num for r in everything] == list(range(1, len(everything) + 1))
    assert all(map(is_known, everything))
    kinds = [r.WhichOneof("record_type") for r in everything]
    assert kinds[:5] == ["header", "run", "environment", "metric", "metric"], kinds
    assert kinds[-2:] == ["summary", "exit"], kinds

    assert everything[0].header.version_info.min_consumer == "0.70.0"
    run = everything[1].run
    assert (run.run_id, run.project, run.display_name) == (run_id, "recap", "a run")
    assert run.notes == "three \"lines\"\nof notes\u2028é"
    config = values(run.config.update)
    assert config == {
        "learning_rate": 0.0001, "name": "x/y \"z\"", "nested": {"list": [1, 2.5], "on": True},
        "none": None}, config
    assert run.start_time.seconds == 1_790_000_000

    history = [r.history for r in everything if r.WhichOneof("record_type") == "history"]
    assert len(history) == 101
    for index, row in enumerate(history):
        assert row.step.num == index
        row = values(row.item)
        assert row["_step"] == index and row["global_step"] == 2 * index
        assert abs(row["_runtime"] - (index + 1)) < 1e-6 and row["stage"] == "demonstrations"
        assert abs(row["_timestamp"] - (1_790_000_001 + index)) < 1e-3
        if index < 100:
            assert row["train/demo_loss"] == 1 / (index + 1)
        if index == 50:
            assert math.isnan(row["nan"])
            assert row["up"] == math.inf and row["down"] == -math.inf
    assert len(values(history[100].item)) == 5 + 3000

    summaries = [r.summary for r in everything if r.WhichOneof("record_type") == "summary"]
    assert len(summaries) == 4, len(summaries)  # every 30 s, and at the end
    summary = values(summaries[-1].update)
    assert summary["train/demo_loss"] == 0.01 and summary["_step"] == 100
    assert math.isnan(summary["nan"]) and summary["_wandb/runtime"] == 102
    assert everything[-1].exit.exit_code == 3 and everything[-1].exit.runtime == 102
    print(f"{len(everything)} records")


main()
