"""Makes types.parquet: an episode of three rows with columns of types that hold no numbers or texts, and whole numbers
from 2^63 on. Run with pyarrow: python make_types.py
"""

import datetime
import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

rows = range(3)
pq.write_table(
    pa.table({
        "action": pa.array([float(t) for t in rows], pa.float32()),
        "timestamp": pa.array([t / 10 for t in rows], pa.float32()),
        "frame_index": pa.array(rows, pa.int64()),
        "episode_index": pa.array([0] * 3, pa.int64()),
        "index": pa.array(rows, pa.int64()),
        "task_index": pa.array([0] * 3, pa.int64()),
        "date": pa.array([datetime.date(2024, 1, 1)] * 3),
        "when": pa.array([datetime.datetime(2024, 1, 1)] * 3, pa.timestamp("ns")),
        "price": pa.array([decimal.Decimal("1.25")] * 3, pa.decimal128(10, 2)),
        "big": pa.array([2**63 + t for t in rows], pa.uint64()),
    }),
    Path(__file__).parent / "types.parquet",
)
