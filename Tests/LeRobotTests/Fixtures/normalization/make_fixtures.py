"""Makes normalization.json: LeRobot's own normalisation, statistics and frame sampling.

Run with Python 3.12, lerobot 0.6.1, torch 2.11.0, numpy 2.2.6: python make_fixtures.py
"""

import json
import pathlib

import numpy as np
import torch
from lerobot.configs import FeatureType, NormalizationMode, PolicyFeature
from lerobot.datasets.compute_stats import (
    aggregate_feature_stats,
    auto_downsample_height_width,
    get_feature_stats,
    sample_indices,
)
from lerobot.lerobot_types import TransitionKey
from lerobot.processor.normalize_processor import NormalizerProcessorStep, UnnormalizerProcessorStep

here = pathlib.Path(__file__).parent
random = np.random.default_rng(20261122)
WIDTH = 6


def rows(count):
    """Columns of several scales: normal, uniform, skewed, two-valued, constant, far from 0."""
    return np.stack(
        [
            random.normal(0, 1, count),
            random.uniform(-3.14, 3.14, count),
            random.exponential(0.01, count),
            (random.uniform(0, 1, count) > 0.7).astype(float),
            np.full(count, 0.25),
            random.normal(1000, 0.5, count),
        ],
        axis=1,
    ).astype(np.float32)


def listed(stats):
    return {k: np.asarray(v, dtype=np.float64).ravel().tolist() for k, v in stats.items()}


data = rows(60)
quantiles = {
    f"q{p:02d}": np.quantile(data.astype(np.float64), p / 100, axis=0) for p in (1, 10, 50, 90, 99)
}
stats = get_feature_stats(data, axis=0, keepdims=False)
exact = {k: np.asarray(v, dtype=np.float64) for k, v in (stats | quantiles).items()}

inputs = np.concatenate([data[:6], random.normal(0, 3, (2, WIDTH)).astype(np.float32)])
feature = {"action": PolicyFeature(type=FeatureType.ACTION, shape=(WIDTH,))}
modes = {}
for mode in NormalizationMode:
    arguments = dict(features=feature, norm_map={FeatureType.ACTION: mode}, stats={"action": exact})
    results = {}
    for name, step in (
        ("normalized", NormalizerProcessorStep(**arguments)),
        ("denormalized", UnnormalizerProcessorStep(**arguments)),
    ):
        out = step({TransitionKey.ACTION: torch.from_numpy(inputs)})[TransitionKey.ACTION]
        results[name] = out.numpy().ravel().tolist()
    modes[mode.value] = results

# Frames that the test makes by the same formula: [n, 3, height, width].
frames = {}
for width, height in ((32, 24), (640, 480), (300, 470)):
    n, c, y, x = np.meshgrid(
        *(np.arange(k) for k in (3, 3, height, width)), indexing="ij", sparse=True
    )
    pixels = ((x * 7 + y * 13 + n * 31 + x * y // 8) // (c + 1) % 251).astype(np.uint8)
    thinned = np.stack([auto_downsample_height_width(f) for f in pixels])
    found = get_feature_stats(thinned, axis=(0, 2, 3), keepdims=True)
    # Its own mean of squares is in float32: mean and std are taken in float64 here.
    flat = thinned.astype(np.float64).transpose(1, 0, 2, 3).reshape(3, -1)
    found |= {"mean": flat.mean(axis=1), "std": flat.std(axis=1)}
    scaled = {k: v if k == "count" else np.asarray(v, dtype=np.float64) / 255 for k, v in found.items()}
    frames[f"{width}x{height}"] = listed(scaled)

parts = [get_feature_stats(data[:20], axis=0, keepdims=False)]
parts += [get_feature_stats(data[20:], axis=0, keepdims=False)]

json.dump(
    {
        "width": WIDTH,
        "rows": data.ravel().tolist(),
        "exact": listed(exact),
        "lerobot": listed(stats),
        "parts": [listed(p) for p in parts],
        "aggregated": listed(aggregate_feature_stats(parts)),
        "inputs": inputs.ravel().tolist(),
        "modes": modes,
        "frames": frames,
        "sampled": {str(n): sample_indices(n) for n in (1, 2, 99, 100, 101, 137, 600, 1000)},
    },
    open(here / "normalization.json", "w"),
)
